"""Refusals: the named ways in which Tsunagu says no.

A domain declares its refusals in its own `errors.py`, each with a code that programs act on and a
text in each language. The texts may use the numbers that explain the refusal.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

from app.shared.i18n import Language


class Refusal(Exception):
    """A request that is understood and declined. Subclasses state `code`, `ja` and `en`.

    One that is not final is no answer to keep: the same request may be sent again, and succeed.
    """

    code: ClassVar[str]
    ja: ClassVar[str]
    en: ClassVar[str]
    is_final: ClassVar[bool] = True
    known: ClassVar[dict[str, type["Refusal"]]] = {}

    def __init__(self, *, path: Iterable[str] = (), **numbers: Any) -> None:
        super().__init__(self.code)
        self.path = tuple(path)
        self.numbers = numbers

    def __init_subclass__(cls) -> None:
        if cls.code in Refusal.known:
            raise TypeError(f"two refusals have the code {cls.code}")
        Refusal.known[cls.code] = cls

    def message(self, language: Language) -> str:
        """The reason in the caller's language; what explains it may have a text for each language itself."""
        text = self.ja if language is Language.JA else self.en
        told = {
            name: value[language.value] if isinstance(value, dict) else value
            for name, value in self.numbers.items()
        }
        return text.format(**told)

    def to_document(self) -> dict[str, Any]:
        return {"code": self.code, "path": list(self.path), "numbers": self.numbers}

    @staticmethod
    def from_document(document: dict[str, Any]) -> "Refusal":
        return Refusal.known[document["code"]](path=document["path"], **document["numbers"])


class SeveralRefusals(Exception):
    """All that is wrong with one input, so that a person can mend it in one go."""

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__(", ".join(refusal.code for refusal in self.refusals))


class Unauthenticated(Exception):
    """The operation needs a caller who has shown who they are."""


class Forbidden(Exception):
    """The caller is known, and may not do this."""


class InvalidId(Refusal):
    """The id is not one that this API gave out."""

    code = "INVALID_ID"
    ja = "IDの形式が正しくありません。APIから受け取ったIDをそのまま指定してください。"
    en = "This is not an id that this API gave out. Give ids just as they came."


class PageSizeInvalid(Refusal):
    """`first` is outside its bounds."""

    code = "PAGE_SIZE_INVALID"
    ja = "first は1から{maximum}までで指定してください。"
    en = "first must be from 1 to {maximum}."


class TooManySubscriptions(Refusal):
    """The caller has as many subscriptions as is possible."""

    code = "TOO_MANY_SUBSCRIPTIONS"
    ja = "同時に購読できるのは{maximum}件までです。先にいずれかを終了してください。"
    en = "You can have {maximum} subscriptions at once. End one of them first."


class TooManyConnections(Refusal):
    """The caller, or the address, has as many open connections as is possible."""

    code = "TOO_MANY_CONNECTIONS"
    ja = "同時に接続できるのは{maximum}件までです。先にいずれかを閉じてください。"
    en = "There can be {maximum} open connections at once. Close one of them first."


class CursorInvalid(Refusal):
    """The cursor was not given out by this list."""

    code = "CURSOR_INVALID"
    ja = "カーソルが正しくありません。一覧を最初から読み直してください。"
    en = "This cursor does not belong to this list. Read the list from its start."


class SearchTooLong(Refusal):
    """The search words are too long."""

    code = "SEARCH_TOO_LONG"
    ja = "検索語は{maximum}文字以内で入力してください。"
    en = "Search with at most {maximum} characters."
