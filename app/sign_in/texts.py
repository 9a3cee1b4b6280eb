"""The message that brings a one-time code."""

from app.messages.model import Message, MessageChannel
from app.shared.i18n import Language
from app.sign_in.model import Address
from app.sign_in.rules import CODE_GOOD_FOR

_MINUTES = int(CODE_GOOD_FOR.total_seconds() // 60)
_SUBJECTS = {
    Language.JA: "{retailer} 確認コード: {code}",
    Language.EN: "{code} is your {retailer} code",
}
_TEXTS = {
    Language.JA: (
        "{retailer} の確認コードは {code} です。{minutes}分以内に入力してください。"
        "このコードは誰にも教えないでください。"
    ),
    Language.EN: (
        "Your {retailer} code is {code}. Enter it within {minutes} minutes, and do not give it to anybody."
    ),
}


def code_message(address: Address, code: str, retailer: str, host: str, language: Language) -> Message:
    """The code in words. By SMS its last line ties it to our host, so that phones fill it in only there."""
    values = {"retailer": retailer, "code": code, "minutes": _MINUTES}
    text = _TEXTS[language].format(**values)
    if address.channel is MessageChannel.SMS:
        text += f"\n\n@{host} #{code}"
    return Message(address.channel, address.destination, _SUBJECTS[language].format(**values), text)
