"""The words of the receipt's page."""

from app.payments.model import PaymentMethod
from app.shared.i18n import Language

Words = dict[str, str]

WORDS: dict[Language, Words] = {
    Language.JA: {
        "receipt": "領収書",
        "invoice": "適格簡易請求書",
        "refund": "返金",
        "return_invoice": "適格返還請求書",
        "number": "No.",
        "registration": "登録番号",
        "date": "取引年月日",
        "refund_date": "返還年月日",
        "phone": "電話",
        "rate": "{percent}%対象",
        "tax": "内消費税",
        "discount": "クーポン {name}({rate})",
        "refund_discount": "クーポン値引き分",
        "total": "合計(税込)",
        "refund_total": "返還合計(税込)",
        "points": "ポイント",
        "mark": "「※」は軽減税率(8%)対象商品です。",
        "print": "印刷する",
        "other_language": "English",
        "ended": "このリンクは有効期限が切れています。アプリからもう一度お開きください。",
    },
    Language.EN: {
        "receipt": "Receipt",
        "invoice": "Simplified qualified invoice",
        "refund": "Refund",
        "return_invoice": "Qualified return invoice",
        "number": "No.",
        "registration": "Registration no.",
        "date": "Date of sale",
        "refund_date": "Date of return",
        "phone": "Phone",
        "rate": "{percent} % rate",
        "tax": "tax included",
        "discount": "Coupon: {name} ({rate})",
        "refund_discount": "Less what coupons took off",
        "total": "Total, tax included",
        "refund_total": "Returned, tax included",
        "points": "Points",
        "mark": "※ is sold at the reduced rate of 8 %.",
        "print": "Print",
        "other_language": "日本語",
        "ended": "This link has ended. Please open the receipt in the app again.",
    },
}
PAYMENT_METHODS: dict[Language, dict[PaymentMethod, str]] = {
    Language.JA: {PaymentMethod.PAY_AT_STORE: "店頭払い", PaymentMethod.CARD: "クレジットカード"},
    Language.EN: {PaymentMethod.PAY_AT_STORE: "Paid at the store", PaymentMethod.CARD: "Card"},
}
