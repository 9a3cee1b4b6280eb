"""Access tokens: what is signed, what is refused, and the key behind it."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.auth.actor import StaffActor
from app.auth.errors import TokenExpired, TokenRefused
from app.auth.keys import KeyRing, SigningKey
from app.auth.partners import Scope
from app.auth.roles import Role
from app.auth.tokens import AccessTokens, PartnerClaims
from app.shared.i18n import Language

LIFETIME = timedelta(minutes=15)
NOW = datetime.now(UTC)


@pytest.fixture
def keys(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path, NOW)


@pytest.fixture
def key(keys: KeyRing) -> SigningKey:
    return keys.signing_key(NOW)


@pytest.fixture
def tokens(keys: KeyRing) -> AccessTokens:
    return AccessTokens(keys, "https://tsunagu.example", "tsunagu", LIFETIME)


def claims(**changes: Any) -> dict[str, Any]:
    now = int(NOW.timestamp())
    good = {
        "iss": "https://tsunagu.example",
        "aud": "tsunagu",
        "sub": "member",
        "sid": "session",
        "iat": now,
        "exp": now + 900,
        "jti": "id",
        "locale": "en",
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def forge(key: SigningKey, payload: dict[str, Any], **headers: Any) -> str:
    header = {"typ": "at+jwt", "kid": key.id, **headers}
    return jwt.encode(payload, key.private, algorithm="ES256", headers=header)


def test_a_token_says_who_holds_it(tokens: AccessTokens) -> None:
    token = tokens.issue("member", "session", Language.EN, NOW)
    actor = tokens.verify(token.text, NOW)
    assert (actor.member_id, actor.session_id, actor.language) == ("member", "session", Language.EN)
    assert abs(token.expires_at - (NOW + LIFETIME)) <= timedelta(seconds=1)


def test_a_token_has_the_claims_of_rfc_9068(tokens: AccessTokens) -> None:
    text = tokens.issue("member", "session", Language.JA, NOW).text
    assert jwt.get_unverified_header(text)["typ"] == "at+jwt"
    assert jwt.get_unverified_header(text)["alg"] == "ES256"
    payload = jwt.decode(text, options={"verify_signature": False})
    assert {"iss", "aud", "sub", "exp", "iat", "jti"} <= payload.keys()


def test_each_token_has_an_id_of_its_own(tokens: AccessTokens) -> None:
    texts = [tokens.issue("member", "session", Language.JA, NOW).text for _ in range(5)]
    assert len({jwt.decode(text, options={"verify_signature": False})["jti"] for text in texts}) == 5


def test_a_token_expires_after_its_15_minutes(tokens: AccessTokens) -> None:
    token = tokens.issue("member", "session", Language.JA, NOW)
    tokens.verify(token.text, token.expires_at - timedelta(milliseconds=1))
    with pytest.raises(TokenExpired):
        tokens.verify(token.text, token.expires_at)


@pytest.mark.parametrize("missing", ["iss", "aud", "sub", "sid", "exp", "iat", "jti", "locale"])
def test_every_claim_is_required(tokens: AccessTokens, key: SigningKey, missing: str) -> None:
    tokens.verify(forge(key, claims()), NOW)
    with pytest.raises(TokenRefused):
        tokens.verify(forge(key, claims(**{missing: None})), NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "another"},
        {"iat": 9_999_999_999},
        {"iat": "1"},
        {"exp": "9999999999"},
        {"exp": 1e400},
        {"sid": 5},
        {"sub": 5},
        {"locale": "fr"},
        {"aud": ["tsunagu"]},
        # What a token of another kind says makes it none at all.
        {"role": "HEADQUARTERS"},
        {"role": "HEADQUARTERS", "store": "store"},
        {"client_id": "member"},
        {"client_id": "member", "scope": "cards:verify"},
        {"scope": "cards:verify"},
        {"further": "claim"},
    ],
)
def test_claims_must_be_ours(tokens: AccessTokens, key: SigningKey, changes: dict[str, Any]) -> None:
    with pytest.raises(TokenRefused):
        tokens.verify(forge(key, claims(**changes)), NOW)


@pytest.mark.parametrize(
    "headers", [{"typ": "JWT"}, {"typ": None}, {"kid": "another"}, {"crit": ["x"], "x": 1}]
)
def test_headers_must_be_ours(tokens: AccessTokens, key: SigningKey, headers: dict[str, Any]) -> None:
    with pytest.raises(TokenRefused):
        tokens.verify(forge(key, claims(), **headers), NOW)


def test_another_key_is_refused(tokens: AccessTokens, key: SigningKey, tmp_path: Path) -> None:
    other = KeyRing(tmp_path / "other", NOW).signing_key(NOW)
    with pytest.raises(TokenRefused):
        tokens.verify(forge(replace(other, id=key.id), claims()), NOW)


def test_no_signature_is_refused(tokens: AccessTokens, key: SigningKey) -> None:
    unsigned = jwt.encode(claims(), None, algorithm="none", headers={"typ": "at+jwt", "kid": key.id})
    with pytest.raises(TokenRefused):
        tokens.verify(unsigned, NOW)


def test_the_public_key_as_a_shared_secret_is_refused(tokens: AccessTokens, key: SigningKey) -> None:
    """The confusion of RFC 8725, 2.1: a token signed by HMAC with the public key as its secret."""
    header = {"alg": "HS256", "typ": "at+jwt", "kid": key.id}
    secret = key.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signing_input = b".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims())
    )

    signature = base64.urlsafe_b64encode(hmac.new(secret, signing_input, hashlib.sha256).digest()).rstrip(
        b"="
    )
    with pytest.raises(TokenRefused):
        tokens.verify((signing_input + b"." + signature).decode(), NOW)


@pytest.mark.parametrize("text", ["", ".", "a.b.c", "あ.い.う", "x" * 2049, "eyJ9.eyJ9.AAAA"])
def test_other_texts_are_no_tokens(tokens: AccessTokens, text: str) -> None:
    with pytest.raises(TokenRefused):
        tokens.verify(text, NOW)


def test_a_changed_token_is_refused(tokens: AccessTokens) -> None:
    head, body, signature = tokens.issue("a", "b", Language.JA, NOW).text.split(".")
    changed = "A" if body[5] != "A" else "B"
    with pytest.raises(TokenRefused):
        tokens.verify(".".join([head, body[:5] + changed + body[6:], signature]), NOW)


STAFF = StaffActor("staff", Role.COUNTER, "store", "device", "session", Language.JA)


def staff_claims(**changes: Any) -> dict[str, Any]:
    good = {"sub": "staff", "locale": "ja", "role": "COUNTER", "store": "store", "device": "device"}
    return claims(**good | changes)


@pytest.mark.parametrize("actor", [STAFF, replace(STAFF, role=Role.HEADQUARTERS, store_id=None)])
def test_a_staff_token_says_role_store_and_device(tokens: AccessTokens, actor: StaffActor) -> None:
    token = tokens.issue_to_staff(actor, NOW + timedelta(hours=12), NOW)
    assert tokens.verify(token.text, NOW) == actor
    assert abs(token.expires_at - (NOW + LIFETIME)) <= timedelta(seconds=1)


def test_a_staff_token_ends_with_the_shift(tokens: AccessTokens) -> None:
    ends_at = NOW + timedelta(minutes=5)
    token = tokens.issue_to_staff(STAFF, ends_at, NOW)
    assert token.expires_at <= ends_at
    with pytest.raises(TokenExpired):
        tokens.verify(token.text, ends_at)


@pytest.mark.parametrize(
    "changes",
    [
        {"role": "OWNER"},
        {"role": 1},
        {"role": ["HEADQUARTERS"]},
        {"role": None},
        {"store": 5},
        {"store": ["store"]},
        {"device": None},
        {"device": 5},
        {"sid": None},
        {"locale": None},
        {"client_id": "staff"},
        {"client_id": "staff", "scope": "cards:verify"},
        {"member_id": "member"},
    ],
)
def test_a_staff_token_says_all_of_it_and_no_more(
    tokens: AccessTokens, key: SigningKey, changes: dict[str, Any]
) -> None:
    assert tokens.verify(forge(key, staff_claims()), NOW) == STAFF
    with pytest.raises(TokenRefused):
        tokens.verify(forge(key, staff_claims(**changes)), NOW)


def test_a_staff_token_without_a_store_claim_is_none(tokens: AccessTokens, key: SigningKey) -> None:
    """No store is said by null: a claim that is left out is not taken for headquarters."""
    with pytest.raises(TokenRefused):
        tokens.verify(forge(key, staff_claims(store=None)), NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "another"},
        {"client_id": None},
        {"scope": None},
        {"scope": ["cards:verify"]},
        {"sid": "session"},
        {"sid": "session", "locale": "ja"},
        {"role": "HEADQUARTERS"},
    ],
)
def test_a_partners_token_says_all_of_it_and_no_more(
    tokens: AccessTokens, key: SigningKey, changes: dict[str, Any]
) -> None:
    scope = "cards:verify unheard:of"
    good = {"sub": "till", "sid": None, "locale": None, "client_id": "till", "scope": scope}
    found = tokens.verify(forge(key, claims(**good)), NOW)
    assert found == PartnerClaims("till", frozenset({Scope.CARDS_VERIFY}))
    with pytest.raises(TokenRefused):
        tokens.verify(forge(key, claims(**good | changes)), NOW)


def test_a_token_that_is_known_ends_all_the_same(tokens: AccessTokens) -> None:
    text = tokens.issue("member", "session", Language.EN, NOW).text
    assert tokens.verify(text, NOW) == tokens.verify(text, NOW)
    with pytest.raises(TokenExpired):
        tokens.verify(text, NOW + LIFETIME)


def test_a_token_that_is_known_is_refused_when_its_key_is_gone(tokens: AccessTokens, tmp_path: Path) -> None:
    text = tokens.issue("member", "session", Language.EN, NOW).text
    tokens.verify(text, NOW)
    for file in tmp_path.glob("*.pem"):
        file.unlink()
    KeyRing(tmp_path, NOW)
    with pytest.raises(TokenRefused):
        tokens.verify(text, NOW + timedelta(seconds=30))


def test_only_so_many_tokens_are_remembered(tokens: AccessTokens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.auth.tokens.MAXIMUM_KNOWN_TOKENS", 3)
    texts = [tokens.issue("member", "session", Language.EN, NOW).text for _ in range(5)]
    for text in texts:
        tokens.verify(text, NOW)
    assert list(tokens._known) == texts[2:]
