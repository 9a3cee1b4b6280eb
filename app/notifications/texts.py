"""What members are told of their orders, in words. Nothing in here advertises."""

from collections.abc import Mapping

from app.shared.i18n import Language

# By the event: the title and the text. `store` is the store's name, `number` the order's pickup number.
_TEXTS: Mapping[str, Mapping[Language, tuple[str, str]]] = {
    "OrderAccepted": {
        Language.JA: ("ご注文を承りました", "{store} がご注文(受取番号 {number})を承りました。"),
        Language.EN: ("Order accepted", "{store} has accepted your order (pickup number {number})."),
    },
    "OrderReady": {
        Language.JA: (
            "受け取りの準備ができました",
            "{store} でご注文(受取番号 {number})をお受け取りいただけます。",
        ),
        Language.EN: ("Ready for pickup", "Your order (pickup number {number}) is ready at {store}."),
    },
    "OrderRejected": {
        Language.JA: (
            "ご注文をお受けできませんでした",
            "{store} はご注文(受取番号 {number})をお受けできませんでした。",
        ),
        Language.EN: ("Order declined", "{store} could not take your order (pickup number {number})."),
    },
    "OrderLineRejected": {
        Language.JA: (
            "ご用意できない商品があります",
            "{store} でご注文(受取番号 {number})の一部をご用意できません。",
        ),
        Language.EN: (
            "An item is not available",
            "{store} cannot supply a part of your order (pickup number {number}).",
        ),
    },
    "SubstituteOffered": {
        Language.JA: (
            "代わりの商品のご提案",
            "{store} がご注文(受取番号 {number})の代わりの商品をご提案しています。",
        ),
        Language.EN: (
            "A substitute is offered",
            "{store} offers a substitute for your order (pickup number {number}).",
        ),
    },
    "OrderExpired": {
        Language.JA: (
            "ご注文の期限が切れました",
            "{store} へのご注文(受取番号 {number})は時間内に承れませんでした。",
        ),
        Language.EN: ("Order expired", "{store} did not accept your order (pickup number {number}) in time."),
    },
    "OrderNotCollected": {
        Language.JA: (
            "お受け取りがありませんでした",
            "{store} でのご注文(受取番号 {number})は受取期限を過ぎました。",
        ),
        Language.EN: (
            "Order not collected",
            "Your order (pickup number {number}) was not collected at {store} in time.",
        ),
    },
    "OrderRefunded": {
        Language.JA: ("返金のお知らせ", "{store} でのご注文(受取番号 {number})の返金を承りました。"),
        Language.EN: ("Refund", "{store} has refunded something of your order (pickup number {number})."),
    },
}

TOLD_EVENTS = frozenset(_TEXTS)


def titles_of(event_type: str) -> dict[Language, str]:
    return {language: title for language, (title, _) in _TEXTS[event_type].items()}


def texts_of(event_type: str, stores: Mapping[Language, str], number: str) -> dict[Language, str]:
    """The text in each language; `stores` is the store's name in each."""
    return {
        language: text.format(store=stores[language], number=number)
        for language, (_, text) in _TEXTS[event_type].items()
    }
