"""The refusals of tracked events."""

from app.shared.errors import Refusal


class EventIdInvalid(Refusal):
    """An event's id is too short, too long or has other characters."""

    code = "EVENT_ID_INVALID"
    ja = "イベントIDは{minimum}〜{maximum}文字の英数字と「. _ : -」で指定してください。"
    en = "Give an event's id of {minimum} to {maximum} letters, digits and . _ : -"


class EventSubjectInvalid(Refusal):
    """An event does not name what its kind is about."""

    code = "EVENT_SUBJECT_INVALID"
    ja = "SEARCHEDにはカテゴリーまたはブランド、それ以外にはSKUを指定してください。"
    en = "Name a category, a brand or both for SEARCHED, and a SKU for all other events."
