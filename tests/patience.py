"""How long the tests wait for what must come about: a busy machine must not fail what is right."""

import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.shared.clock import midnight

PATIENCE_SECONDS = 120
TOKYO = ZoneInfo("Asia/Tokyo")


def wait_for_a_day_that_lasts() -> None:
    """Waits for midnight in Japan where it is near: what is done once a day could be done again after it."""
    now = datetime.now(TOKYO)
    left = (midnight(now) + timedelta(days=1) - now).total_seconds()
    if left < PATIENCE_SECONDS:
        time.sleep(left)
