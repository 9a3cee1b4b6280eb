"""Top-level errors: malformed queries, callers who did not show who they are, and bugs.

What went wrong inside stays inside: a bug is answered with an id that stands in the log.
"""

from collections.abc import Iterable
from typing import Any

import structlog
from graphql import GraphQLError
from strawberry.exceptions import MissingQueryError, StrawberryInputCoercionError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult

from app.auth.errors import TokenExpired, TokenRefused
from app.shared.errors import Forbidden, Refusal, SeveralRefusals, Unauthenticated
from app.shared.i18n import Language
from app.shared.ids import new_id
from app.shared.mongodb.database import is_passing
from app.telemetry.observation import Outcome, note, note_rejection
from graphql_schema.limits import TOO_DEEP

LONGEST_MESSAGE = 300

log = structlog.get_logger(__name__)

_TEXTS = {
    "UNAUTHENTICATED": {
        Language.JA: "この操作にはサインインが必要です。サインインしてからお試しください。",
        Language.EN: "This operation needs a sign-in. Sign in and try again.",
    },
    "FORBIDDEN": {
        Language.JA: "この操作は許可されていません。必要な権限については管理者にお問い合わせください。",
        Language.EN: "You may not do this. Ask whoever gave you access.",
    },
    "UNAVAILABLE": {
        Language.JA: "ただいま混み合っています。少し待ってから、同じ冪等キーでもう一度お試しください。",
        Language.EN: "We cannot answer right now. Try again shortly, with the same idempotency key.",
    },
    "INTERNAL_ERROR": {
        Language.JA: "サーバーで問題が発生しました。お問い合わせの際は {errorId} をお知らせください。",
        Language.EN: "Something went wrong on our side. Please quote {errorId} when you ask about it.",
    },
}

# The last one tells of a `@oneOf` input that names several of its fields.
_ABOUT_THE_REQUEST = (
    MissingQueryError,
    CannotGetOperationTypeError,
    InvalidOperationTypeError,
    StrawberryInputCoercionError,
)

TOKEN_TEXTS = {
    TokenRefused.code: {
        Language.JA: "アクセストークンが正しくありません。もう一度サインインしてください。",
        Language.EN: "The access token is not valid. Sign in again.",
    },
    TokenExpired.code: {
        Language.JA: "アクセストークンの有効期限が切れています。セッションを更新してください。",
        Language.EN: "The access token has expired. Renew the session.",
    },
}


def tell(result: ExecutionResult, language: Language, hints: bool) -> dict[str, Any]:
    """An answer with errors as it may leave the house."""
    answers = error_answers(result.errors or (), language, hints)
    told: dict[str, Any] = {"data": result.data, "errors": [each.formatted for each in answers]}
    if result.extensions:
        told["extensions"] = result.extensions
    return told


def error_answers(errors: Iterable[GraphQLError], language: Language, hints: bool) -> list[GraphQLError]:
    """The errors as they may leave the house: each with a code and a text, with hints at names or without."""
    note(Outcome.REFUSED)
    return [answer for error in errors for answer in _answers(error, language, hints)]


def _answers(error: GraphQLError, language: Language, hints: bool) -> list[GraphQLError]:
    cause = error.original_error
    if _is_the_callers(error):
        message = error.message if hints else error.message.split(" Did you mean ")[0]
        message = message if len(message) <= LONGEST_MESSAGE else message[:LONGEST_MESSAGE] + "…"
        return [_answer(error, message, {"code": "BAD_REQUEST", **(error.extensions or {})})]
    if error.path is None and isinstance(cause, ValueError):
        return [_answer(error, "A value in the query cannot be read.", {"code": "BAD_REQUEST"})]
    if isinstance(cause, RecursionError):
        return [TOO_DEEP]
    if isinstance(cause, Refusal):
        return [_refused(error, cause, language)]
    if isinstance(cause, SeveralRefusals):
        return [_refused(error, refusal, language) for refusal in cause.refusals]
    if isinstance(cause, Unauthenticated):
        return [_answer(error, _TEXTS["UNAUTHENTICATED"][language], {"code": "UNAUTHENTICATED"})]
    if isinstance(cause, Forbidden):
        return [_answer(error, _TEXTS["FORBIDDEN"][language], {"code": "FORBIDDEN"})]
    message, extensions = unexpected(cause or error, language)
    return [_answer(error, message, extensions)]


def _is_the_callers(error: GraphQLError) -> bool:
    """Whether the document or an argument is at fault, and not what a resolver gave."""
    cause = error.original_error
    if isinstance(cause, _ABOUT_THE_REQUEST):
        return True
    if cause is not None and not isinstance(cause, GraphQLError):
        return False
    node = (cause.nodes if isinstance(cause, GraphQLError) else None) or ()
    return error.path is None or any(each.kind != "field" for each in node)


def unexpected(error: Exception, language: Language) -> tuple[str, dict[str, str]]:
    """What is said of an error that is none of the caller's: a text, and extensions with its code."""
    note(Outcome.FAILED)
    if is_passing(error):
        log.error("mongodb_unreachable", error=str(error)[:300])
        return _TEXTS["UNAVAILABLE"][language], {"code": "UNAVAILABLE"}
    error_id = new_id()
    log.error("internal_error", error_id=error_id, exc_info=error)
    text = _TEXTS["INTERNAL_ERROR"][language].format(errorId=error_id)
    return text, {"code": "INTERNAL_ERROR", "errorId": error_id}


def _refused(error: GraphQLError, refusal: Refusal, language: Language) -> GraphQLError:
    note_rejection(refusal.code)
    return _answer(error, refusal.message(language), {"code": refusal.code, "input": list(refusal.path)})


def _answer(error: GraphQLError, message: str, extensions: dict[str, Any]) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )
