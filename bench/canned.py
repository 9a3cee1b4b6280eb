"""`python -m bench.canned`: a home screen whose data is in memory: nothing but our own work is measured.

`graphql` is the real application with services that answer at once; `plain` a Starlette route that writes
the same JSON with orjson.
"""

import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import orjson
from graphql import parse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.auth.door import Door
from app.auth.keys import KeyRing
from app.auth.tokens import AccessTokens
from app.check_ins.model import CheckIn, GeoPosition
from app.main import create_application
from app.members.model import Member, Profile
from app.members.ranks import RankRules, Standing
from app.points.model import PointAccount
from app.shared.clock import SystemClock, rfc3339
from app.shared.geo import GeoPoint
from app.shared.i18n import Language
from app.shared.mongodb.reading import Reads
from app.shared.paging import Page, PageRequest
from app.shared.processes.children import NEW_OBJECTS
from app.shared.settings.loading import load_settings
from app.shared.settings.model import Settings
from bench.serving import serve
from graphql_schema import budget
from graphql_schema.compiled.official import official_plans
from graphql_schema.compiled.plans import Plan
from graphql_schema.node import encode_id
from graphql_schema.schema import schema

MEMBER_ID = "01a2018000000000000000000000"

HOME = """
query Home {
  me {
    id
    nickname
    card { number rank }
    points { balance }
    checkIns(first: 10) { edges { node { id storeDay pointsAwarded checkedInAt } } }
  }
}
"""


RANKS = RankRules(ZoneInfo("Asia/Tokyo"), grace_months=3)
MEMBER = Member(
    MEMBER_ID, "4716209358116029", Language.JA, False, datetime(2026, 4, 1, tzinfo=UTC), Profile("みお")
)
ACCOUNT = PointAccount(MEMBER_ID, seq=1, balance=260)
FIRST_VISIT = datetime(2026, 11, 1, 3, tzinfo=UTC)


class Sessions:
    """All sessions live."""

    async def is_live(self, session_id: str) -> bool:
        return True


class Members:
    """One member."""

    async def get(self, member_id: str, reads: Reads) -> Member:
        return MEMBER


class Ranks:
    """Her rank."""

    def standing(self, member: Member) -> Standing:
        return RANKS.standing(member, FIRST_VISIT)


class Points:
    """Her points."""

    async def account(self, member_id: str, reads: Reads) -> PointAccount:
        return ACCOUNT


class CheckIns:
    """Her visits."""

    async def of_member(self, member_id: str, page: PageRequest) -> Page[CheckIn]:
        return VISITS


def _visit(number: int) -> CheckIn:
    position = GeoPosition(GeoPoint(34.7025, 135.4959), 10.0, FIRST_VISIT)
    visited_at = FIRST_VISIT + timedelta(days=number)
    return CheckIn(
        f"{MEMBER_ID[:-1]}{number}",
        MEMBER_ID,
        number,
        "umeda",
        visited_at.date(),
        visited_at,
        position,
        distance_meters=12.0,
        points_awarded=10,
        point_balance=10 * number,
    )


VISITS = Page(tuple((_visit(number), f"cursor-{number}") for number in range(10)), False, False)


def tokens(settings: Settings) -> AccessTokens:
    """What signs and verifies, with the keys of the settings' folder."""
    keys = KeyRing(settings.data_dir / "keys", datetime.now(UTC))
    return AccessTokens(keys, settings.issuer, settings.audience, timedelta(hours=1))


def token(settings: Settings) -> str:
    """The member's access token."""
    return tokens(settings).issue(MEMBER_ID, "session", Language.JA, datetime.now(UTC)).text


def graphql_application(settings: Settings) -> Starlette:
    """The real application on canned services, with a plan for the home screen unless plans are off."""
    budget.CAPACITY = 10**12  # one member asks for all
    plans = cast(dict[str, Plan], official_plans())
    plans[HOME] = Plan(schema, parse(HOME))
    application = create_application(settings)
    clock = SystemClock()
    services = SimpleNamespace(
        database=None,
        clock=clock,
        door=Door(tokens(settings), cast(Any, Sessions()), cast(Any, None), clock),
        members=Members(),
        ranks=Ranks(),
        points=Points(),
        check_ins=CheckIns(),
    )

    @asynccontextmanager
    async def lifespan(application: Starlette) -> AsyncIterator[None]:
        application.state.services = services
        gc.collect()
        gc.freeze()
        gc.set_threshold(NEW_OBJECTS)  # as the application itself does when it has services
        yield

    application.router.lifespan_context = lifespan
    return application


def plain_application() -> Starlette:
    """One route that writes the same answer."""
    visits = [
        {
            "node": {
                "id": encode_id("CheckIn", visit.id),
                "storeDay": visit.store_day.isoformat(),
                "pointsAwarded": visit.points_awarded,
                "checkedInAt": rfc3339(visit.checked_in_at),
            }
        }
        for visit, _ in VISITS.items
    ]
    me = {
        "id": encode_id("Member", MEMBER_ID),
        "nickname": MEMBER.profile.nickname,
        "card": {"number": MEMBER.number, "rank": "MEMBER"},
        "points": {"balance": ACCOUNT.balance},
        "checkIns": {"edges": visits},
    }

    async def home(request: Request) -> Response:
        return Response(orjson.dumps({"data": {"me": me}}), media_type="application/json")

    return Starlette(routes=[Route("/graphql", home, methods=["POST"])])


def main(kind: str) -> None:
    """Serves one or the other."""
    if kind == "plain":
        serve(plain_application())
    else:
        serve(graphql_application(load_settings()), tells_the_time=True)


if __name__ == "__main__":
    main(sys.argv[1])
