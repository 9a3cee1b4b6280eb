"""Signatures by Standard Webhooks, held against the specification's own library."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from app.shared.standard_webhooks import (
    new_signing_key,
    secret_of,
    signature,
    signed_headers,
    signing_key_of,
)

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_the_signature_of_the_specifications_example() -> None:
    signed = signature(
        signing_key_of(SECRET), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(
    st.binary(min_size=24, max_size=64),
    st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1),
    st.integers(0, 4_000_000_000),
    st.text(st.characters(codec="utf-8")),
)
def test_signatures_are_those_of_the_library(key: bytes, message_id: str, timestamp: int, body: str) -> None:
    expected = Webhook(secret_of(key)).sign(message_id, datetime.fromtimestamp(timestamp, UTC), body)
    assert signature(key, message_id, timestamp, body.encode()) == expected


def test_each_of_the_keys_verifies_what_was_signed_with_several() -> None:
    keys, body = [new_signing_key(), new_signing_key()], b'{"type":"CheckedIn"}'
    headers = signed_headers(keys, "an-event", datetime.now(UTC), body)
    for key in keys:
        assert Webhook(secret_of(key)).verify(body, headers) == {"type": "CheckedIn"}


@given(st.binary(min_size=24, max_size=64))
def test_a_secret_gives_back_its_key(key: bytes) -> None:
    assert signing_key_of(secret_of(key)) == key


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_c2VjcmV0", "whsec_" + "A" * 88, "whsec_é", SECRET[6:]]
)
def test_other_texts_are_no_secrets(secret: str) -> None:
    with pytest.raises(ValueError, match="must be whsec_ and 24 to 64 bytes") as refused:
        signing_key_of(secret)
    assert "c2VjcmV0" not in str(refused.value)
