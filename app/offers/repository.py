"""Offers, every version of their terms, and segments in MongoDB."""

from collections.abc import Collection

from pymongo import DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from app.offers.condition_documents import condition_document, condition_from
from app.offers.conditions import Condition
from app.offers.documents import (
    OFFER_SCHEMA,
    OFFER_VERSION_SCHEMA,
    offer_document,
    offer_from,
    terms_document,
)
from app.offers.errors import OfferCodeTaken
from app.offers.model import Distribution, Offer, OfferState
from app.offers.segments import Segment
from app.shared.i18n import Language
from app.shared.mongodb.database import CollectionDefinition, Database, Document, Session
from app.shared.mongodb.documents import IS_TEXT, MOMENT, OBJECT, STRING, document
from app.shared.mongodb.reading import Reading
from app.shared.paging import Page, PageRequest, page_of

MAXIMUM_LIVE = 500  # offers that are looked through when somebody checks in
MAXIMUM_SEGMENTS = 200

OFFERS = CollectionDefinition(
    "offers",
    validator=OFFER_SCHEMA,
    indexes=[
        IndexModel([("terms.code", 1)], unique=True, partialFilterExpression={"terms.code": IS_TEXT}),
        IndexModel([("state", 1), ("terms.distribution", 1), ("terms.ends_at", 1)]),
    ],
)
# What the terms said once; a coupon goes by the version that it was issued under.
OFFER_VERSIONS = CollectionDefinition(
    "offer_versions",
    validator=OFFER_VERSION_SCHEMA,
    indexes=[IndexModel([("offer_id", 1), ("version", 1)], unique=True)],
)
SEGMENTS = CollectionDefinition(
    "segments",
    validator=document(_id=STRING, names=document(ja=STRING, en=STRING), condition=OBJECT, changed_at=MOMENT),
)


class OfferRepository:
    """Reads and writes offers."""

    def __init__(self, database: Database) -> None:
        self._offers = database.collection(OFFERS)
        self._versions = database.collection(OFFER_VERSIONS)

    async def get(self, offer_id: str, session: Session = None) -> Offer | None:
        found = await self._offers.find_one({"_id": offer_id}, session=session)
        return offer_from(found) if found else None

    def reading(self, offer_id: str) -> Reading[Offer | None]:
        """What `get` finds."""
        return Reading(
            OFFERS, [{"$match": {"_id": offer_id}}], lambda found: offer_from(found[0]) if found else None
        )

    async def get_many(self, offer_ids: list[str]) -> list[Offer]:
        return [offer_from(each) for each in await self._offers.find({"_id": {"$in": offer_ids}})]

    async def by_code(self, code: str) -> Offer | None:
        found = await self._offers.find_one({"terms.code": {"$eq": code, **IS_TEXT}})
        return offer_from(found) if found else None

    async def add(self, offer: Offer, session: Session) -> None:
        """Adds an offer with its first version. Raises OfferCodeTaken."""
        try:
            await self._offers.insert_one(offer_document(offer), session=session)
        except DuplicateKeyError:
            raise OfferCodeTaken(path=["input", "terms", "code"]) from None
        await self._add_version(offer, session)

    async def change_terms(self, offer: Offer, session: Session) -> bool:
        """Writes the next version of the terms, if the offer is at the one before. Raises OfferCodeTaken."""
        changes = {
            name: value for name, value in offer_document(offer).items() if name not in {"_id", "state"}
        }
        try:
            found = await self._offers.find_one_and_update(
                {"_id": offer.id, "version": offer.version - 1, "state": {"$ne": OfferState.ENDED.value}},
                {"$set": changes},
                session=session,
            )
        except DuplicateKeyError:
            raise OfferCodeTaken(path=["input", "terms", "code"]) from None
        if found is not None:
            await self._add_version(offer, session)
        return found is not None

    async def move(self, offer: Offer, before: OfferState, session: Session) -> bool:
        """Writes the offer's state; whether it was in the one before."""
        found = await self._offers.find_one_and_update(
            {"_id": offer.id, "state": before.value, "version": offer.version},
            {"$set": {"state": offer.state.value, "changed_at": offer.changed_at}},
            session=session,
        )
        return found is not None

    async def versions(self, wanted: list[tuple[str, int]]) -> list[Document]:
        """These versions of terms, as pairs of offer and number."""
        return await self._versions.find(
            {"$or": [{"offer_id": offer_id, "version": version} for offer_id, version in wanted]}
        )

    async def live(self, distributions: Collection[Distribution]) -> list[Offer]:
        """The newest offers that are published and given in one of these ways."""
        ways = sorted(each.value for each in distributions)
        found = await self._offers.find(
            {"state": OfferState.ACTIVE.value, "terms.distribution": {"$in": ways}},
            sort=[("terms.ends_at", DESCENDING)],
            limit=MAXIMUM_LIVE,
        )
        return [offer_from(each) for each in found]

    async def page(self, request: PageRequest) -> Page[Offer]:
        """All offers, the newest first."""
        position = request.position(str)
        query: Document = {"_id": {"$lt": position[0]}} if position else {}
        found = await self._offers.find(query, sort=[("_id", DESCENDING)], limit=request.first + 1)
        return page_of([(offer_from(each), (each["_id"],)) for each in found], request)

    async def _add_version(self, offer: Offer, session: Session) -> None:
        await self._versions.insert_one(
            {
                "_id": f"{offer.id}/{offer.version}",
                "offer_id": offer.id,
                "version": offer.version,
                "terms": terms_document(offer.terms),
            },
            session=session,
        )


class SegmentRepository:
    """Reads and writes segments."""

    def __init__(self, database: Database) -> None:
        self._segments = database.collection(SEGMENTS)

    async def all(self) -> list[Segment]:
        found = await self._segments.find({}, sort=[("_id", 1)], limit=MAXIMUM_SEGMENTS)
        return [_segment_from(each) for each in found]

    async def get_many(self, codes: list[str]) -> list[Segment]:
        found = await self._segments.find({"_id": {"$in": codes}}) if codes else []
        return [_segment_from(each) for each in found]

    async def conditions(self) -> dict[str, Condition]:
        """Who belongs to each of the segments, by its code."""
        return {each["_id"]: condition_from(each["condition"]) for each in await self._segments.find({})}

    async def put(self, segment: Segment) -> None:
        await self._segments.find_one_and_update(
            {"_id": segment.code},
            {
                "$set": {
                    "names": {language.value: text for language, text in segment.names.items()},
                    "condition": condition_document(segment.condition),
                    "changed_at": segment.changed_at,
                }
            },
            upsert=True,
        )


def _segment_from(found: Document) -> Segment:
    return Segment(
        code=found["_id"],
        names={language: found["names"][language.value] for language in Language},
        condition=condition_from(found["condition"]),
        changed_at=found["changed_at"],
    )
