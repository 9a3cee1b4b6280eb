"""The demo retailer's staff. Their PINs are no secret: they are for trying things out, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.auth.roles import Role
from app.shared.i18n import Language
from app.shared.ids import new_id
from app.staff.model import StaffMember
from app.staff.pins import PinHasher
from app.stores.model import Store


@dataclass(frozen=True, slots=True)
class DemoStaff:
    """Somebody whose work anyone may try; `store` is a store's code, None at headquarters."""

    code: str
    pin: str
    name: str
    role: Role
    store: str | None


DEMO_STAFF = (
    DemoStaff("UMEDA1", "620471", "中村 みどり", Role.COUNTER, "umeda"),
    DemoStaff("UMEDA9", "918273", "森 さおり", Role.STORE_MANAGER, "umeda"),
    DemoStaff("HONBU1", "305918", "小林 あき", Role.HEADQUARTERS, None),
)


async def demo_staff(stores: Sequence[Store], now: datetime) -> list[tuple[StaffMember, str]]:
    """The staff with their PINs' hashes; whose store is not among these, works at the first."""
    ids = {store.code: store.id for store in stores}
    pins = PinHasher()
    return [
        (
            StaffMember(
                id=new_id(),
                code=each.code,
                name=each.name,
                role=each.role,
                store_id=ids.get(each.store, stores[0].id) if each.store else None,
                language=Language.JA,
                added_at=now,
            ),
            await pins.hash(each.pin),
        )
        for each in DEMO_STAFF
    ]
