"""Who is held out of an offer, and who gets which variant: by a hash, so that it stays as it is.

The share of a member is the SHA-256 of the offer, what it is drawn for, and the member, as a number from 0 to
9,999. Nothing has to be kept, every process says the same, and one draw tells nothing of another one.
"""

import hashlib

from app.offers.model import OfferTerms

SHARES = 10_000
A_PERCENT = SHARES // 100


def share_of(offer_id: str, drawn_for: str, member_id: str) -> int:
    """The member's place among all, 0 to 9,999, evenly."""
    drawn = hashlib.sha256(f"{offer_id}\n{drawn_for}\n{member_id}".encode()).digest()
    return int.from_bytes(drawn[:8]) % SHARES


def is_held_out(offer_id: str, terms: OfferTerms, member_id: str) -> bool:
    """Whether she gets none of it, so that those who do can be compared with her."""
    return share_of(offer_id, "holdout", member_id) < terms.holdout_percent * A_PERCENT


def variant_for(offer_id: str, terms: OfferTerms, member_id: str) -> str | None:
    """The name of the variant that she gets; None where she gets the offer as it is."""
    share = share_of(offer_id, "variant", member_id)
    for variant in terms.variants:
        share -= variant.percent * A_PERCENT
        if share < 0:
            return variant.name
    return None
