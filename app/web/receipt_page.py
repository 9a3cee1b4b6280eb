"""`/receipts/…`: a receipt that prints on paper of any width, for whoever was given its link."""

from collections.abc import Iterable
from html import escape
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from app.orders.errors import ReceiptLinkEnded
from app.orders.model import TaxTotal
from app.orders.receipts import Receipt, ReceiptDiscount, ReceiptLine, ReceiptRefund
from app.services import Services
from app.shared.i18n import DEFAULT_LANGUAGE, Language, language_of, preferred_language
from app.web.pages import FOLDER, HEADERS
from app.web.receipt_texts import PAYMENT_METHODS, WORDS, Words

PAGE = (FOLDER / "receipt.html").read_text(encoding="utf-8")
NEVER_KEPT = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


async def receipt_page(request: Request) -> Response:
    """The receipt in the language of the link, or of the browser."""
    services: Services = request.app.state.services
    asked, key = request.query_params.get("lang"), request.query_params.get("key", "")
    language = (
        language_of(asked) or preferred_language(request.headers.get("accept-language")) or DEFAULT_LANGUAGE
    )
    try:
        receipt = await services.receipts.open(request.path_params["page_id"], key)
    except ReceiptLinkEnded:
        content = f'<p class="ended">{escape(WORDS[language]["ended"])}</p>'
        return _answer(language, key, WORDS[language]["receipt"], content, status=404)
    return _answer(language, key, f"{WORDS[language]['receipt']} {receipt.number}", _html(receipt, language))


def _answer(language: Language, key: str, title: str, content: str, status: int = 200) -> Response:
    words = WORDS[language]
    other = Language.EN if language is Language.JA else Language.JA
    values = {
        "language": language.value,
        "title": escape(title),
        "print": escape(words["print"]),
        "other": escape(f"?{urlencode({'lang': other.value, 'key': key})}"),
        "other_code": other.value,
        "other_language": escape(words["other_language"]),
        "content": content,
    }
    html = PAGE
    for name, value in values.items():
        html = html.replace(f"{{{{{name}}}}}", value)
    return HTMLResponse(html, status_code=status, headers={**HEADERS, **NEVER_KEPT})


def _html(receipt: Receipt, language: Language) -> str:
    words, issuer = WORDS[language], receipt.issuer
    is_registered = issuer.registration_number is not None
    totals = receipt.totals
    payments = [(words["points"], totals.points_used)] if totals.points_used else []
    if totals.to_pay:
        payments.append((PAYMENT_METHODS[language][receipt.payment_method], totals.to_pay))
    moment = receipt.issued_at.astimezone(ZoneInfo(issuer.time_zone))
    parts = [
        f"<h1>{escape(words['receipt'])}</h1>",
        f'<p class="kind">{escape(words["invoice"])}</p>' if is_registered else "",
        _issuer(receipt, language),
        '<dl class="facts">',
        _fact(words["number"], receipt.number),
        _fact(words["date"], f"{moment:%Y-%m-%d %H:%M}"),
        "</dl>",
        _lines(receipt.lines, language),
        _amounts([_discount(each, language) for each in receipt.discounts], "discounts"),
        _amounts([(words["total"], totals.total)], "total"),
        _taxes(totals.taxes, words),
        _amounts(payments, "payments"),
        f'<p class="mark">{escape(words["mark"])}</p>' if receipt.has_reduced else "",
        *(_refund(refund, receipt, language) for refund in receipt.refunds),
    ]
    return "\n".join(part for part in parts if part)


def _issuer(receipt: Receipt, language: Language) -> str:
    issuer, words = receipt.issuer, WORDS[language]
    lines = [
        f"<strong>{escape(issuer.name)}</strong>",
        escape(f"{words['registration']} {issuer.registration_number}") if issuer.registration_number else "",
        escape(issuer.store_names[language]),
        escape(issuer.store_address[language]),
        escape(f"{words['phone']} {issuer.store_phone}") if issuer.store_phone else "",
    ]
    return f"<address>{'<br>'.join(line for line in lines if line)}</address>"


def _lines(lines: Iterable[ReceiptLine], language: Language) -> str:
    return f'<ul class="lines">{"".join(_line(line, language) for line in lines)}</ul>'


def _line(line: ReceiptLine, language: Language) -> str:
    name = " ".join(filter(None, (line.item.names[language], line.item.variant[language])))
    mark = "&nbsp;※" if line.is_reduced else ""
    return (
        f'<li><span class="name">{escape(name)}{mark}</span>'
        f'<span class="count">{_yen(line.item.unit_price)} × {line.quantity}</span>'
        f'<span class="amount">{_yen(line.amount)}</span></li>'
    )


def _discount(discount: ReceiptDiscount, language: Language) -> tuple[str, int]:
    """The coupon with the rate of what it was for, and what it took off."""
    rate = WORDS[language]["rate"].format(percent=discount.rate.percent)
    label = WORDS[language]["discount"].format(name=discount.names[language], rate=rate)
    return label, -discount.amount


def _taxes(taxes: Iterable[TaxTotal], words: Words) -> str:
    rows = "".join(
        f"<li><span>{escape(words['rate'].format(percent=each.rate.percent))}</span>"
        f'<span class="amount">{_yen(each.amount)}</span>'
        f'<span class="tax">({escape(words["tax"])} {_yen(each.tax)})</span></li>'
        for each in taxes
    )
    return f'<ul class="taxes">{rows}</ul>'


def _amounts(amounts: Iterable[tuple[str, int]], kind: str) -> str:
    rows = "".join(
        f'<li><span>{escape(label)}</span><span class="amount">{_yen(amount)}</span></li>'
        for label, amount in amounts
    )
    return f'<ul class="{kind}">{rows}</ul>' if rows else ""


def _refund(refund: ReceiptRefund, receipt: Receipt, language: Language) -> str:
    words = WORDS[language]
    moment = refund.refunded_at.astimezone(ZoneInfo(receipt.issuer.time_zone))
    returned = [(words["points"], refund.points)] if refund.points else []
    if refund.money:
        returned.append((PAYMENT_METHODS[language][receipt.payment_method], refund.money))
    is_registered = receipt.issuer.registration_number is not None
    kind = f'<p class="kind">{escape(words["return_invoice"])}</p>' if is_registered else ""
    discounts = [(words["refund_discount"], -refund.discount)] if refund.discount else []
    return (
        f'<section class="refund"><h2>{escape(words["refund"])}</h2>{kind}'
        f'<dl class="facts">{_fact(words["refund_date"], f"{moment:%Y-%m-%d %H:%M}")}</dl>'
        f"{_lines(refund.lines, language)}{_amounts(discounts, 'discounts')}"
        f"{_amounts([(words['refund_total'], refund.total)], 'total')}"
        f"{_taxes(refund.taxes, words)}{_amounts(returned, 'payments')}</section>"
    )


def _fact(label: str, value: str) -> str:
    return f"<div><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>"


def _yen(amount: int) -> str:
    return f"¥{amount:,}" if amount >= 0 else f"−¥{-amount:,}"
