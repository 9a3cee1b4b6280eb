"""What headquarters can do with offers and segments."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence, Set
from dataclasses import replace
from functools import partial

from app.catalog.errors import CategoryNotFound
from app.catalog.model import Texts
from app.catalog.service import CatalogService
from app.offers import rules
from app.offers.condition_rules import require_sound, with_segments
from app.offers.conditions import (
    AllOf,
    AnyOf,
    Condition,
    HasUsed,
    InSegment,
    InterestedInCategory,
    NearStore,
    Not,
    leaves,
)
from app.offers.counter_repository import CounterRepository
from app.offers.documents import terms_from
from app.offers.errors import OfferChanged, OfferNotFound, OfferTermsInvalid, SegmentNotFound
from app.offers.model import Distribution, Offer, OfferMoment, OfferMove, OfferState, OfferTerms
from app.offers.repository import OFFERS, SEGMENTS, OfferRepository, SegmentRepository
from app.offers.segments import Segment
from app.shared.clock import Clock
from app.shared.events import Event, EventLog
from app.shared.geo import GeoPoint
from app.shared.idempotency import Idempotency, IdempotentRequest
from app.shared.ids import new_id
from app.shared.mongodb.database import Database, Document, Session
from app.shared.mongodb.reading import Reading
from app.shared.mongodb.snapshots import Snapshots
from app.shared.names import require_name
from app.shared.paging import Page, PageRequest
from app.stores.service import StoreService

REMEMBERED_VERSIONS = 5_000
OFFER_PATH = ("input", "offerId")
UNASKED = (Distribution.RULE, Distribution.CHECK_IN, Distribution.BEACON)  # given without being asked for
EVENTS_OF_MOVES = {
    OfferMove.PUBLISH: "OfferPublished",
    OfferMove.PAUSE: "OfferPaused",
    OfferMove.RESUME: "OfferResumed",
    OfferMove.END: "OfferEnded",
}


class OfferService:
    """The use cases of offers."""

    def __init__(
        self,
        database: Database,
        stores: StoreService,
        catalog: CatalogService,
        idempotency: Idempotency,
        events: EventLog,
        snapshots: Snapshots,
        clock: Clock,
    ) -> None:
        self._database = database
        self._offers = OfferRepository(database)
        self._counters = CounterRepository(database)
        self._segments = SegmentRepository(database)
        self._stores = stores
        self._catalog = catalog
        self._idempotency = idempotency
        self._events = events
        self._clock = clock
        self._terms: dict[tuple[str, int], OfferTerms] = {}  # what a version says never changes
        self._running = snapshots.of(partial(self._live, tuple(Distribution)), OFFERS)
        self._unasked = snapshots.of(partial(self._live, UNASKED), OFFERS)
        self._conditions = snapshots.of(self._segments.conditions, SEGMENTS)

    async def get(self, offer_id: str) -> Offer | None:
        return await self._offers.get(offer_id)

    async def get_many(self, offer_ids: Sequence[str]) -> dict[str, Offer]:
        """The offers with these ids, as they are now."""
        wanted = sorted(set(offer_ids))
        return {offer.id: offer for offer in await self._offers.get_many(wanted)} if wanted else {}

    async def require(self, offer_id: str, path: Sequence[str] = OFFER_PATH) -> Offer:
        """The offer. Raises OfferNotFound."""
        return _required(await self._offers.get(offer_id), path)

    def reading(self, offer_id: str) -> Reading[Offer]:
        """The offer as it is now. What it means raises OfferNotFound."""
        return self._offers.reading(offer_id).understood(partial(_required, path=OFFER_PATH))

    async def by_code(self, code: str) -> Offer | None:
        return await self._offers.by_code(code)

    async def page(self, request: PageRequest) -> Page[Offer]:
        """All offers, the newest first."""
        return await self._offers.page(request)

    async def running(self) -> list[Offer]:
        """All offers that are given now, in whatever way, as this process knows them."""
        return self._given_now(await self._running.get())

    async def given_at(self, moment: OfferMoment) -> list[Offer]:
        """The offers that members may be given now at such a moment, as this process knows them."""
        offers = self._given_now(await self._unasked.get())
        return [offer for offer in offers if moment in offer.terms.given_at]

    def forget(self) -> None:
        """Reads the offers anew the next time: it has turned out that one has changed."""
        self._running.forget()
        self._unasked.forget()

    async def terms_of(self, versions: Sequence[tuple[str, int]]) -> dict[tuple[str, int], OfferTerms]:
        """The terms of these versions, each a pair of an offer's id and a number."""
        if len(self._terms) > REMEMBERED_VERSIONS:
            self._terms.clear()
        missing = sorted({each for each in versions if each not in self._terms})
        for found in await self._offers.versions(missing) if missing else ():
            self._terms[found["offer_id"], found["version"]] = terms_from(found["terms"])
        return {each: self._terms[each] for each in versions}

    async def create(self, terms: OfferTerms, request: IdempotentRequest | None = None) -> Offer:
        """A new offer, as a draft, one for each request.

        Raises SeveralRefusals with all that is wrong, OfferCodeTaken and IdempotencyKeyReused.
        """
        checked = await self._checked(terms)
        now = self._clock.now()
        offer = Offer(new_id(), 1, OfferState.DRAFT, checked, now, now)

        async def act(session: Session) -> Document:
            await self._offers.add(offer, session)
            await self._tell("OfferCreated", offer, session)
            return {"offer_id": offer.id}

        made = await self._idempotency.once(request, act)
        return offer if made["offer_id"] == offer.id else await self.require(made["offer_id"])

    async def update(self, offer_id: str, version: int, terms: OfferTerms) -> Offer:
        """Changes the terms for coupons that are issued from now on; those issued keep theirs.

        Raises OfferNotFound, OfferChanged for a stale version, SeveralRefusals and OfferCodeTaken.
        """
        checked = await self._checked(terms)

        async def act(session: Session) -> Offer:
            before = _required(await self._offers.get(offer_id, session), OFFER_PATH)
            offer = replace(before, version=version + 1, terms=checked, changed_at=self._clock.now())
            if before.terms.distribution is not checked.distribution and before.state is not OfferState.DRAFT:
                problem = {
                    "ja": "公開後は配布方法を変更できません",
                    "en": "how it is given stays, once published",
                }
                raise OfferTermsInvalid(path=["input", "terms", "distribution"], problem=problem)
            if not await self._offers.change_terms(offer, session):
                raise OfferChanged(path=["input", "version"])
            await self._counters.note(offer, session)
            await self._tell("OfferUpdated", offer, session)
            return offer

        return await self._forgetting(act)

    async def move(self, offer_id: str, move: OfferMove) -> Offer:
        """Publishes, pauses, resumes or ends it. Raises OfferNotFound, OfferMoveIllegal and OfferChanged."""

        async def act(session: Session) -> Offer:
            before = _required(await self._offers.get(offer_id, session), OFFER_PATH)
            offer = rules.moved(before, move, self._clock.now())
            if not await self._offers.move(offer, before.state, session):
                raise OfferChanged(path=["input", "offerId"])
            await self._counters.note(offer, session)
            await self._tell(EVENTS_OF_MOVES[move], offer, session)
            return offer

        return await self._forgetting(act)

    async def segments(self) -> list[Segment]:
        """All segments, at most 200."""
        return await self._segments.all()

    async def define_segment(self, code: str, names: Texts, condition: Condition) -> Segment:
        """Says who belongs to a segment, a new one or one that is there.

        Raises NameInvalid, SeveralRefusals, and OfferTermsInvalid for a bad code or a segment of segments.
        """
        if not rules.is_group_code(code):
            problem = {
                "ja": "半角小文字の英数字とハイフンで指定します",
                "en": "small letters, digits and hyphens",
            }
            raise OfferTermsInvalid(path=["input", "code"], problem=problem)
        checked = {
            language: require_name(text, ["input", "names", language.value])
            for language, text in names.items()
        }
        sound = await self._sound(condition, ("input", "condition"))
        if any(isinstance(leaf, InSegment) for leaf in leaves(sound)):
            problem = {"ja": "セグメントの中では使えません", "en": "a segment names no other"}
            raise OfferTermsInvalid(path=["input", "condition"], problem=problem)
        segment = Segment(code, checked, sound, self._clock.now())
        await self._segments.put(segment)
        self._conditions.forget()
        return segment

    async def evaluable(self, condition: Condition | None) -> Condition | None:
        """The condition with that of each segment in the place of its name, ready to be evaluated."""
        if condition is None or not any(isinstance(leaf, InSegment) for leaf in leaves(condition)):
            return condition
        return with_segments(condition, await self._conditions.get())

    async def _live(self, distributions: Sequence[Distribution]) -> list[Offer]:
        offers = await self._offers.live(distributions)
        self._terms |= {(offer.id, offer.version): offer.terms for offer in offers}
        return offers

    def _given_now(self, offers: Iterable[Offer]) -> list[Offer]:
        now = self._clock.now()
        return [offer for offer in offers if offer.state_at(now) is OfferState.ACTIVE]

    async def _checked(self, terms: OfferTerms) -> OfferTerms:
        """The terms, sound by themselves, and naming only what exists."""
        checked = rules.checked_terms(terms)
        await self._stores.require_all(
            sorted(terms.usable_when.store_ids), ["input", "terms", "usableWhen", "storeIds"]
        )
        await self._require_categories(terms.scope.category_ids, ("input", "terms", "scope", "categoryIds"))
        missing = await self._catalog.missing_skus(terms.scope.sku_ids)
        if missing:
            problem = {"ja": "存在しないSKUがあります", "en": "there is no such SKU"}
            raise OfferTermsInvalid(path=["input", "terms", "scope", "skuIds"], problem=problem)
        return replace(
            checked,
            issued_if=terms.issued_if and await self._sound(terms.issued_if, ("input", "terms", "issuedIf")),
            usable_if=terms.usable_if and await self._sound(terms.usable_if, ("input", "terms", "usableIf")),
        )

    async def _sound(self, condition: Condition, path: tuple[str, ...]) -> Condition:
        """The condition, bounded, naming only what exists, its stores with their places."""
        require_sound(condition, path)
        named = list(leaves(condition))
        await self._require_categories(
            {leaf.category_id for leaf in named if isinstance(leaf, InterestedInCategory)}, path
        )
        codes = {leaf.segment for leaf in named if isinstance(leaf, InSegment)}
        for code in sorted(codes - {each.code for each in await self._segments.get_many(sorted(codes))}):
            raise SegmentNotFound(path=path, segment=code)
        offer_ids = {leaf.offer_id for leaf in named if isinstance(leaf, HasUsed)}
        if len(await self.get_many(sorted(offer_ids))) < len(offer_ids):
            raise OfferNotFound(path=path)
        store_ids = sorted({leaf.store_id for leaf in named if isinstance(leaf, NearStore)})
        await self._stores.require_all(store_ids, path)
        stores = await self._stores.get_many(store_ids) if store_ids else []
        places = {store.id: store.location for store in stores}
        return _placed(condition, places)

    async def _require_categories(self, category_ids: Set[str], path: Sequence[str]) -> None:
        if not category_ids:
            return
        tree = await self._catalog.categories()
        if any(tree.get(each) is None for each in category_ids):
            raise CategoryNotFound(path=path)

    async def _forgetting(self, act: Callable[[Session], Awaitable[Offer]]) -> Offer:
        """Runs a change; this process sees it at once."""
        try:
            return await self._database.transaction(act)
        finally:
            self.forget()

    async def _tell(self, what: str, offer: Offer, session: Session) -> None:
        data = {"offer_id": offer.id, "version": offer.version}
        await self._events.append(Event(what, f"offer:{offer.id}", self._clock.now(), data), session)


def _required(offer: Offer | None, path: Sequence[str]) -> Offer:
    if offer is None:
        raise OfferNotFound(path=path)
    return offer


def _placed(condition: Condition, places: Mapping[str, GeoPoint]) -> Condition:
    """The condition, each store in it with its place."""
    match condition:
        case AllOf(conditions=conditions):
            return AllOf(tuple(_placed(each, places) for each in conditions))
        case AnyOf(conditions=conditions):
            return AnyOf(tuple(_placed(each, places) for each in conditions))
        case Not(condition=inner):
            return Not(_placed(inner, places))
        case NearStore(store_id=store_id):
            return replace(condition, place=places[store_id])
        case _:
            return condition
