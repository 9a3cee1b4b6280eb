"""Why a member has a coupon, in words: when she was given it, what held for her, and when it can be used."""

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from app.coupons.model import CouponWithTerms
from app.offers.conditions import InterestedInCategory, NearStore
from app.offers.texts import Names, moment_text, reason_text, validity_text
from app.shared.clock import midnight
from app.shared.i18n import Language

MOST_NAMED_STORES = 3  # where it can be used at more of them, they are not listed
_SEPARATORS = {Language.JA: "。", Language.EN: "; "}


def named_stores(held: CouponWithTerms) -> list[str]:
    """The stores whose names the explanation needs."""
    coupon, where = held.coupon, held.terms.usable_when.store_ids
    ids = {leaf.store_id for leaf in coupon.reasons if isinstance(leaf, NearStore)}
    ids |= {coupon.moment_store_id} if coupon.moment_store_id else set()
    return sorted(ids | (where if len(where) <= MOST_NAMED_STORES else frozenset()))


def named_categories(held: CouponWithTerms) -> list[str]:
    """The categories whose names the explanation needs."""
    reasons = held.coupon.reasons
    return sorted({leaf.category_id for leaf in reasons if isinstance(leaf, InterestedInCategory)})


@dataclass(frozen=True, slots=True)
class CouponExplanation:
    """A coupon with the names of the stores and categories that it is about, by their ids."""

    held: CouponWithTerms
    names: Names
    time_zone: ZoneInfo

    def text(self, language: Language) -> str:
        """All of it in one line, as in `Welcome; you often look for Stationery; valid at 15:00–18:00`."""
        coupon = self.held.coupon
        told = [reason_text(leaf, self.names, language) for leaf in coupon.reasons]
        if coupon.moment is not None:
            told.insert(0, moment_text(coupon.moment, coupon.moment_store_id, self.names, language))
        told.append(self._validity(language))
        text = _SEPARATORS[language].join(filter(None, told))
        return text[:1].upper() + text[1:]

    def _validity(self, language: Language) -> str:
        """When and where it can be used: today alone, if it expires as the day that it was given on ends."""
        coupon, when = self.held.coupon, self.held.terms.usable_when
        day_began = midnight(coupon.issued_at.astimezone(self.time_zone))
        is_today_alone = coupon.expires_at <= day_began + timedelta(days=1)
        names = self.names if len(when.store_ids) <= MOST_NAMED_STORES else {}
        return validity_text(when, is_today_alone, names, language)
