"""The argument of each field that is written in two languages."""

from typing import Annotated

import strawberry

Locale = Annotated[
    str | None,
    strawberry.argument(description="`ja` or `en`; otherwise, the language of the request."),
]
