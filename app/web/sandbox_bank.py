"""`/dev/bank`: where a card of the sandbox asks whether it is its holder who pays (3-D Secure)."""

import re
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from app.payments.sandbox import Sandbox
from app.services import Services
from app.shared.i18n import Language, language_of
from app.web.member_app import PAGE as APP
from app.web.pages import FOLDER, FRAMED_HEADERS

HTML = (FOLDER / "bank.html").read_text(encoding="utf-8")
HEADERS = FRAMED_HEADERS | {
    "Content-Security-Policy": FRAMED_HEADERS["Content-Security-Policy"].replace(
        "form-action 'none'", "form-action 'self'"
    ),
    "Cache-Control": "no-store",
}
MAXIMUM_LENGTH = 2_000
ADDRESS_OF_APP = re.compile(rf"{APP}(\?[!-~]*)?(#[!-~]*)?")
WORDS = {
    Language.JA: {
        "title": "つなぐテスト銀行",
        "question": "{amount}円のお支払いは、ご本人によるものですか。",
        "note": "開発環境の画面です。お金は動きません。",
        "confirm": "承認する",
        "decline": "承認しない",
        "over": "この確認は終わっています。",
        "back": "お店のアプリに戻る",
    },
    Language.EN: {
        "title": "Tsunagu Test Bank",
        "question": "Is it you who pays ¥{amount}?",
        "note": "A page of development: no money moves.",
        "confirm": "Yes, it is me",
        "decline": "No",
        "over": "There is nothing to confirm any more.",
        "back": "Back to the shop's app",
    },
}


class SandboxBank(HTTPEndpoint):
    """GET asks, POST takes the answer and leads back to the app. Who has the payment's secret may answer."""

    async def get(self, request: Request) -> Response:
        asked = _Asked.of(request)
        if asked is None:
            return _nowhere()
        amount = await _sandbox(request).to_confirm(asked.secret)
        return HTMLResponse(_html(asked, amount), headers=HEADERS)

    async def post(self, request: Request) -> Response:
        asked = _Asked.of(request)
        if asked is None:
            return _nowhere()
        await _sandbox(request).confirm(asked.secret, is_she=request.query_params.get("answer") == "confirm")
        return RedirectResponse(asked.back, status_code=303, headers=HEADERS)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which payment it is about, and where in the app the customer came from: she is led nowhere else."""

    secret: str
    back: str
    language: Language

    @classmethod
    def of(cls, request: Request) -> "_Asked | None":
        told = request.query_params
        back = told.get("back", "")
        if len(back) > MAXIMUM_LENGTH or not ADDRESS_OF_APP.fullmatch(back):
            return None
        language = language_of(told.get("language")) or Language.JA
        return cls(told.get("secret", "")[:MAXIMUM_LENGTH], back, language)

    def answer(self, answer: str) -> str:
        told = {"secret": self.secret, "back": self.back, "answer": answer}
        return f"?{urlencode(told)}"


def _nowhere() -> Response:
    return PlainTextResponse("back: an address of the app\n", status_code=400)


def _sandbox(request: Request) -> Sandbox:
    services: Services = request.app.state.services
    return Sandbox(services.database, services.clock)


def _html(asked: _Asked, amount: int | None) -> str:
    words = WORDS[asked.language]
    texts = {
        **words,
        "language": asked.language.value,
        "question": words["over"] if amount is None else words["question"].format(amount=f"{amount:,}"),
        "state": "over" if amount is None else "open",
        "to_confirm": asked.answer("confirm"),
        "to_decline": asked.answer("decline"),
        "to_app": asked.back,
    }
    return re.sub(r"{{(\w+)}}", lambda found: escape(texts[found[1]]), HTML)
