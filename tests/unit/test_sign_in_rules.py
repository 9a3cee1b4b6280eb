"""Which addresses there are, and which codes are right."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.messages.model import MessageChannel
from app.shared.i18n import Language
from app.shared.networks import network_of
from app.sign_in import rules
from app.sign_in.model import Address
from app.sign_in.texts import code_message

EMAIL, SMS = MessageChannel.EMAIL, MessageChannel.SMS


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("Hana@Example.COM", "hana@example.com"),
        (" hana@example.com ", "hana@example.com"),
        ("hana+shop@example.co.jp", "hana+shop@example.co.jp"),
        ("hana@はな.jp", "hana@xn--q9jj.jp"),
    ],
)
def test_an_email_address_has_one_form(text: str, normal: str) -> None:
    assert rules.address_of(EMAIL, text, ["JP"]) == Address(EMAIL, normal)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hana",
        "hana@",
        "@example.com",
        "hana@example",
        "hana@@example.com",
        "hana@example.com\nBcc: all@example.com",
        "hana\r\n@example.com",
        "a,b@example.com",
        "x" * 250 + "@example.com",
        "hana@[127.0.0.1]",
        "hana@localhost",
        "\x00@example.com",
        "花@example.jp",
    ],
)
def test_what_is_no_email_address(text: str) -> None:
    assert rules.address_of(EMAIL, text, ["JP"]) is None


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("090-1234-5678", "+819012345678"),
        ("090 1234 5678", "+819012345678"),
        ("０９０１２３４５６７８", "+819012345678"),
        ("+81 90 1234 5678", "+819012345678"),
        ("+81 (0)90 1234 5678", "+819012345678"),
    ],
)
def test_a_telephone_number_has_one_form(text: str, normal: str) -> None:
    assert rules.address_of(SMS, text, ["JP"]) == Address(SMS, normal)


@pytest.mark.parametrize("text", ["", "090", "+1 202 555 0143", "+882 16 12345678", "a@example.com", "110"])
def test_no_code_is_sent_to_what_is_no_telephone_or_to_another_country(text: str) -> None:
    assert rules.address_of(SMS, text, ["JP"]) is None


@pytest.mark.parametrize(
    "text", ["03-1234-5678", "06 6345 1234", "0120-123-456", "0800-123-4567", "0990-123-456", "050-3123-4567"]
)
def test_no_code_is_sent_to_landlines_or_to_toll_free_premium_and_internet_numbers(text: str) -> None:
    assert rules.address_of(SMS, text, ["JP"]) is None


def test_further_countries_can_be_reached() -> None:
    assert rules.address_of(SMS, "+1 202 456 1111", ["JP", "US"]) == Address(SMS, "+12024561111")


@given(st.text(max_size=400), st.sampled_from(MessageChannel))
def test_any_text_is_an_address_or_none(text: str, channel: MessageChannel) -> None:
    address = rules.address_of(channel, text, ["JP"])
    if address is not None:
        assert rules.address_of(channel, address.destination, ["JP"]) == address
        assert len(address.destination.splitlines()) == 1


def test_codes_have_six_digits_and_differ() -> None:
    codes = [rules.new_code() for _ in range(2000)]
    assert all(len(code) == 6 and code.isdigit() for code in codes)
    assert max(Counter(codes).values()) < 10
    assert any(code.startswith("0") for code in codes)


@pytest.mark.parametrize("typed", ["012345", " 012345 ", "012 345", "０１２３４５", "012-345"])
def test_a_code_is_right_however_it_is_typed(typed: str) -> None:
    kept = rules.code_hash("challenge", "012345")
    assert rules.is_code(typed, "challenge", kept)
    assert not rules.is_code(typed, "another challenge", kept)


@pytest.mark.parametrize("typed", ["", "12345", "012346", "0123450", "x" * 10_000, "012345" * 10])
def test_any_other_code_is_wrong(typed: str) -> None:
    assert not rules.is_code(typed, "challenge", rules.code_hash("challenge", "012345"))


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("channel", MessageChannel)
def test_the_message_tells_the_code(language: Language, channel: MessageChannel) -> None:
    message = code_message(Address(channel, "to"), "012345", "こはる", "shop.example", language)
    assert message.destination == "to"
    assert all(part in message.text for part in ("012345", "こはる", "10"))
    assert "012345" in message.subject
    assert message.text.endswith("@shop.example #012345") is (channel is SMS)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_an_ipv6_caller_is_known_by_the_network(address: str, network: str) -> None:
    assert network_of(address) == network
