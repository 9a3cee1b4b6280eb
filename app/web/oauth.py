"""`POST /oauth/token`: partners get access tokens by their client credentials (RFC 6749, 4.4)."""

import base64
import binascii
from urllib.parse import parse_qs, unquote_plus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.auth.errors import ScopeUnknown
from app.auth.partner_service import scopes_of
from app.services import Services

MAXIMUM_BODY_BYTES = 8192
NEVER_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}

Form = dict[str, str]


class OAuthError(Exception):
    """An error of RFC 6749, 5.2."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code = code
        self.status = status


async def token(request: Request) -> Response:
    """A token for a partner that shows its secret, by `client_secret_basic` or `client_secret_post`."""
    try:
        return JSONResponse(await _grant(request), headers=NEVER_KEPT)
    except OAuthError as error:
        headers = {**NEVER_KEPT, "WWW-Authenticate": "Basic"} if error.status == 401 else NEVER_KEPT
        return JSONResponse({"error": error.code}, status_code=error.status, headers=headers)


async def _grant(request: Request) -> dict[str, str | int]:
    services: Services = request.app.state.services
    form = await _form(request)
    partner_id, secret = _credentials(request, form)
    partner = await services.partners.authenticate(partner_id, secret)
    if partner is None:
        raise OAuthError("invalid_client", 401)
    if form.get("grant_type") != "client_credentials":
        raise OAuthError("unsupported_grant_type" if form.get("grant_type") else "invalid_request")
    try:
        wanted = scopes_of(form["scope"]) if form.get("scope") else None
        granted = services.partners.grant(partner, wanted)
    except ScopeUnknown:
        raise OAuthError("invalid_scope") from None
    return {
        "access_token": granted.token.text,
        "token_type": "Bearer",
        "expires_in": round((granted.token.expires_at - services.clock.now()).total_seconds()),
        "scope": " ".join(sorted(scope.value for scope in granted.scopes)),
    }


async def _form(request: Request) -> Form:
    """The form's fields, none of them twice."""
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type != "application/x-www-form-urlencoded":
        raise OAuthError("invalid_request")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAXIMUM_BODY_BYTES:
            raise OAuthError("invalid_request", 413)
    try:
        fields = parse_qs(body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(body))
    except ValueError:
        raise OAuthError("invalid_request") from None
    if any(len(values) > 1 for values in fields.values()):
        raise OAuthError("invalid_request")
    return {name: values[0] for name, values in fields.items()}


def _credentials(request: Request, form: Form) -> tuple[str, str]:
    """The client's id and secret, shown in one way and not in two."""
    authorization = request.headers.get("authorization")
    if authorization is None:
        if "client_id" not in form or "client_secret" not in form:
            raise OAuthError("invalid_client", 401)
        return form["client_id"], form["client_secret"]
    if "client_secret" in form:
        raise OAuthError("invalid_request")
    scheme, _, encoded = authorization.partition(" ")
    try:
        partner_id, separator, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise OAuthError("invalid_client", 401) from None
    if scheme.lower() != "basic" or not separator:
        raise OAuthError("invalid_client", 401)
    return unquote_plus(partner_id), unquote_plus(secret)
