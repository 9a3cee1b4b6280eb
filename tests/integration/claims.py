"""Members who claim coupons, the till that takes them, and what became of many who did it at once."""

import asyncio
from collections import Counter

from app.auth.actor import PartnerActor
from app.auth.partners import Scope
from app.coupons.model import Coupon
from app.services import Services
from app.shared.errors import Refusal
from app.shared.ids import new_id

TILL = PartnerActor("till", frozenset({Scope.COUPONS_REDEEM}))


async def claim(services: Services, member_id: str, offer_id: str, key: str | None = None) -> Coupon:
    return await services.coupons.issuing.claim(member_id, offer_id, None, key or f"key-{new_id()}")


async def claim_code(services: Services, member_id: str, code: str, key: str | None = None) -> Coupon:
    return await services.coupons.issuing.claim(member_id, None, code, key or f"key-{new_id()}")


async def outcomes(*acts: object) -> Counter[str]:
    """How often each thing happened: done, or a refusal's code."""
    results = await asyncio.gather(*acts, return_exceptions=True)  # type: ignore[call-overload]
    for each in results:
        if isinstance(each, BaseException) and not isinstance(each, Refusal):
            raise each
    return Counter(each.code if isinstance(each, Refusal) else "done" for each in results)
