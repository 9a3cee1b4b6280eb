"""Why a caller is not let in."""

from app.shared.errors import Refusal


class TokenRefused(Exception):
    """The access token is not one of ours, or no longer good."""

    code = "TOKEN_INVALID"


class TokenExpired(TokenRefused):
    """The access token was good and has run out."""

    code = "TOKEN_EXPIRED"


class RefreshTokenInvalid(Refusal):
    """The refresh token is spent, ended or none of ours: sign in again."""

    code = "REFRESH_TOKEN_INVALID"
    ja = "セッションが終了しました。もう一度サインインしてください。"
    en = "The session has ended. Please sign in again."


class SessionNotFound(Refusal):
    """The caller has no such session."""

    code = "SESSION_NOT_FOUND"
    ja = "セッションが見つかりません。"
    en = "There is no such session."


class PartnerNotFound(Exception):
    """There is no such partner."""


class ScopeUnknown(Exception):
    """The scope does not exist, or the partner does not have it."""
