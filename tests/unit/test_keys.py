"""The keys that sign access tokens: made once, kept for their owner, changed without refusing anybody."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from app.auth.errors import TokenRefused
from app.auth.keys import KeyRing, SigningKeyError, rotate
from app.auth.tokens import AccessTokens
from app.shared.i18n import Language

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def the_key(folder: Path) -> Path:
    (path,) = folder.glob("*.pem")
    return path


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    first = KeyRing(tmp_path, NOW).signing_key(NOW)
    assert stat.S_IMODE(the_key(tmp_path).stat().st_mode) == 0o600
    assert KeyRing(tmp_path, NOW).signing_key(NOW).id == first.id


def test_processes_that_start_together_share_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(32) as pool:
        rings = list(pool.map(lambda _: KeyRing(tmp_path / "keys", NOW), range(32)))
    assert len({ring.signing_key(NOW).id for ring in rings}) == 1
    assert the_key(tmp_path / "keys")


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    KeyRing(tmp_path, NOW)
    the_key(tmp_path).chmod(0o640)
    with pytest.raises(SigningKeyError, match="chmod 600"):
        KeyRing(tmp_path, NOW)


def test_other_files_are_no_keys(tmp_path: Path) -> None:
    KeyRing(tmp_path, NOW)
    the_key(tmp_path).write_bytes(b"not a key")
    with pytest.raises(SigningKeyError, match="PEM"):
        KeyRing(tmp_path, NOW)


@pytest.mark.parametrize(
    "other", [ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 2048)]
)
def test_other_kinds_of_keys_are_refused(tmp_path: Path, other: Any) -> None:
    KeyRing(tmp_path, NOW)
    pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    the_key(tmp_path).write_bytes(pem)
    with pytest.raises(SigningKeyError, match="P-256"):
        KeyRing(tmp_path, NOW)


def test_a_rotation_refuses_nobody(tmp_path: Path) -> None:
    """Two processes, a token every second by each in turn, verified by the other, through a rotation."""
    rings = [KeyRing(tmp_path, NOW), KeyRing(tmp_path, NOW + timedelta(seconds=7))]
    processes = [AccessTokens(ring, "us", "us", timedelta(minutes=15)) for ring in rings]
    signed_by: list[str] = []
    live: list[tuple[str, datetime]] = []
    for second in range(20 * 60):
        now = NOW + timedelta(seconds=second)
        if second == 30:
            next_key = rotate(tmp_path, now)
        token = processes[second % 2].issue("member", "session", Language.JA, now)
        signed_by.append(jwt.get_unverified_header(token.text)["kid"])
        processes[(second + 1) % 2].verify(token.text, now)
        if second % 60 == 0:
            live.append((token.text, token.expires_at))
            for text, expires_at in live:
                if expires_at > now:
                    processes[second // 60 % 2].verify(text, now)
    assert signed_by[89] != next_key.id
    assert set(signed_by[90:]) == {next_key.id}


def test_another_process_knows_a_new_key_within_a_second(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path, NOW)
    assert ring.signing_key(NOW + timedelta(seconds=1)) == ring.all()[0]
    next_key = rotate(tmp_path, NOW + timedelta(seconds=1))
    assert ring.find(next_key.id, NOW + timedelta(seconds=2)) is not None


def test_what_the_folder_does_not_tell_of_is_seen_in_20_seconds(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path, NOW)
    before = tmp_path.stat()
    next_key = rotate(tmp_path, NOW)
    os.utime(tmp_path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert ring.find(next_key.id, NOW + timedelta(seconds=19)) is None
    assert ring.find(next_key.id, NOW + timedelta(seconds=20)) is not None


def test_old_keys_go_when_their_tokens_have_long_expired(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path, NOW)
    first = ring.signing_key(NOW)
    second = rotate(tmp_path, NOW)
    rotate(tmp_path, NOW + timedelta(hours=23))
    assert len(list(tmp_path.glob("*.pem"))) == 3
    later = NOW + timedelta(days=3)
    rotate(tmp_path, later)
    tokens = AccessTokens(ring, "us", "us", timedelta(minutes=15))
    assert ring.find(first.id, later) is None
    assert ring.find(second.id, later) is None
    old = AccessTokens(KeyRing(tmp_path / "other", NOW), "us", "us", timedelta(minutes=15))
    with pytest.raises(TokenRefused):
        tokens.verify(old.issue("member", "session", Language.JA, later).text, later)


def test_the_public_keys_verify_our_tokens_anywhere(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path, NOW)
    rotate(tmp_path, NOW)
    now = NOW + timedelta(minutes=2)
    token = AccessTokens(ring, "us", "us", timedelta(minutes=15)).issue("member", "s", Language.JA, now)
    published = jwt.PyJWKSet.from_dict(ring.to_jwks(now))
    assert len(published.keys) == 2
    key = published[jwt.get_unverified_header(token.text)["kid"]]
    options: Any = {"verify_exp": False, "verify_iat": False}
    claims = jwt.decode(token.text, key, algorithms=["ES256"], audience="us", options=options)
    assert claims["sub"] == "member"
    assert all(
        each.keys() == {"kty", "crv", "alg", "use", "kid", "x", "y"} for each in ring.to_jwks(now)["keys"]
    )


@pytest.mark.parametrize("accident", ["half a file", "a file for all", "no folder"])
def test_a_bad_folder_stops_no_server_that_runs(tmp_path: Path, accident: str) -> None:
    folder = tmp_path / "keys"
    ring = KeyRing(folder, NOW)
    key = ring.signing_key(NOW)
    if accident == "no folder":
        folder.rename(tmp_path / "elsewhere")
    else:
        bad = folder / "1800000000-AAAAAAAAAAAAAAAA.pem"
        bad.write_text("-----BEGIN PRIV")
        bad.chmod(0o600 if accident == "half a file" else 0o644)
    later = NOW + timedelta(minutes=5)
    assert ring.find(key.id, later) == key
    assert ring.signing_key(later) == key


def test_a_key_made_by_root_belongs_to_the_folders_owner(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make files for others")
    KeyRing(tmp_path / "keys", NOW)
    os.chown(tmp_path / "keys", 65534, 65534)
    rotate(tmp_path / "keys", NOW)
    newest = max((tmp_path / "keys").glob("*.pem"), key=lambda path: int(path.name.split("-")[0]))
    assert (newest.stat().st_uid, stat.S_IMODE(newest.stat().st_mode)) == (65534, 0o600)
