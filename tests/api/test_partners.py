"""Partners through HTTP: tokens by client credentials, and cards at the till."""

import base64
from typing import Any

import httpx
import pytest

from app.auth.partners import Partner, Scope
from app.services import Services
from graphql_schema.documents import TEXTS
from tests.api.callers import Caller

MY_CARD_CODE = TEXTS["my_card_code"]
VERIFY_CARD = TEXTS["verify_card"]

Credentials = tuple[Partner, str]


@pytest.fixture
async def credentials(services: Services) -> Credentials:
    return await services.partners.create("Till", [Scope.CARDS_VERIFY])


def basic(partner_id: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{partner_id}:{secret}".encode()).decode()}


async def test_a_token_by_basic_and_by_post(client: httpx.AsyncClient, credentials: Credentials) -> None:
    partner, secret = credentials
    grant = {"grant_type": "client_credentials", "scope": "cards:verify"}
    by_basic = await client.post("/oauth/token", data=grant, headers=basic(partner.id, secret))
    by_post = await client.post(
        "/oauth/token", data={**grant, "client_id": partner.id, "client_secret": secret}
    )
    for answer in (by_basic, by_post):
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        body = answer.json()
        assert (body["token_type"], body["scope"], body["expires_in"]) == ("Bearer", "cards:verify", 900)
        assert await Caller(client, body["access_token"]).send("{ me { id } }") == {"me": None}


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "partner-none"}, 401, "invalid_client"),
        ({"client_secret": None}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": None}, 400, "invalid_request"),
        ({"scope": "everything"}, 400, "invalid_scope"),
    ],
)
async def test_what_is_refused_says_so_as_rfc_6749_wants(
    client: httpx.AsyncClient, credentials: Credentials, changes: dict[str, Any], status: int, error: str
) -> None:
    partner, secret = credentials
    form = {"grant_type": "client_credentials", "client_id": partner.id, "client_secret": secret, **changes}
    answer = await client.post("/oauth/token", data={name: text for name, text in form.items() if text})
    assert (answer.status_code, answer.json()) == (status, {"error": error})
    assert ("WWW-Authenticate" in answer.headers) is (status == 401)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"grant_type=a&grant_type=b", "application/x-www-form-urlencoded"),
        (b"\xff\xfe", "application/x-www-form-urlencoded"),
        (b"=&&&", "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
        (b"x=" + b"y" * 10_000, "application/x-www-form-urlencoded"),
    ],
)
async def test_a_malformed_form_is_refused(client: httpx.AsyncClient, body: bytes, media_type: str) -> None:
    answer = await client.post("/oauth/token", content=body, headers={"Content-Type": media_type})
    assert 400 <= answer.status_code < 500
    assert answer.json() == {"error": "invalid_request"}


@pytest.mark.parametrize("authorization", ["Basic", "Basic !!!", "Bearer abc", "Basic YWJj", "Basic /w=="])
async def test_malformed_credentials_are_refused(client: httpx.AsyncClient, authorization: str) -> None:
    answer = await client.post(
        "/oauth/token", data={"grant_type": "client_credentials"}, headers={"Authorization": authorization}
    )
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})


async def test_two_ways_at_once_are_refused(client: httpx.AsyncClient, credentials: Credentials) -> None:
    partner, secret = credentials
    form = {"grant_type": "client_credentials", "client_id": partner.id, "client_secret": secret}
    answer = await client.post("/oauth/token", data=form, headers=basic(partner.id, secret))
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})


async def test_a_card_is_verified_once(member: Caller, till: Caller) -> None:
    code = (await member.send(MY_CARD_CODE, {"giveSecret": True}))["me"]["card"]["code"]
    assert (len(code["currentCode"]), code["periodSeconds"], code["digits"], code["algorithm"]) == (
        24,
        30,
        8,
        "SHA256",
    )
    assert code["secret"]
    assert (await member.send(MY_CARD_CODE, {"giveSecret": True}))["me"]["card"]["code"]["secret"] is None
    wish = {"input": {"code": code["currentCode"], "idempotencyKey": "scan-0001"}}
    verified = (await till.send(VERIFY_CARD, wish))["verifyCard"]
    assert verified["memberNumber"] == code["currentCode"][:16]
    assert (verified["displayName"], verified["rank"], verified["points"]) == (None, "MEMBER", 0)
    wish["input"]["idempotencyKey"] = "scan-0002"
    again = (await till.send(VERIFY_CARD, wish, Accept_Language="en"))["verifyCard"]
    assert again["errors"] == [
        {
            "code": "CARD_CODE_USED",
            "message": "This card code was used already. Wait until a new one is shown.",
            "path": ["input", "code"],
        }
    ]


@pytest.mark.parametrize("path", ["/card/qr.svg", "/card/barcode.svg"])
async def test_the_code_as_a_picture(
    client: httpx.AsyncClient, member: Caller, till: Caller, path: str
) -> None:
    picture = await client.get(path, headers={"Authorization": f"Bearer {member.token}"})
    assert picture.headers["Content-Type"].startswith("image/svg+xml")
    assert picture.headers["Cache-Control"] == "no-store"
    assert b"<svg" in picture.content
    for authorization in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"Bearer {till.token}"}):
        assert (await client.get(path, headers=authorization)).status_code == 401
