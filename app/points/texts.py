"""Why an entry was made, in words for the member."""

from app.points.model import PointReason
from app.shared.i18n import Language

_TEXTS = {
    PointReason.CHECK_IN: {Language.JA: "チェックイン", Language.EN: "Check-in"},
    PointReason.PAYMENT: {Language.JA: "ポイント利用", Language.EN: "Points used"},
    PointReason.REFUND: {Language.JA: "利用ポイントの返還", Language.EN: "Points returned"},
    PointReason.CORRECTION: {Language.JA: "ポイント調整", Language.EN: "Correction"},
    PointReason.MERGE: {Language.JA: "カードの統合", Language.EN: "Cards merged"},
    PointReason.ORDER: {Language.JA: "ご注文", Language.EN: "Order"},
    PointReason.ORDER_REFUNDED: {Language.JA: "ご注文の返品", Language.EN: "Order returned"},
    PointReason.PURCHASE: {Language.JA: "お買い物", Language.EN: "Purchase"},
    PointReason.PURCHASE_RETURNED: {Language.JA: "返品", Language.EN: "Purchase returned"},
    PointReason.VISIT_COUNTED_ALREADY: {
        Language.JA: "重複した来店の取り消し",
        Language.EN: "Visit counted already",
    },
    PointReason.COUPON: {Language.JA: "クーポン", Language.EN: "Coupon"},
    PointReason.EXPIRY: {Language.JA: "有効期限切れ", Language.EN: "Expired"},
}


def reason_text(reason: PointReason, language: Language) -> str:
    return _TEXTS[reason][language]
