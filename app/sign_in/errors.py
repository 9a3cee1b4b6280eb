"""The refusals of signing in."""

from app.shared.errors import Refusal


class DestinationInvalid(Refusal):
    """The destination is no address that a code can be sent to."""

    code = "DESTINATION_INVALID"
    ja = "メールアドレスまたは電話番号を正しく入力してください。"
    en = "No code can be sent to this. Give an email address or a telephone number."


class ChannelUnavailable(Refusal):
    """No codes are sent by this channel here."""

    code = "CHANNEL_UNAVAILABLE"
    ja = "この方法では確認コードを送信できません。別の方法をお試しください。"
    en = "No codes are sent this way. Please choose another one."


class TooManySignInCodes(Refusal):
    """Too many codes were asked for."""

    code = "TOO_MANY_SIGN_IN_CODES"
    ja = "確認コードの送信回数が上限に達しました。{wait_seconds}秒後にもう一度お試しください。"
    en = "Too many codes were asked for. Try again in {wait_seconds} seconds."


class TooManySignInTries(Refusal):
    """Too many codes were tried."""

    code = "TOO_MANY_SIGN_IN_TRIES"
    ja = "確認コードの入力回数が上限に達しました。{wait_seconds}秒後にもう一度お試しください。"
    en = "Too many codes were tried. Try again in {wait_seconds} seconds."


class SignInCodeInvalid(Refusal):
    """The code is wrong, was used, is too old, or was tried too often: which of these is not told."""

    code = "SIGN_IN_CODE_INVALID"
    ja = (
        "確認コードが正しくないか、有効期限が切れています。入力を確認するか、新しいコードを送信してください。"
    )
    en = "The code is wrong or no longer good. Check it, or ask for a new one."
