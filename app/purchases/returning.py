"""Pure decisions about returns: what they give back and take, whatever parts goods are returned in.

Each line's share is what its returned pieces are of all its pieces, rounded down over all returns so far:
any split of returns comes to the same as one full return. No rule is run again.
"""

from collections.abc import Sequence
from dataclasses import replace

from app.purchases.errors import ReturnInvalid
from app.purchases.model import GivenBack, Purchase, ReturnedPieces


def returned(purchase: Purchase, pieces: Sequence[ReturnedPieces]) -> tuple[Purchase, GivenBack]:
    """The purchase after these pieces came back, and what that changes. Raises ReturnInvalid.

    Points that paid come back before money, so that they never turn into money.
    """
    lines = list(purchase.lines)
    for each in pieces:
        line = lines[each.line - 1] if 1 <= each.line <= len(lines) else None
        if line is None or not 1 <= each.quantity <= line.item.quantity - line.returned:
            raise ReturnInvalid(path=["lines"])
        lines[each.line - 1] = replace(line, returned=line.returned + each.quantity)
    after = replace(purchase, lines=tuple(lines), version=purchase.version + 1)
    after = replace(
        after,
        points_returned=min(purchase.points_used, after.amount_returned),
        points_taken=after.share_of_returned,
    )
    return after, GivenBack(
        amount=after.amount_returned - purchase.amount_returned,
        points_returned=after.points_returned - purchase.points_returned,
        points_taken=purchase.points_earned - after.points_earned,
        miles_taken=purchase.miles_earned - after.miles_earned,
    )
