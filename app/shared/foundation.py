"""What nearly every service stands on."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from app.shared.clock import Clock
from app.shared.events import EventLog
from app.shared.idempotency import Idempotency
from app.shared.mongodb.database import Database
from app.shared.mongodb.snapshots import Snapshots
from app.shared.rate_limits import RateLimits
from app.shared.settings.model import Settings


@dataclass(frozen=True, slots=True)
class Foundation:
    """Given to the builders of domains, which hand each service the parts it needs."""

    settings: Settings
    database: Database
    clock: Clock
    time_zone: ZoneInfo
    events: EventLog
    idempotency: Idempotency
    limits: RateLimits
    snapshots: Snapshots

    @classmethod
    def lay(cls, settings: Settings, database: Database, clock: Clock) -> "Foundation":
        """The foundation on this database."""
        return cls(
            settings,
            database,
            clock,
            ZoneInfo(settings.time_zone),
            EventLog(database),
            Idempotency(database, clock),
            RateLimits(database, clock),
            Snapshots(database, clock),
        )
