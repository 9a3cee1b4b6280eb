"""What schemathesis looks for in each answer: nothing broke, however odd the query was.

It takes every declined query for an error of the server; ours are declined by codes.
"""

from typing import Any

import schemathesis

OURS_TO_MEND = {"INTERNAL_ERROR", "UNAVAILABLE"}


@schemathesis.check
def nothing_broke(context: Any, response: Any, case: Any) -> None:
    """The status is none of the server's own errors, and no code says that we are at fault."""
    assert response.status_code < 500, response.text
    errors = response.json().get("errors", [])
    assert not OURS_TO_MEND & {error["extensions"]["code"] for error in errors}, response.text
