"""The media types that answers come in (GraphQL over HTTP)."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from starlette.responses import Response

GRAPHQL_RESPONSE = "application/graphql-response+json"
NEW, OLD = f"{GRAPHQL_RESPONSE}; charset=utf-8".encode(), b"application/json; charset=utf-8"
REMEMBERED_HEADERS = 100  # apps send the same ones again and again
STREAMS = ("text/event-stream", "multipart/")


@lru_cache(maxsize=REMEMBERED_HEADERS)
def is_plain_json(content_type: str, accept: str) -> bool:
    """Whether JSON was posted, and one answer is wanted for it. Both headers are in lower case."""
    return content_type.startswith("application/json") and not any(each in accept for each in STREAMS)


def mark_media_type(response: Response, accept: str, state: Mapping[str, Any]) -> None:
    """Says the JSON's media type, and the status that goes with it."""
    if not response.headers.get("content-type", "").startswith("application/json"):
        return
    response.headers["content-type"] = media_type_of(accept).decode()
    if state.get("failed_before_execution") and accepts_graphql_response(accept):
        response.status_code = 400


@lru_cache(maxsize=REMEMBERED_HEADERS)
def media_type_of(accept: str) -> bytes:
    """What an answer's `Content-Type` says to a caller who accepts these."""
    return NEW if accepts_graphql_response(accept) else OLD


def accepts_graphql_response(accept: str) -> bool:
    """Whether the header names the media type, and not with quality 0."""
    accept = accept.lower()
    for item in accept.split(",") if GRAPHQL_RESPONSE in accept else ():
        media_type, *parameters = (part.strip() for part in item.split(";"))
        if media_type == GRAPHQL_RESPONSE:
            return not any(re.fullmatch(r"q=0(\.0*)?", each) for each in parameters)
    return False
