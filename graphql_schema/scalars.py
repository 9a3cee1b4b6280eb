"""How moments and days are written and read."""

import re
from datetime import UTC, date, datetime

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from app.shared.clock import rfc3339

MAXIMUM_LENGTH = 40
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def parse_moment(text: object) -> datetime:
    """A moment with its offset from UTC. Raises GraphQLError."""
    try:
        if not isinstance(text, str) or len(text) > MAXIMUM_LENGTH:
            raise ValueError("not a short string")
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError("no offset")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise GraphQLError("DateTime must be RFC 3339 with an offset, as in 2026-11-21T09:30:00Z.") from None


def parse_day(text: object) -> date:
    """A day of the calendar. Raises GraphQLError."""
    try:
        if not isinstance(text, str) or not _DAY.fullmatch(text):
            raise ValueError("not a day")
        return date.fromisoformat(text)
    except ValueError:
        raise GraphQLError("Date must be a day of the calendar, as in 2026-11-21.") from None


DATE_TIME: ScalarDefinition = strawberry.scalar(
    name="DateTime",
    description=(
        "A moment as RFC 3339 with an offset from UTC; answers are in UTC, as in `2026-11-21T09:30:00.000Z`."
    ),
    serialize=rfc3339,
    parse_value=parse_moment,
)

DATE: ScalarDefinition = strawberry.scalar(
    name="Date",
    description="A day of the calendar, as in `2026-11-21`.",
    serialize=date.isoformat,
    parse_value=parse_day,
)
