"""Every official operation, with who sends it and what makes its variables and all that they speak of.

A query may be sent again and again by the same caller; what changes anything once, as it was made.
"""

from collections.abc import Mapping

from bench.official import members, offers, orders, shop, sign_in, telling
from bench.official.calls import OfficialOperation
from graphql_schema.documents import TEXTS

OFFICIAL_OPERATIONS: Mapping[str, OfficialOperation] = {
    **members.OPERATIONS,
    **offers.OPERATIONS,
    **orders.OPERATIONS,
    **shop.OPERATIONS,
    **sign_in.OPERATIONS,
    **telling.OPERATIONS,
}


def kind_of(name: str) -> str:
    """`query`, `mutation` or `subscription`."""
    return TEXTS[name].split(maxsplit=1)[0]
