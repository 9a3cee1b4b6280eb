"""A till that reports receipts of one store, as a partner with the scope does."""

from collections.abc import Sequence

from app.members.model import Member
from app.purchases.model import PurchaseFilter, Receipt, ReturnReceipt
from app.purchases.service import PurchaseRow, ReturnRow
from app.services import Services
from app.shared.paging import PageRequest
from app.stores.model import Store
from tests.arrangements import a_guest
from tests.purchase_examples import POS


class Till:
    """What a till does, and what its customers see afterwards."""

    def __init__(self, services: Services, store: Store) -> None:
        self.services = services
        self.store = store

    async def customer(self) -> Member:
        member = await self.services.members.get(await a_guest(self.services))
        assert member is not None
        return member

    async def send(self, *receipts: Receipt) -> list[PurchaseRow]:
        return await self.services.purchases.record(POS, receipts)

    async def sell(self, receipt: Receipt) -> PurchaseRow:
        """Sends a receipt that is taken."""
        (row,) = await self.send(receipt)
        assert row.refusal is None, row.refusal
        return row

    async def take(self, *returns: ReturnReceipt) -> list[ReturnRow]:
        return await self.services.purchases.record_returns(POS, returns)

    async def take_back(self, receipt: ReturnReceipt) -> ReturnRow:
        """Sends a return that is taken."""
        (row,) = await self.take(receipt)
        assert row.refusal is None, row.refusal
        return row

    async def points(self, member: Member) -> tuple[int, int]:
        """What she can spend, and what is pending."""
        account = await self.services.points.account(member.id)
        return account.available, account.pending

    async def miles(self, member: Member, year: int = 2026) -> int:
        current = await self.services.members.get(member.id)
        assert current is not None
        return current.miles_in(year)

    async def history(self, member: Member, wanted: PurchaseFilter | None = None) -> list[str]:
        """The receipt numbers of her purchases, the newest first."""
        page = await self.services.purchase_history.of_member(
            member.id, wanted or PurchaseFilter(), PageRequest(100)
        )
        return [purchase.name.receipt_number for purchase, _ in page.items]


def codes(rows: Sequence[PurchaseRow | ReturnRow]) -> list[str]:
    """What became of each row: new, again, or the refusal's code."""
    return [row.refusal.code if row.refusal else "new" if row.is_new else "again" for row in rows]
