"""The refusals of webhooks."""

from app.shared.errors import Refusal


class WebhookUrlInvalid(Refusal):
    """Webhooks cannot go to this address."""

    code = "WEBHOOK_URL_INVALID"
    ja = "Webhookの送信先は、{maximum}文字以内の公開されたhttpsのURLにしてください。"
    en = "Give a public https address of at most {maximum} characters."


class EventTypesInvalid(Refusal):
    """No event types are named, or some that the partner may not see."""

    code = "EVENT_TYPES_INVALID"
    ja = "通知するイベントの種類を、許可されたものから1つ以上指定してください。"
    en = "Name at least one type of event, and only those that the partner may see."


class TooManyWebhookEndpoints(Refusal):
    """The partner has as many endpoints as it can have."""

    code = "TOO_MANY_WEBHOOK_ENDPOINTS"
    ja = "Webhookの送信先は{maximum}件までです。先にいずれかを削除してください。"
    en = "A partner has at most {maximum} webhook endpoints. Remove one of them first."


class WebhookEndpointNotFound(Refusal):
    """There is no such endpoint that the caller may manage."""

    code = "WEBHOOK_ENDPOINT_NOT_FOUND"
    ja = "Webhookの送信先が見つかりません。一覧を読み直してください。"
    en = "There is no such webhook endpoint. Read the list again."


class WebhookEndpointOff(Refusal):
    """The endpoint is switched off."""

    code = "WEBHOOK_ENDPOINT_OFF"
    is_final = False
    ja = "このWebhookの送信先は停止中です。再開してからお試しください。"
    en = "This webhook endpoint is switched off. Switch it on first."


class WebhookDeliveryNotFound(Refusal):
    """There is no such delivery that the caller may see."""

    code = "WEBHOOK_DELIVERY_NOT_FOUND"
    ja = "Webhookの配信が見つかりません。一覧を読み直してください。"
    en = "There is no such webhook delivery. Read the list again."


class WebhookDeliveryPending(Refusal):
    """The delivery is under way already."""

    code = "WEBHOOK_DELIVERY_PENDING"
    ja = "このWebhookは配信処理中です。終わってから、もう一度お試しください。"
    en = "This webhook delivery is under way already. Try again when it has ended."


class TooManyWebhookPings(Refusal):
    """The endpoint was pinged too often."""

    code = "TOO_MANY_WEBHOOK_PINGS"
    is_final = False
    ja = "テスト送信の回数が上限に達しました。{wait_seconds}秒後にもう一度お試しください。"
    en = "The endpoint was pinged too often. Try again in {wait_seconds} seconds."
