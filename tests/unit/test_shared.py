"""Distances, languages, cursors, ids and refusals."""

import json
import math
import re
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from bson import decode, encode
from bson.codec_options import CodecOptions
from hypothesis import given
from hypothesis import strategies as st

import app.composition  # noqa: F401  declares every refusal
from app.shared.clock import SystemClock, midnight, rfc3339, whole_milliseconds
from app.shared.errors import CursorInvalid, PageSizeInvalid, Refusal
from app.shared.geo import GeoPoint, distance_meters
from app.shared.i18n import Language, language_of, preferred_language
from app.shared.ids import new_id
from app.shared.paging import PageRequest, decode_cursor, encode_cursor, page_of

latitudes, longitudes = st.floats(-90, 90), st.floats(-180, 180)


def test_a_known_distance() -> None:
    tokyo, osaka = GeoPoint(35.681236, 139.767125), GeoPoint(34.702485, 135.495951)
    assert distance_meters(tokyo, osaka) == pytest.approx(403_000, rel=0.005)


@given(latitudes, longitudes, latitudes, longitudes)
def test_distances_are_symmetrical_and_bounded(a: float, b: float, c: float, d: float) -> None:
    one, other = GeoPoint(a, b), GeoPoint(c, d)
    distance = distance_meters(one, other)
    assert 0 <= distance <= math.pi * 6_378_100.0 + 1
    assert distance == pytest.approx(distance_meters(other, one), abs=1e-3)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("ja", Language.JA),
        ("en-GB,en;q=0.9,ja;q=0.8", Language.EN),
        ("fr-FR, ja;q=0.5, en;q=0.4", Language.JA),
        ("en;q=0, ja;q=0.1", Language.JA),
        ("en;q=abc", None),
        ("en;q=inf, ja;q=0.1", Language.JA),
        ("en;q=nan", None),
        ("fr", None),
        ("*", None),
        ("", None),
        (None, None),
        ("EN_us", Language.EN),
        (",,;;==,en", Language.EN),
    ],
)
def test_the_language_that_a_header_ranks_highest(header: str | None, language: Language | None) -> None:
    assert preferred_language(header) is language


@given(st.text())
def test_no_header_breaks_the_choice_of_language(header: str) -> None:
    assert preferred_language(header) in {None, Language.JA, Language.EN}


def test_language_tags() -> None:
    assert language_of("ja-JP") is Language.JA
    assert language_of("de") is None
    assert language_of("ja-" + "x" * 100) is None
    assert language_of(None) is None


@given(st.floats(allow_nan=False, allow_infinity=False), st.text(st.characters(codec="utf-8"), max_size=40))
def test_a_cursor_gives_back_its_position(number: float, text: str) -> None:
    assert decode_cursor(encode_cursor((number, text))) == (number, text)


@pytest.mark.parametrize("cursor", ["", "!", "あ", "e30", "bnVsbA", "x" * 401, "WzEsMl0=="])
def test_other_texts_are_no_cursors(cursor: str) -> None:
    with pytest.raises(CursorInvalid):
        PageRequest(10, cursor).position(int)


@pytest.mark.parametrize("position", [("a",), (True,), (1, 2), (2**53,), (None,), ({"$gt": 0},)])
def test_a_cursor_of_another_list_is_refused(position: tuple[object, ...]) -> None:
    with pytest.raises(CursorInvalid):
        PageRequest(10, encode_cursor(position)).position(int)


@pytest.mark.parametrize("distance", [2**64 - 1, -(2**63), 1e300])
def test_a_cursor_with_a_number_that_mongodb_cannot_hold_is_refused(distance: float) -> None:
    with pytest.raises(CursorInvalid):
        PageRequest(10, encode_cursor((distance, "id"))).position(float, str)


@pytest.mark.parametrize("first", [0, -1, 101])
def test_pages_have_bounds(first: int) -> None:
    with pytest.raises(PageSizeInvalid):
        PageRequest(first)


def test_a_page_knows_whether_there_is_more() -> None:
    found = [(letter, (letter,)) for letter in "abc"]
    page = page_of(found, PageRequest(2))
    assert [item for item, _ in page.items] == ["a", "b"]
    assert page.has_next
    assert not page.has_previous
    assert not page_of(found, PageRequest(3, encode_cursor(("x",)))).has_next


def test_ids_are_unique_and_sort_by_time() -> None:
    ids = [new_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert [each[:12] for each in ids] == sorted(each[:12] for each in ids)
    assert all(len(each) == 32 for each in ids)


def test_the_clock_is_cut_to_what_mongodb_keeps() -> None:
    moment = datetime(2026, 11, 21, 12, 0, 0, 123_999, timezone(timedelta(hours=9)))
    assert whole_milliseconds(moment) == datetime(2026, 11, 21, 3, 0, 0, 123_000, UTC)


@pytest.mark.parametrize("code", sorted(Refusal.known))
def test_every_refusal_speaks_both_languages(code: str) -> None:
    refusal = Refusal.known[code]
    assert refusal.__doc__
    assert refusal.ja != refusal.en
    assert any(ord(character) > 0x3000 for character in refusal.ja)
    assert refusal.en.isascii()
    assert re.search(r"(です|ます|ません|ください|{\w+})。?$", refusal.ja), "told as one speaks to a customer"
    assert re.search(r"([.-]|{\w+})$", refusal.en), "a whole sentence"
    numbers = set(re.findall(r"{(\w+)}", refusal.ja))
    assert numbers == set(re.findall(r"{(\w+)}", refusal.en))
    example = refusal(**dict.fromkeys(numbers, 7))
    assert "{" not in example.message(Language.JA) + example.message(Language.EN)


def test_a_refusal_survives_being_stored() -> None:
    refusal = Refusal.known["INSUFFICIENT_POINTS"](path=["input", "amount"], requested=5, balance=3)
    again = Refusal.from_document(json.loads(json.dumps(refusal.to_document())))
    assert type(again) is type(refusal)
    assert again.path == ("input", "amount")
    assert again.message(Language.EN) == "Not enough points: 5 are needed and the balance is 3. Use fewer."
    assert "5ポイント" in again.message(Language.JA)


def test_two_refusals_cannot_share_a_code() -> None:
    with pytest.raises(TypeError):
        type("Another", (Refusal,), {"code": "INVALID_ID", "ja": "", "en": ""})


def test_a_moment_is_written_in_utc_wherever_it_is_from() -> None:
    moment = datetime(2026, 11, 21, 9, 30, 0, 678_000, tzinfo=UTC)
    kept = decode(encode({"at": moment}), CodecOptions(tz_aware=True))["at"]
    in_tokyo = moment.astimezone(timezone(timedelta(hours=9)))
    assert {rfc3339(each) for each in (moment, kept, in_tokyo)} == {"2026-11-21T09:30:00.678Z"}


@pytest.mark.parametrize(
    ("zone", "moment", "began"),
    [
        ("Asia/Tokyo", "2028-02-29T14:59:59.999Z", "2028-02-28T15:00Z"),
        ("Asia/Tokyo", "2028-02-29T15:00Z", "2028-02-29T15:00Z"),
        ("America/New_York", "2026-03-09T03:59Z", "2026-03-08T05:00Z"),  # 23 hours
        ("America/New_York", "2026-11-01T06:30Z", "2026-11-01T04:00Z"),  # the second half past one
        ("America/New_York", "2026-11-02T04:59Z", "2026-11-01T04:00Z"),  # 25 hours
        ("America/Havana", "2026-03-08T05:30Z", "2026-03-08T05:00Z"),  # has no midnight
        ("America/Havana", "2026-11-01T05:30Z", "2026-11-01T04:00Z"),  # has two
    ],
)
def test_a_day_begins_at_its_first_midnight(zone: str, moment: str, began: str) -> None:
    local = datetime.fromisoformat(moment).astimezone(ZoneInfo(zone))
    assert midnight(local).astimezone(UTC) == datetime.fromisoformat(began)


def test_the_machines_clock_tells_whole_milliseconds() -> None:
    before = whole_milliseconds(datetime.now(UTC))
    told = [SystemClock().now() for _ in range(1_000)]
    after = datetime.now(UTC)
    assert before <= min(told) <= max(told) <= after
    assert {moment.microsecond % 1000 for moment in told} == {0}
    assert {moment.tzinfo for moment in told} == {UTC}
