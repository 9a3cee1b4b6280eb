"""The services that a command works with, and how it says that something is refused."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable

from app.commands.database import prepared_database
from app.commands.mongodb import shared_mongodb
from app.running import running_services
from app.services import Services
from app.shared.errors import Refusal, SeveralRefusals
from app.shared.i18n import Language
from app.shared.settings.model import Settings

Act = Callable[[Services], Awaitable[None]]


def run_with_services(settings: Settings, act: Act) -> int:
    """0 when it is done; 1 when it is refused: then each reason is printed."""
    with shared_mongodb(settings) as ready:
        return asyncio.run(_run(ready, act))


async def _run(settings: Settings, act: Act) -> int:
    async with prepared_database(settings) as database:
        try:
            async with running_services(settings, database) as services:
                await act(services)
        except (Refusal, SeveralRefusals) as refused:
            for refusal in refused.refusals if isinstance(refused, SeveralRefusals) else (refused,):
                print(f"tsunagu: {refusal.message(Language.EN)}", file=sys.stderr)
            return 1
    return 0


async def store_id_of(services: Services, code: str | None) -> str | None:
    """The id of the store with this code; None where none is named. Raises StoreNotFound."""
    if code is None:
        return None
    (store,) = await services.stores.require_codes([code])
    return store.id


async def places_of(services: Services, store_ids: Iterable[str | None]) -> dict[str | None, str]:
    """What the lists call the stores with these ids, None being headquarters."""
    stores = await services.stores.get_many(sorted({each for each in store_ids if each is not None}))
    return {None: "headquarters", **{store.id: store.code for store in stores}}
