"""Pure decisions about receipts: what one may say, which day it belongs to, and when its points come."""

import hashlib
import re
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from app.purchases.errors import (
    PointsUsedInvalid,
    ReceiptLinesInvalid,
    ReceiptNameInvalid,
    ReceiptStoreMissing,
    ReceiptTimeInvalid,
    ReceiptTotalWrong,
    ReturnInvalid,
)
from app.purchases.model import Receipt, ReceiptLine, ReceiptName, ReturnReceipt
from app.shared.channels import Channel
from app.shared.clock import midnight, whole_milliseconds
from app.shared.texts import normal_line

MAXIMUM_RECEIPTS = 200
MAXIMUM_LINES = 200
MAXIMUM_QUANTITY = 9_999
MAXIMUM_TOTAL = 10_000_000
NAME_MAXIMUM_LENGTH = 100
CODE_MAXIMUM_LENGTH = 64
OLDEST = timedelta(days=400)
CLOCK_TOLERANCE = timedelta(minutes=10)  # the clocks of tills are set by hand

_CODE = re.compile(r"[A-Za-z0-9._/:#-]{1,64}")
_WITH_STORE = {Channel.STORE, Channel.POPUP}


def require_sound(receipt: Receipt, now: datetime) -> None:
    """Raises the refusal of a receipt that cannot be one."""
    _require_name(receipt.name)
    _require_time(receipt.occurred_at, now)
    if not 1 <= len(receipt.lines) <= MAXIMUM_LINES or not all(map(_is_sound, receipt.lines)):
        raise ReceiptLinesInvalid(
            path=["lines"],
            maximum_lines=MAXIMUM_LINES,
            maximum_quantity=MAXIMUM_QUANTITY,
            maximum_amount=MAXIMUM_TOTAL,
            maximum_length=NAME_MAXIMUM_LENGTH,
        )
    lines_total = sum(line.amount for line in receipt.lines)
    if receipt.total != lines_total or receipt.total > MAXIMUM_TOTAL:
        raise ReceiptTotalWrong(
            path=["total"], total=receipt.total, lines_total=lines_total, maximum=MAXIMUM_TOTAL
        )
    is_anonymous = receipt.member_number is None and receipt.verification_id is None
    if not 0 <= receipt.points_used <= (0 if is_anonymous else receipt.total):
        raise PointsUsedInvalid(path=["pointsUsed"])


def require_sound_return(receipt: ReturnReceipt, now: datetime) -> None:
    """Raises the refusal of a return that cannot be one."""
    _require_name(receipt.name)
    _require_time(receipt.occurred_at, now)
    numbers = {each.line for each in receipt.pieces}
    if not 1 <= len(receipt.pieces) <= MAXIMUM_LINES or len(numbers) != len(receipt.pieces):
        raise ReturnInvalid(path=["lines"])


def content_hash(content: dict[str, Any]) -> str:
    """What tells a repetition from another receipt of the same name."""
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """The calendar day that it was then in this time zone."""
    return moment.astimezone(zone).date()


def available_at(occurred_at: datetime, return_days: int, zone: ZoneInfo, now: datetime) -> datetime | None:
    """When points can be spent: as the last day of the return window ends; None when that is over already.

    Points of one day come together, so an account has few pending lots however much is bought.
    """
    if return_days == 0:
        return None
    last = occurred_at.astimezone(zone) + timedelta(days=return_days + 1)
    moment = whole_milliseconds(midnight(last))
    return moment if moment > now else None


def _require_name(name: ReceiptName) -> None:
    for field, text in (("terminal", name.terminal), ("receiptNumber", name.receipt_number)):
        if not _CODE.fullmatch(text):
            raise ReceiptNameInvalid(path=[field], maximum=CODE_MAXIMUM_LENGTH)
    if name.store_id is None and name.channel in _WITH_STORE:
        raise ReceiptStoreMissing(path=["storeId"])


def _require_time(occurred_at: datetime, now: datetime) -> None:
    if not now - OLDEST <= occurred_at <= now + CLOCK_TOLERANCE:
        raise ReceiptTimeInvalid(path=["occurredAt"], oldest_days=OLDEST.days)


def _is_sound(line: ReceiptLine) -> bool:
    codes = (line.sku_id, line.jan, line.category_id)
    return (
        1 <= line.quantity <= MAXIMUM_QUANTITY
        and 0 <= line.amount <= MAXIMUM_TOTAL
        and (line.name is None or normal_line(line.name, NAME_MAXIMUM_LENGTH) is not None)
        and all(code is None or normal_line(code, CODE_MAXIMUM_LENGTH) is not None for code in codes)
    )
