"""Consents through GraphQL: hers to give, to withdraw and to look up."""

import pytest

from graphql_schema.documents import TEXTS
from tests.api.callers import Caller

SET, MINE = (TEXTS[name] for name in ("set_consents", "my_consents"))


def decisions(*, text_version: str = "2026-11", **kinds: bool) -> dict[str, object]:
    consents = [{"kind": kind, "isGiven": is_given} for kind, is_given in kinds.items()]
    return {"input": {"consents": consents, "textVersion": text_version}}


async def test_a_member_gives_and_withdraws(member: Caller, other_member: Caller) -> None:
    before = (await member.send(MINE))["me"]["consents"]
    assert {each["kind"]: each["isGiven"] for each in before} == dict.fromkeys(
        ["PERSONALIZATION", "MARKETING_PUSH", "MARKETING_EMAIL", "LOCATION"], False
    )
    assert all(each["decision"] is None for each in before)
    done = (await member.send(SET, decisions(LOCATION=True, MARKETING_PUSH=False)))["setConsents"]
    assert {each["kind"]: each["isGiven"] for each in done["consents"]}["LOCATION"] is True
    await member.send(SET, decisions(LOCATION=False, text_version="2026-12"))
    mine = (await member.send(MINE))["me"]
    assert not any(each["isGiven"] for each in mine["consents"])
    told = [(each["kind"], each["isGiven"], each["textVersion"]) for each in mine["consentHistory"]["nodes"]]
    assert told == [
        ("LOCATION", False, "2026-12"),
        ("MARKETING_PUSH", False, "2026-11"),
        ("LOCATION", True, "2026-11"),
    ]
    assert {each["channel"] for each in mine["consentHistory"]["nodes"]} == {"ONLINE"}
    assert (await other_member.send(MINE))["me"]["consentHistory"]["nodes"] == []


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (decisions(), "CONSENT_KINDS_INVALID"),
        (decisions(LOCATION=True, text_version="?"), "CONSENT_TEXT_VERSION_INVALID"),
    ],
)
async def test_a_wish_that_is_not_one_is_refused(member: Caller, wish: dict[str, object], code: str) -> None:
    (error,) = (await member.send(SET, wish))["setConsents"]["errors"]
    assert error["code"] == code
    assert (await member.send(MINE))["me"]["consentHistory"]["nodes"] == []
