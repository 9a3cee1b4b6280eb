"""What tests arrange in a database before they act."""

from app.services import Services
from app.shared.database import Database, Session
from app.shared.i18n import Language
from app.shared.ids import new_id
from app.stores.model import Store
from app.stores.repository import StoreRepository


async def add_stores(database: Database, *stores: Store) -> None:
    async def act(session: Session) -> None:
        await StoreRepository(database).add_many(stores, session)

    await database.transaction(act)


async def a_guest(services: Services, device: str = "device") -> str:
    """The id of a new member."""
    registered = await services.members.register_guest(f"{device}-{new_id()}", None, Language.JA)
    return registered.member.id
