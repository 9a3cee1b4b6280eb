"""`/dev/outbox`: the messages that development keeps instead of delivering them."""

from collections.abc import Sequence
from html import escape
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from app.messages.outbox import OutboxEntry
from app.services import Services
from app.web.pages import FOLDER, HEADERS

PAGE = (FOLDER / "outbox.html").read_text(encoding="utf-8")
NEVER_KEPT = {"Cache-Control": "no-store", "Vary": "Accept"}


async def outbox(request: Request) -> Response:
    """The newest 50 messages, the newest first: for people, or for a program that asks for JSON."""
    services: Services = request.app.state.services
    entries = await services.development_outbox.newest()
    if _wants_json(request.headers.get("accept", "")):
        return JSONResponse({"messages": [_json_of(entry) for entry in entries]}, headers=NEVER_KEPT)
    html = PAGE.replace("{{messages}}", _html_of(entries, services.time_zone))
    return HTMLResponse(html, headers={**HEADERS, **NEVER_KEPT})


def _wants_json(accept: str) -> bool:
    return "application/json" in accept.lower() and "text/html" not in accept.lower()


def _json_of(entry: OutboxEntry) -> dict[str, str]:
    message = entry.message
    return {
        "id": message.id,
        "sentAt": entry.sent_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "channel": message.channel.value,
        "destination": message.destination,
        "subject": message.subject,
        "text": message.text,
    }


def _html_of(entries: Sequence[OutboxEntry], time_zone: ZoneInfo) -> str:
    return "".join(_item_of(entry, time_zone) for entry in entries)


def _item_of(entry: OutboxEntry, time_zone: ZoneInfo) -> str:
    message, local = entry.message, entry.sent_at.astimezone(time_zone)
    subject = f"<h2>{escape(message.subject)}</h2>" if message.subject else ""
    return (
        f'<li class="message" id="{escape(message.id)}"><p class="envelope">'
        f'<span class="channel">{message.channel.value}</span> '
        f'<span class="destination">{escape(message.destination)}</span> '
        f'<time datetime="{local.isoformat(timespec="seconds")}">{local:%Y-%m-%d %H:%M:%S}</time></p>'
        f'{subject}<p class="text">{escape(message.text)}</p></li>'
    )
