"""What a demo member came to, visit by visit: points by the rules, miles, and the ranks that they made."""

import random
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from app.demo.ids import demo_id
from app.members.model import Member, YearMiles
from app.members.ranks import RankChange, RankReason, RankRules
from app.point_rules.rules import earned
from app.point_rules.service import FIRST_RULES
from app.points import rules as point_rules
from app.points.model import PointAccount, PointEntry, PointReason, PointSource
from app.purchases.model import Purchase
from app.purchases.rewarding import Paths, earning_receipt
from app.purchases.rules import available_at

VALIDITY_MONTHS = 12
RETURN_DAYS = 14
GRACE_MONTHS = 3


class DemoHistory:
    """The ledger and the ranks of one member, who begins with nothing; what happens is told in its order."""

    def __init__(self, member: Member, chance: random.Random, time_zone: ZoneInfo, paths: Paths) -> None:
        self.member = member
        self.entries: list[PointEntry] = []
        self.rank_changes: list[RankChange] = []
        self._account = PointAccount(member.id)
        self._chance = chance
        self._time_zone = time_zone
        self._ranks = RankRules(time_zone, GRACE_MONTHS)
        self._paths = paths

    def earn(self, amount: int, source: PointSource, available: datetime | None = None) -> PointEntry:
        """Her next entry, for points that can be spent at once or from that moment on."""
        moment = source.occurred_at
        expires_at = point_rules.expiry(available or moment, VALIDITY_MONTHS, self._time_zone)
        change = point_rules.earn(self._account, amount, expires_at, source, available)
        entry = point_rules.entry_for(self._account, change, self._id(), moment)
        self._account = entry.account
        self.entries.append(entry)
        return entry

    def buy(self, purchase: Purchase) -> Purchase:
        """The purchase with what it earned her by the rank that she held."""
        moment = purchase.occurred_at
        rank = self._ranks.rank_at(self.member, moment)
        shares = earned(earning_receipt(purchase, self._paths), rank, FIRST_RULES, ())
        available = available_at(moment, RETURN_DAYS, self._time_zone, moment)
        lines = tuple(
            replace(line, points=share.points, miles=share.miles)
            for line, share in zip(purchase.lines, shares, strict=True)
        )
        bought = replace(purchase, rank=rank, points_available_at=available, lines=lines)
        if bought.points_earned:
            reference = f"purchase:{bought.id}"
            source = PointSource(reference, PointReason.PURCHASE, moment, bought.name.store_id)
            self.earn(bought.points_earned, source, available)
        self._add_miles(bought)
        return bought

    def _add_miles(self, purchase: Purchase) -> None:
        year, moment = purchase.rank_year, purchase.occurred_at
        before = self._ranks.rank_at(self.member, moment)
        miles = {each.year: each.miles for each in self.member.mile_years}
        miles[year] = miles.get(year, 0) + purchase.miles_earned
        years = tuple(YearMiles(each, miles[each]) for each in sorted(miles))
        self._note_ended_years(moment)
        self.member = replace(self.member, mile_years=years)
        after = self._ranks.rank_at(self.member, moment)
        if after is not before:
            self._note(RankChange("", "", 0, before, after, RankReason.PURCHASE, purchase.id, moment))

    def _note_ended_years(self, moment: datetime) -> None:
        """Writes down to which ranks she fell until then, as years ended."""
        if not self.rank_changes:
            return
        newest = self.rank_changes[-1]
        held = newest.after
        for rank, ended_at in self._ranks.ended_ranks(self.member, held, newest.changed_at, moment):
            self._note(RankChange("", "", 0, held, rank, RankReason.YEAR_ENDED, None, ended_at))
            held = rank

    def _note(self, change: RankChange) -> None:
        seq = len(self.rank_changes) + 1
        self.rank_changes.append(replace(change, id=self._id(), member_id=self.member.id, seq=seq))

    def _id(self) -> str:
        return demo_id(self._chance, self.member.registered_at)
