"""Why a caller is not let in."""


class TokenRefused(Exception):
    """The access token is not one of ours, or no longer good."""

    code = "TOKEN_INVALID"


class TokenExpired(TokenRefused):
    """The access token was good and has run out."""

    code = "TOKEN_EXPIRED"
