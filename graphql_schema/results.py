"""How a mutation says no: the union member `Rejected`, made from the domain's refusals."""

from collections.abc import Iterable
from enum import Enum
from typing import Any, cast

import strawberry

import app.composition  # noqa: F401  every domain's refusals are declared once this is imported
from app.shared.errors import Refusal, SeveralRefusals
from app.shared.i18n import Language
from app.telemetry.observation import note_rejection

# One value for each refusal that any domain declares, described by its docstring.
ErrorCode: Any = strawberry.enum(
    cast(Any, Enum)(
        "ErrorCode",
        {
            code: strawberry.enum_value(code, description=refusal.__doc__)
            for code, refusal in sorted(Refusal.known.items())
        },
    ),
    description="Why something was refused, for programs.",
)


@strawberry.type(description="One reason for a refusal.")
class UserError:
    code: ErrorCode = strawberry.field(description="The reason, for programs.")
    message: str = strawberry.field(description="The reason, for people, in the caller's language.")
    path: list[str] | None = strawberry.field(
        description="The input field that is at fault, as in `[input, nickname]`; null when it is none."
    )


@strawberry.type(description="The request was understood and declined; nothing was changed.")
class Rejected:
    errors: list[UserError] = strawberry.field(description="All the reasons, at least one.")


class RejectedHandler(strawberry.ExceptionHandler[Refusal | SeveralRefusals, Rejected]):
    """Turns the refusals that services raise into `Rejected`."""

    def handle(self, exception: Refusal | SeveralRefusals, *, field: Any, info: Any) -> Rejected:
        refusals = exception.refusals if isinstance(exception, SeveralRefusals) else (exception,)
        return Rejected(errors=user_errors(refusals, info.context.language))


def user_errors(refusals: Iterable[Refusal], language: Language) -> list[UserError]:
    """The refusals as they are told."""
    return [user_error(refusal, language) for refusal in refusals]


def user_error(refusal: Refusal, language: Language) -> UserError:
    """The refusal as it is told in this language. It is counted."""
    note_rejection(refusal.code)
    return UserError(
        code=ErrorCode[refusal.code], message=refusal.message(language), path=list(refusal.path) or None
    )
