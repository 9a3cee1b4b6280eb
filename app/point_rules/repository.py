"""Point rules and campaigns in MongoDB. Rules are added and never changed: each holds from its moment on."""

from datetime import datetime

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from app.members.model import Rank
from app.point_rules.model import PointCampaign, PointRules
from app.shared.channels import Channel
from app.shared.i18n import Language
from app.shared.ids import new_id
from app.shared.mongodb.database import CollectionDefinition, ConcurrentChange, Database, Document, Session
from app.shared.mongodb.documents import BOOLEAN, MOMENT, STRING, at_least, document, list_of, one_of
from app.shared.mongodb.reading import Reading
from app.shared.paging import Page, PageRequest, page_of

VERSIONS_READ = 100

POINT_RULES = CollectionDefinition(
    "point_rules",
    validator=document(
        _id=STRING,
        valid_from=MOMENT,
        yen_per_point=at_least(1),
        counts_tax=BOOLEAN,
        rank_percents=list_of(document(rank=one_of(Rank), percent=at_least(0))),
        category_percents=list_of(document(category_id=STRING, percent=at_least(0))),
        excluded_categories=list_of(STRING),
    ),
    indexes=[IndexModel([("valid_from", -1)], unique=True)],
)

POINT_CAMPAIGNS = CollectionDefinition(
    "point_campaigns",
    validator=document(
        _id=STRING,
        names=document(ja=STRING, en=STRING),
        percent=at_least(101),
        starts_at=MOMENT,
        ends_at=MOMENT,
        ranks=list_of(one_of(Rank)),
        channels=list_of(one_of(Channel)),
        store_ids=list_of(STRING),
        category_ids=list_of(STRING),
    ),
    indexes=[IndexModel([("ends_at", 1)])],
)


class PointRulesRepository:
    """Reads and writes what purchases earn."""

    def __init__(self, database: Database) -> None:
        self._rules = database.collection(POINT_RULES)
        self._campaigns = database.collection(POINT_CAMPAIGNS)

    async def versions(self, session: Session = None) -> list[PointRules]:
        """The newest rules first, 100 versions of them at the most."""
        found = await self._rules.find(
            {}, sort=[("valid_from", DESCENDING)], limit=VERSIONS_READ, session=session
        )
        return [_rules_from(each) for each in found]

    async def add_version(self, rules: PointRules, session: Session) -> None:
        """Adds rules; where others were made at the same moment, the transaction runs again."""
        try:
            await self._rules.insert_one(_rules_document(rules), session=session)
        except DuplicateKeyError:
            raise ConcurrentChange from None

    def reading_versions(self) -> Reading[list[PointRules]]:
        """What `versions` finds."""
        return Reading(
            POINT_RULES,
            [{"$sort": {"valid_from": DESCENDING}}, {"$limit": VERSIONS_READ}],
            lambda found: [_rules_from(each) for each in found],
        )

    def reading_campaigns(self, since: datetime, limit: int) -> Reading[list[PointCampaign]]:
        """Those that end after this moment, the first to end first."""
        return Reading(
            POINT_CAMPAIGNS,
            [{"$match": {"ends_at": {"$gt": since}}}, {"$sort": {"ends_at": ASCENDING}}, {"$limit": limit}],
            lambda found: [_campaign_from(each) for each in found],
        )

    async def count_since(self, moment: datetime) -> int:
        return await self._campaigns.count({"ends_at": {"$gt": moment}})

    async def page(self, request: PageRequest) -> Page[PointCampaign]:
        """All campaigns, the newest first."""
        position = request.position(str)
        query: Document = {"_id": {"$lt": position[0]}} if position else {}
        found = await self._campaigns.find(query, sort=[("_id", DESCENDING)], limit=request.first + 1)
        return page_of([(_campaign_from(each), (each["_id"],)) for each in found], request)

    async def campaign(self, campaign_id: str) -> PointCampaign:
        """A campaign that was started; none is ever removed. Raises LookupError."""
        found = await self._campaigns.find_one({"_id": campaign_id})
        if found is None:
            raise LookupError(f"the campaign {campaign_id} is gone")
        return _campaign_from(found)

    async def add_campaign(self, campaign: PointCampaign, session: Session) -> None:
        await self._campaigns.insert_one(_campaign_document(campaign), session=session)

    async def end_campaign(self, campaign_id: str, now: datetime, session: Session) -> PointCampaign | None:
        """Ends a campaign now; None when there is none that has not ended."""
        found = await self._campaigns.find_one_and_update(
            {"_id": campaign_id, "ends_at": {"$gt": now}}, {"$set": {"ends_at": now}}, session=session
        )
        return _campaign_from(found) if found else None


def _rules_document(rules: PointRules) -> Document:
    return {
        "_id": new_id(),
        "valid_from": rules.valid_from,
        "yen_per_point": rules.yen_per_point,
        "counts_tax": rules.counts_tax,
        "rank_percents": [
            {"rank": rank.value, "percent": percent} for rank, percent in sorted(rules.rank_percents.items())
        ],
        "category_percents": [
            {"category_id": category_id, "percent": percent}
            for category_id, percent in sorted(rules.category_percents.items())
        ],
        "excluded_categories": sorted(rules.excluded_categories),
    }


def _rules_from(found: Document) -> PointRules:
    return PointRules(
        valid_from=found["valid_from"],
        yen_per_point=found["yen_per_point"],
        counts_tax=found["counts_tax"],
        rank_percents={Rank(each["rank"]): each["percent"] for each in found["rank_percents"]},
        category_percents={each["category_id"]: each["percent"] for each in found["category_percents"]},
        excluded_categories=frozenset(found["excluded_categories"]),
    )


def _campaign_document(campaign: PointCampaign) -> Document:
    return {
        "_id": campaign.id,
        "names": {language.value: campaign.names[language] for language in Language},
        "percent": campaign.percent,
        "starts_at": campaign.starts_at,
        "ends_at": campaign.ends_at,
        "ranks": sorted(campaign.ranks),
        "channels": sorted(campaign.channels),
        "store_ids": sorted(campaign.store_ids),
        "category_ids": sorted(campaign.category_ids),
    }


def _campaign_from(found: Document) -> PointCampaign:
    return PointCampaign(
        id=found["_id"],
        names={Language(language): text for language, text in found["names"].items()},
        percent=found["percent"],
        starts_at=found["starts_at"],
        ends_at=found["ends_at"],
        ranks=frozenset(Rank(each) for each in found["ranks"]),
        channels=frozenset(Channel(each) for each in found["channels"]),
        store_ids=frozenset(found["store_ids"]),
        category_ids=frozenset(found["category_ids"]),
    )
