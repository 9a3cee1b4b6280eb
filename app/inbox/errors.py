"""The refusals of the inbox."""

from app.shared.errors import Refusal


class InboxMessageNotFound(Refusal):
    """There is no such message in the member's inbox."""

    code = "INBOX_MESSAGE_NOT_FOUND"
    ja = "メッセージが見つかりません。受信箱を読み直してください。"
    en = "There is no such message in your inbox. Read the inbox again."


class InboxMessagesInvalid(Refusal):
    """No message is named, or too many."""

    code = "INBOX_MESSAGES_INVALID"
    ja = "メッセージは1件から{maximum}件までで指定してください。"
    en = "Name 1 to {maximum} messages."
