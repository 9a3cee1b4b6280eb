"""The refusals about consents."""

from app.shared.errors import Refusal


class ConsentKindsInvalid(Refusal):
    """No kind of consent is named, or one is named twice."""

    code = "CONSENT_KINDS_INVALID"
    ja = "同意の種類を1つ以上、それぞれ1回だけ指定してください。"
    en = "Name at least one kind of consent, and each only once."


class ConsentTextVersionInvalid(Refusal):
    """The version of the text is empty, too long or has other characters."""

    code = "CONSENT_TEXT_VERSION_INVALID"
    ja = "同意文のバージョンは1〜{maximum}文字の英数字と「. _ -」で指定してください。"
    en = "Give the version of the consent's text as 1 to {maximum} letters, digits and . _ -"
