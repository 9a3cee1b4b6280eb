"""A visit that a member tries to register, and what has become of it."""

from app.check_ins.model import CheckIn
from app.services import Services
from app.shared.errors import Refusal
from app.shared.events import EVENTS
from app.shared.mongodb.database import Document
from tests.webhook_arrangements import machinery


async def try_check_in(services: Services, member_id: str, request: object) -> CheckIn | str:
    """The check-in, or the code of its refusal."""
    try:
        return (await services.check_ins.check_in(member_id, request)).check_in  # type: ignore[arg-type]
    except Refusal as refusal:
        return refusal.code


async def told(services: Services, type: str) -> list[Document]:
    """The events of this type, once all have their numbers."""
    await machinery(services).dispatch.dispatch()
    return await services.database.collection(EVENTS).find({"type": type}, sort=[("seq", 1)])


async def balance(services: Services, member_id: str) -> int:
    return (await services.points.account(member_id)).balance
