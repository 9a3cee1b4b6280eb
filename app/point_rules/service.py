"""What can be done with point rules: headquarters sets them and runs campaigns; purchases earn by them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from app.auth.actor import StaffActor
from app.auth.session_service import SessionService
from app.members.model import Rank
from app.point_rules import rules
from app.point_rules.errors import PointCampaignNotFound, TooManyPointCampaigns
from app.point_rules.model import Earned, EarningReceipt, PointCampaign, PointRules
from app.point_rules.repository import POINT_CAMPAIGNS, POINT_RULES, PointRulesRepository
from app.shared.clock import Clock
from app.shared.events import Event, EventLog
from app.shared.i18n import Language
from app.shared.idempotency import Idempotency, IdempotentRequest
from app.shared.ids import new_id
from app.shared.mongodb.database import Database, Document, Session
from app.shared.mongodb.reading import Joined, read_together
from app.shared.mongodb.snapshots import Snapshots
from app.shared.names import require_name
from app.shared.paging import Page, PageRequest
from app.shared.store_directory import StoreDirectory

CAMPAIGNS_MAXIMUM = 200  # that have not ended
CAMPAIGNS_READ = 1_000
Changed = TypeVar("Changed", PointRules, PointCampaign)
FIRST_RULES = PointRules(datetime(1970, 1, 1, tzinfo=UTC))  # until headquarters sets others


@dataclass(frozen=True, slots=True)
class RulesOfTime:
    """All rules and campaigns that purchases since some moment may earn by."""

    versions: tuple[PointRules, ...]
    campaigns: tuple[PointCampaign, ...]

    def at(self, moment: datetime) -> PointRules:
        """The rules that held at this moment."""
        return next((each for each in self.versions if each.valid_from <= moment), FIRST_RULES)

    def earned(self, receipt: EarningReceipt, rank: Rank) -> tuple[Earned, ...]:
        """What each line earns, by what held when it was bought."""
        return rules.earned(receipt, rank, self.at(receipt.occurred_at), self.campaigns)


class PointRulesService:
    """The use cases of point rules and campaigns."""

    def __init__(
        self,
        database: Database,
        sessions: SessionService,
        stores: StoreDirectory,
        idempotency: Idempotency,
        events: EventLog,
        snapshots: Snapshots,
        clock: Clock,
    ) -> None:
        self._database = database
        self._rules = PointRulesRepository(database)
        self._sessions = sessions
        self._stores = stores
        self._idempotency = idempotency
        self._events = events
        self._clock = clock
        self._now = snapshots.of(lambda: self.since(self._clock.now()), POINT_RULES, POINT_CAMPAIGNS)

    async def of_now(self) -> RulesOfTime:
        """What purchases earn by at this moment, as it is known in this process."""
        return await self._now.get()

    async def since(self, moment: datetime) -> RulesOfTime:
        """What purchases since this moment earn by."""
        rules = self.reading_since(moment)
        return (await read_together(self._database, rules))[rules]

    def reading_since(self, moment: datetime) -> Joined[RulesOfTime]:
        """What `since` tells."""
        versions = self._rules.reading_versions()
        campaigns = self._rules.reading_campaigns(moment, CAMPAIGNS_READ)
        return Joined(
            [versions, campaigns],
            lambda found: RulesOfTime(tuple(found[versions]), tuple(found[campaigns])),
        )

    async def current(self) -> PointRules:
        """The rules that hold now."""
        versions = await self._rules.versions()
        return versions[0] if versions else FIRST_RULES

    async def campaigns(self, request: PageRequest) -> Page[PointCampaign]:
        """All campaigns, the newest first."""
        return await self._rules.page(request)

    async def set_rules(self, staff: StaffActor, wanted: PointRules) -> PointRules:
        """Has these rules hold from now on; what was bought before earns by those that held then.

        Raises PointRulesInvalid.
        """
        rules.require_sound_rules(wanted)

        async def act(session: Session) -> PointRules:
            await self._sessions.require_living(staff, session)
            current = replace(wanted, valid_from=self._clock.now())
            await self._rules.add_version(current, session)
            await self._tell("PointRulesSet", staff, {"yen_per_point": current.yen_per_point}, session)
            return current

        return await self._forgetting(act)

    async def start_campaign(
        self, staff: StaffActor, wanted: PointCampaign, request: IdempotentRequest | None = None
    ) -> PointCampaign:
        """A new campaign, one for each request; what is bought while it runs and recorded from now on earns
        by it.

        Raises PointCampaignInvalid, NameInvalid, TooManyPointCampaigns, StoreNotFound and
        IdempotencyKeyReused.
        """
        rules.require_sound_campaign(wanted)
        names = {language: require_name(wanted.names[language], ["input", "names"]) for language in Language}
        await self._stores.require_all(sorted(wanted.store_ids), ["input", "storeIds"])
        campaign = replace(wanted, id=new_id(), names=names)

        async def act(session: Session) -> Document:
            if await self._rules.count_since(self._clock.now()) >= CAMPAIGNS_MAXIMUM:
                raise TooManyPointCampaigns(maximum=CAMPAIGNS_MAXIMUM)
            await self._sessions.require_living(staff, session)
            await self._rules.add_campaign(campaign, session)
            await self._tell("PointCampaignStarted", staff, {"campaign_id": campaign.id}, session)
            return {"campaign_id": campaign.id}

        try:
            started = await self._idempotency.once(request, act)
        finally:
            self._now.forget()
        if started["campaign_id"] == campaign.id:
            return campaign
        return await self._rules.campaign(started["campaign_id"])

    async def end_campaign(self, staff: StaffActor, campaign_id: str) -> PointCampaign:
        """Ends a campaign now. Raises PointCampaignNotFound."""

        async def act(session: Session) -> PointCampaign:
            await self._sessions.require_living(staff, session)
            campaign = await self._rules.end_campaign(campaign_id, self._clock.now(), session)
            if campaign is None:
                raise PointCampaignNotFound(path=["input", "campaignId"])
            await self._tell("PointCampaignEnded", staff, {"campaign_id": campaign_id}, session)
            return campaign

        return await self._forgetting(act)

    async def _forgetting(self, act: Callable[[Session], Awaitable[Changed]]) -> Changed:
        """Runs a change; this process sees it at once."""
        try:
            return await self._database.transaction(act)
        finally:
            self._now.forget()

    async def _tell(self, what: str, staff: StaffActor, data: Document, session: Session) -> None:
        event = Event(what, "point-rules", self._clock.now(), {"by": staff.staff_id, **data})
        await self._events.append(event, session)
