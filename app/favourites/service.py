"""What can be done with favourites: mark them, and look at them."""

from collections.abc import Sequence

from app.favourites.model import FavouriteMark
from app.favourites.repository import FavouriteRepository
from app.favourites.rules import marked
from app.shared.mongodb.database import Database, Session


class FavouriteService:
    """The use cases of favourites. Marks may come late, repeated and in any order."""

    def __init__(self, database: Database) -> None:
        self._favourites = FavouriteRepository(database)

    async def of_member(self, member_id: str) -> list[FavouriteMark]:
        """Her favourites, the newest first, at most 200."""
        marks, _ = await self._favourites.get(member_id)
        return [each for each in marks if each.is_favourite]

    async def mark(self, member_id: str, marks: Sequence[FavouriteMark], session: Session) -> int:
        """Takes these marks, and says for how many there is no place."""
        known, version = await self._favourites.get(member_id, session)
        together, without_place = marked(known, marks)
        if together != known:
            await self._favourites.replace(member_id, version, together, session)
        return without_place

    async def merge(self, guest_id: str, member_id: str, session: Session) -> None:
        """Makes a guest's favourites the member's, as far as there is place."""
        of_guest, _ = await self._favourites.get(guest_id, session)
        if of_guest:
            await self.mark(member_id, of_guest, session)
            await self._favourites.remove(guest_id, session)
