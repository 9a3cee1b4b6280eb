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
    ja = "セッションが見つかりません。サインイン中の端末の一覧を読み直してください。"
    en = "There is no such session. Read the list of your sessions again."


class PartnerNotFound(Refusal):
    """There is no such partner."""

    code = "PARTNER_NOT_FOUND"
    ja = "パートナーが見つかりません。パートナーの一覧を確認してください。"
    en = "There is no such partner. Look at the list of partners."


class StoreNotAllowed(Refusal):
    """The caller names no store that it may act for."""

    code = "STORE_NOT_ALLOWED"
    ja = "この操作が許可されている店舗を指定してください。"
    en = "Name a store that you may act for."


class TooManyStores(Refusal):
    """More stores than a limit may name."""

    code = "TOO_MANY_STORES"
    ja = "店舗は{maximum}件以内で指定してください。"
    en = "Name at most {maximum} stores."


class ScopeUnknown(Exception):
    """The scope does not exist, or the partner does not have it."""
