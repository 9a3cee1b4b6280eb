"""Ids like those the product makes, but by chance that a seed decides."""

import random
from datetime import datetime


def demo_id(chance: random.Random, registered_at: datetime) -> str:
    """An id of something of a member who registered then: what `new_id` would have made at that moment.

    Members are loaded in the order in which they registered. With such ids the indexes grow at their ends, as
    they do where time passes; ids from all over would cost MongoDB more than twice the time.
    """
    return f"{int(registered_at.timestamp() * 1000):012x}{chance.getrandbits(80):020x}"
