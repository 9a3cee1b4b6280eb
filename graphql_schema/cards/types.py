"""The living card. Its code is readable by the member herself, on her own device."""

from datetime import datetime
from typing import Annotated

import strawberry

from app.cards import model, rules
from graphql_schema.members.rank import Rank
from graphql_schema.results import Rejected


@strawberry.type(
    description=(
        "The card's rotating code. A code has 24 digits, the member number and 8 digits by RFC 6238 "
        "(TOTP, HMAC-SHA-256); show it as QR or as Code 128 in code set C. It dies on first use "
        "anywhere. Readable by the member herself."
    )
)
class CardCode:
    owner_id: strawberry.Private[str]
    current_code: str = strawberry.field(description="What this device shows now: 24 digits.")
    expires_at: datetime = strawberry.field(description="When another code takes its place.")
    secret: str | None = strawberry.field(
        description=(
            "The device's secret in base32, to draw codes offline. Given once for each session, when it is "
            "asked for with `giveSecret`; null otherwise. Keep it where the device keeps its keys."
        )
    )

    @strawberry.field(description="How long a code is shown, in seconds.")
    def period_seconds(self) -> int:
        return rules.PERIOD_SECONDS

    @strawberry.field(description="How many digits follow the member number.")
    def digits(self) -> int:
        return rules.CODE_DIGITS

    @strawberry.field(description="The hash of the HMAC that the digits come from.")
    def algorithm(self) -> str:
        return "SHA256"


@strawberry.input(description="A card code that was scanned.")
class VerifyCardInput:
    code: str = strawberry.field(description="The 24 digits of the QR or barcode.")
    idempotency_key: str = strawberry.field(
        description="Made by the caller for this one scan, 8 to 128 printable ASCII characters; kept 30 days."
    )
    store_id: strawberry.ID | None = strawberry.field(
        default=None,
        description=(
            "Where the card is scanned. A partner that is limited to stores or channels names one of its "
            "own; staff need not, for they scan at their device's store."
        ),
    )


@strawberry.type(description="What a till needs to know of the member. Readable by whoever scanned.")
class CardVerified:
    verification_id: strawberry.ID = strawberry.field(
        description="Names this scan: a receipt may name its member by it."
    )
    member_number: str = strawberry.field(description="16 digits.")
    display_name: str | None = strawberry.field(description="What she likes to be called, if she said so.")
    rank: Rank = strawberry.field(description="Her rank.")
    points: int = strawberry.field(description="Points that she can spend; 1 point is worth 1 yen.")
    verified_at: datetime = strawberry.field(description="When the code was used up.")


VerifyCardResult = Annotated[CardVerified | Rejected, strawberry.union("VerifyCardResult")]


def card_code_node(code: model.CardCode, owner_id: str) -> CardCode:
    return CardCode(
        owner_id=owner_id, current_code=code.current_code, expires_at=code.expires_at, secret=code.secret
    )
