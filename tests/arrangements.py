"""What tests arrange in a database before they act."""

import re

from app.messages.model import MessageChannel
from app.messages.outbox import DevelopmentOutbox
from app.services import Services
from app.shared.database import Database, Session
from app.shared.i18n import Language
from app.shared.ids import new_id
from app.sign_in.model import CodeGiven
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


CODE_SENT = re.compile(r"\b\d{6}\b")
A_NETWORK = "192.0.2.1"


async def a_code(services: Services, destination: str, network: str = A_NETWORK) -> CodeGiven:
    """A code that was asked for and is read in the development outbox."""
    sent = await services.sign_in.send_code(MessageChannel.EMAIL, destination, network, Language.JA)
    message = (await DevelopmentOutbox(services.database, services.clock).newest())[0].message
    assert message.destination == destination.lower()
    return CodeGiven(sent.challenge_id, CODE_SENT.findall(message.text)[0], network)


async def a_member(services: Services, destination: str) -> str:
    """The id of the member with this email address, who signs in."""
    signed_in = await services.sign_in.sign_in(
        await a_code(services, destination), None, Language.JA, caller=None
    )
    return signed_in.member.id
