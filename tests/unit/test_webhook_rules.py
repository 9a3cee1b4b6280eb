"""When webhooks are tried again, and where they may go."""

from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.webhooks.model import PING, WebhookFailure, WebhookSecret
from app.webhooks.rules import (
    FAILING_FOR,
    MAXIMUM_TRIES,
    OLD_SECRET_SIGNS_FOR,
    answer_of,
    has_failed_too_long,
    is_public,
    next_try,
    normal_url,
    rotated,
)
from tests.conftest import NOON_IN_TOKYO

jitters = st.floats(0, 1)
HOURS = [5 / 3600, 5 / 60, 0.5, 2, 5, 10, 14, 20, 24]

NOT_PUBLIC = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    "::/128", "::1/128", "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/32",
    "2001:db8::/32", "2002::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
]  # fmt: skip


@pytest.mark.parametrize(("tries", "hours"), list(enumerate(HOURS, 1)))
@given(jitter=jitters)
def test_the_pauses_grow_and_are_up_to_a_tenth_longer(tries: int, hours: float, jitter: float) -> None:
    due_at = next_try(tries, "CheckedIn", NOON_IN_TOKYO, jitter)
    assert due_at is not None
    assert 1 <= (due_at - NOON_IN_TOKYO) / timedelta(hours=hours) <= 1.1001


def test_what_failed_ten_times_is_not_tried_again() -> None:
    assert MAXIMUM_TRIES == 10
    assert next_try(10, "CheckedIn", NOON_IN_TOKYO, 0) is None
    assert next_try(1, PING, NOON_IN_TOKYO, 0) is None


@pytest.mark.parametrize(
    ("status", "is_taken"), [(200, True), (299, True), (199, False), (302, False), (410, False)]
)
def test_only_2xx_takes_an_event(status: int, is_taken: bool) -> None:
    assert answer_of(status, "").failure is (None if is_taken else WebhookFailure.REFUSED)


def test_five_days_of_failing_are_too_long() -> None:
    assert has_failed_too_long(NOON_IN_TOKYO, NOON_IN_TOKYO + FAILING_FOR)
    assert not has_failed_too_long(NOON_IN_TOKYO, NOON_IN_TOKYO + FAILING_FOR - timedelta(seconds=1))


def test_of_the_secrets_the_newest_goes_on_for_a_day() -> None:
    old = (WebhookSecret(b"newest"), WebhookSecret(b"oldest", NOON_IN_TOKYO))
    assert rotated(old, b"new", NOON_IN_TOKYO) == (
        WebhookSecret(b"new"),
        WebhookSecret(b"newest", NOON_IN_TOKYO + OLD_SECRET_SIGNS_FOR),
    )


@pytest.mark.parametrize("network", NOT_PUBLIC)
@given(data=st.data())
def test_no_address_of_a_special_network_is_public(network: str, data: st.DataObject) -> None:
    space = IPv6Network(network) if ":" in network else IPv4Network(network)
    kind = IPv6Address if ":" in network else IPv4Address
    number = data.draw(st.integers(int(space.network_address), int(space.broadcast_address)))
    assert not is_public(kind(number))


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "133.11.0.1", "2606:4700::1111", "2400:4050::1"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("https://shop.example/hooks?key=1", "https://shop.example/hooks?key=1"),
        ("HTTPS://Shop.Example", "https://shop.example"),
        ("https://shop.example:8443/", "https://shop.example:8443/"),
        ("https://店.example/", "https://xn--hxt.example/"),
        ("https://8.8.8.8/", "https://8.8.8.8/"),
        ("http://shop.example/", None),
        ("https://user:password@shop.example/", None),
        ("https://shop.example/#part", None),
        ("https://127.0.0.1/", None),
        ("https://[::1]/", None),
        ("https://[::ffff:127.0.0.1]/", None),
        ("https://169.254.169.254/latest", None),
        ("https://shop.example:99999/", None),
        ("https://shop.example:0/", None),
        ("https:///hooks", None),
        ("https://", None),
        ("ftp://shop.example/", None),
        ("shop.example", None),
        ("", None),
        ("https://shop.example/\r\nX: 1", None),
        ("https://shop.example/\ud800", None),
        ("https://shop.example/" + "a" * 1000, None),
    ],
)  # fmt: skip
def test_where_webhooks_may_go(text: str, kept: str | None) -> None:
    assert normal_url(text, allows_private=False) == kept


@pytest.mark.parametrize("text", ["http://127.0.0.1:8080/hooks", "https://192.168.1.2/", "http://[::1]:1/"])
def test_in_development_they_may_go_to_private_addresses(text: str) -> None:
    assert normal_url(text, allows_private=True) == text


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_addresses(text: str) -> None:
    for allows_private in (True, False):
        normal_url(text, allows_private)
        normal_url("https://" + text, allows_private)
