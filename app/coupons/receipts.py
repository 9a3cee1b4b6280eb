"""Receipts as owners of the uses of coupons at tills."""

from urllib.parse import quote, unquote

from app.coupons.model import Redemption, RedemptionState
from app.coupons.redemption_repository import RedemptionRepository
from app.shared.mongodb.database import Database, Session

RECEIPT = "receipt"  # what owners begin with that are no orders


def receipt_owner(store_id: str, terminal: str, number: str) -> str:
    """A receipt as an owner, by its natural name."""
    return "/".join([RECEIPT, store_id, quote(terminal, safe=""), quote(number, safe="")])


def is_receipt(owner: str) -> bool:
    return owner.startswith(f"{RECEIPT}/")


def named_receipt(owner: str) -> tuple[str, str, str]:
    """The store, the terminal and the number of a receipt that is an owner."""
    _, store_id, terminal, number = owner.split("/")
    return store_id, unquote(terminal), unquote(number)


class ReceiptUses:
    """The coupons that receipts used, for whoever records the receipts."""

    def __init__(self, database: Database) -> None:
        self._redemptions = RedemptionRepository(database)

    async def owner_of(self, redemption_id: str, session: Session) -> str | None:
        """The receipt that a coupon was used for, as an owner; None for an order."""
        redemption = await self._redemptions.get(redemption_id, session)
        return redemption.owner if redemption and is_receipt(redemption.owner) else None

    async def of(self, owner: str, session: Session) -> list[Redemption]:
        """The uses for this receipt that were not taken back."""
        found = await self._redemptions.of_owner(owner, session)
        return [each for each in found if each.state is RedemptionState.REDEEMED]
