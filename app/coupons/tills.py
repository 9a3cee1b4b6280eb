"""Where a till or a staff member may use coupons."""

from collections.abc import Sequence

from app.auth.actor import PartnerActor, StaffActor
from app.auth.errors import StoreNotAllowed
from app.stores.known_stores import KnownStores
from app.stores.model import Store

STORE_PATH = ("input", "storeId")


def scanner_of(actor: PartnerActor | StaffActor) -> str:
    """Who uses it, as it is kept on record."""
    return f"staff:{actor.staff_id}" if isinstance(actor, StaffActor) else f"partner:{actor.partner_id}"


def may_act_for(actor: PartnerActor | StaffActor, store: Store) -> bool:
    """Whether coupons of this store's till are the caller's: staff at their device's store."""
    if isinstance(actor, StaffActor):
        return actor.store_id == store.id
    return actor.acts_for(store.id, store.channel)


async def require_till_store(
    stores: KnownStores,
    actor: PartnerActor | StaffActor,
    store_id: str,
    path: Sequence[str] = STORE_PATH,
) -> Store:
    """The store. Raises StoreNotFound and StoreNotAllowed."""
    store = await stores.require(store_id, path)
    if not may_act_for(actor, store):
        raise StoreNotAllowed(path=path)
    return store
