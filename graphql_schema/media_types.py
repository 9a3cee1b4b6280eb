"""The media types that answers come in (GraphQL over HTTP)."""

import re

from starlette.requests import Request
from starlette.responses import Response

GRAPHQL_RESPONSE = "application/graphql-response+json"
TEXT = "; charset=utf-8"
STREAMS = ("text/event-stream", "multipart/")


def is_plain_json(request: Request) -> bool:
    """Whether JSON was posted, and one answer is wanted for it."""
    headers = request.headers
    if request.method != "POST" or not headers.get("content-type", "").startswith("application/json"):
        return False
    accept = headers.get("accept", "").lower()
    return not any(each in accept for each in STREAMS)


def mark_media_type(response: Response, request: Request) -> None:
    """Says the JSON's media type, and the status that goes with it."""
    if not response.headers.get("content-type", "").startswith("application/json"):
        return
    if not accepts_graphql_response(request.headers.get("accept", "")):
        response.headers["content-type"] = f"application/json{TEXT}"
        return
    response.headers["content-type"] = GRAPHQL_RESPONSE + TEXT
    if getattr(request.state, "failed_before_execution", False):
        response.status_code = 400


def accepts_graphql_response(accept: str) -> bool:
    """Whether the header names the media type, and not with quality 0."""
    for item in accept.lower().split(","):
        media_type, *parameters = (part.strip() for part in item.split(";"))
        if media_type == GRAPHQL_RESPONSE:
            return not any(re.fullmatch(r"q=0(\.0*)?", each) for each in parameters)
    return False
