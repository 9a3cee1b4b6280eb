"""Writes the demo retailer's members, one part after the other or many at the same time."""

from collections.abc import Sequence

from app.auth.sessions import SESSIONS, SessionRepository
from app.catalog.category_tree import CategoryTree
from app.check_ins.repository import CHECK_INS, CheckInRepository
from app.consents.repository import CONSENT_ENTRIES, ConsentRepository
from app.coupons.repository import COUPONS, CouponRepository
from app.demo.catalog import demo_categories, demo_products, table_sku_count
from app.demo.people import DemoMember, DemoPeople
from app.demo.plan import DemoPlan, Progress
from app.demo.purchases import DemoPurchases
from app.demo.retailer import demo_stores
from app.favourites.repository import FAVOURITES, FavouriteRepository
from app.interests.repository import INTEREST_EVENTS, INTERESTS, InterestRepository
from app.members.rank_repository import RANK_CHANGES, RankRepository
from app.members.repository import MEMBERS, MemberRepository
from app.points.repository import POINT_ENTRIES, PointRepository
from app.purchases.repository import PURCHASES, PurchaseRepository
from app.shared.mongodb.database import Database, Session
from app.sign_in.repository import SIGN_IN_ADDRESSES, AddressRepository

BATCH_SECONDS = 15.0  # our own MongoDB ends a transaction after 20

# What a member has is in these, the largest first.
MEMBER_COLLECTIONS = (
    POINT_ENTRIES,
    PURCHASES,
    CHECK_INS,
    MEMBERS,
    SESSIONS,
    COUPONS,
    CONSENT_ENTRIES,
    INTERESTS,
    INTEREST_EVENTS,
    RANK_CHANGES,
    FAVOURITES,
    SIGN_IN_ADDRESSES,
)


class DemoMemberWriter:
    """Makes the members of a plan and writes them with all that they have."""

    def __init__(self, database: Database, plan: DemoPlan) -> None:
        shelf = list(demo_products(min(plan.skus, table_sku_count()), plan.today))
        shopping = DemoPurchases(shelf, CategoryTree(demo_categories()), plan.time_zone)
        shops = demo_stores(plan.stores, plan.seed)
        self._database = database
        self._plan = plan
        self._people = DemoPeople(plan, shops, shopping)
        self._members = MemberRepository(database)
        self._addresses = AddressRepository(database)
        self._sessions = SessionRepository(database)
        self._check_ins = CheckInRepository(database)
        self._points = PointRepository(database)
        self._purchases = PurchaseRepository(database)
        self._ranks = RankRepository(database)
        self._consents = ConsentRepository(database)
        self._interests = InterestRepository(database)
        self._favourites = FavouriteRepository(database)
        self._coupons = CouponRepository(database)

    def members_of(self, part: int) -> list[DemoMember]:
        return list(self._people.part(part))

    async def write_parts(self, parts: range, progress: Progress) -> None:
        """Adds these parts of the members, one after the other."""
        for part in parts:
            await self.write_part(part)
            progress(self._plan.members_until(part), "members")

    async def write_part(self, part: int) -> None:
        """Adds a part of the members with all that they have, or nothing."""
        members = self.members_of(part)
        await self._database.transaction(lambda session: self.write(members, session), BATCH_SECONDS)

    async def write(self, members: Sequence[DemoMember], session: Session) -> None:
        """Adds these members and all that they have."""
        await self._members.add_many([(each.member, each.device_id_hash) for each in members], session)
        addresses = [
            (each.address, each.member.id, each.member.registered_at) for each in members if each.address
        ]
        if addresses:
            await self._addresses.add_many(addresses, session)
        if check_ins := [check_in for each in members for check_in in each.check_ins]:
            await self._check_ins.add_many(check_ins, session)
        if entries := [entry for each in members for entry in each.entries]:
            await self._points.add_many(entries, session)
        if purchases := [purchase for each in members for purchase in each.purchases]:
            await self._purchases.add_many(purchases, session)
        await self._ranks.add([change for each in members for change in each.rank_changes], session)
        await self._write_belongings(members, session)

    async def _write_belongings(self, members: Sequence[DemoMember], session: Session) -> None:
        belongings = {each.member.id: each.belongings for each in members}
        if sessions := [each.session for each in belongings.values() if each.session]:
            await self._sessions.add_many(sessions, session)
        if consents := [consent for each in belongings.values() for consent in each.consents]:
            await self._consents.append(consents, session)
        interests = {
            member_id: (each.interests, each.interest_events)
            for member_id, each in belongings.items()
            if each.interests is not None
        }
        if interests:
            await self._interests.add_many(interests, self._plan.today, session)
        favourites = {member_id: each.favourites for member_id, each in belongings.items() if each.favourites}
        if favourites:
            await self._favourites.add_many(favourites, session)
        if coupons := [coupon for each in belongings.values() for coupon in each.coupons]:
            await self._coupons.add_many(coupons, session)
