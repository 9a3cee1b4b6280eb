"""The rules of payments: tokens that are no card numbers, and the state machine."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.payments import rules
from app.payments.errors import (
    CaptureTooLarge,
    PaymentAmountInvalid,
    PaymentStateChanged,
    PaymentTokenInvalid,
    RefundTooLarge,
)
from app.payments.model import (
    Act,
    ActKind,
    Charge,
    ChargeStatus,
    Payment,
    PaymentMethod,
    PaymentState,
    Refund,
)
from app.shared.errors import Refusal
from app.shared.i18n import Language
from tests.examples import a_payment_wish

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def a_payment(state: PaymentState, authorized: int = 0, captured: int = 0, *refunds: int) -> Payment:
    payment = rules.new_payment(a_payment_wish(), "payment", "sandbox", NOW)
    given = tuple(Refund(str(number), amount) for number, amount in enumerate(refunds))
    return replace(
        payment, state=state, amount_authorized=authorized, amount_captured=captured, refunds=given
    )


def an_act(kind: ActKind, amount: int = 0, act_id: str = "act") -> Act:
    return Act(kind, act_id, amount, NOW)


@pytest.mark.parametrize("token", ["tok_ok", "pm_1QxYzL2eZvKYlo2CRk3mXyZ0", "pm_card_visa", "ctoken_a"])
def test_tokens_of_gateways_are_taken(token: str) -> None:
    assert rules.is_card_token(token)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4242424242424242",
        "4242 4242 4242 4242",
        "tok_4242424242424242",
        "tok_4242_4242_4242_4242",
        "pm_378282246310005_x",
        "tok",
        "tok_",
        "tok_ok\n",
        "tok_😀",
        "tok_" + "a" * 201,
        "$tok_ok",
    ],
)
def test_what_may_be_a_card_number_is_not_taken(text: str) -> None:
    assert not rules.is_card_token(text)
    with pytest.raises(PaymentTokenInvalid):
        rules.require_acceptable(a_payment_wish(card_token=text))


@given(number=st.from_regex(r"[0-9]{12,19}", fullmatch=True), places=st.lists(st.integers(0, 19), max_size=6))
def test_no_card_number_is_a_token_however_it_is_written(number: str, places: list[int]) -> None:
    written = number
    for place in places:
        written = f"{written[:place]}_{written[place:]}"
    for text in (written, f"tok_{written}", f"tok_a{written}b"):
        assert not rules.is_card_token(text)


@pytest.mark.parametrize(
    ("method", "amount", "is_taken"),
    [
        (PaymentMethod.CARD, 49, False),
        (PaymentMethod.CARD, 50, True),
        (PaymentMethod.PAY_AT_STORE, 0, False),
        (PaymentMethod.PAY_AT_STORE, 1, True),
        (PaymentMethod.PAY_AT_STORE, 99_999_999, True),
        (PaymentMethod.PAY_AT_STORE, 100_000_000, False),
    ],
)
def test_amounts_have_bounds(method: PaymentMethod, amount: int, is_taken: bool) -> None:
    wish = a_payment_wish(method=method, amount=amount)
    if is_taken:
        rules.require_acceptable(wish)
    else:
        with pytest.raises(PaymentAmountInvalid):
            rules.require_acceptable(wish)


@pytest.mark.parametrize("changes", [{"reference": "order 1"}, {"reference": ""}, {"description": "x" * 201}])
def test_callers_name_things_as_agreed(changes: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="reference"):
        rules.require_acceptable(a_payment_wish(**changes))


def test_a_card_token_shows_nowhere() -> None:
    assert "tok_ok" not in repr(a_payment_wish())
    assert "secret" not in repr(Charge(ChargeStatus.REQUIRES_ACTION, client_secret="pi_1_secret")).replace(
        "client_secret", ""
    )


MAY_START = {
    (ActKind.AUTHORIZE, PaymentState.AUTHORIZING),
    (ActKind.CAPTURE, PaymentState.AUTHORIZED),
    (ActKind.VOID, PaymentState.AUTHORIZING),
    (ActKind.VOID, PaymentState.REQUIRES_ACTION),
    (ActKind.VOID, PaymentState.AUTHORIZED),
    (ActKind.REFUND, PaymentState.CAPTURED),
    (ActKind.REFUND, PaymentState.PARTIALLY_REFUNDED),
}


@pytest.mark.parametrize("state", PaymentState)
@pytest.mark.parametrize("kind", ActKind)
def test_each_act_starts_from_its_own_states(kind: ActKind, state: PaymentState) -> None:
    payment = a_payment(state, 1000, 1000)
    if (kind, state) in MAY_START:
        rules.require_may_start(payment, an_act(kind, 1))
    else:
        with pytest.raises(PaymentStateChanged):
            rules.require_may_start(payment, an_act(kind, 1))


def test_no_more_is_captured_than_was_authorized() -> None:
    payment = a_payment(PaymentState.AUTHORIZED, 1000)
    rules.require_may_start(payment, an_act(ActKind.CAPTURE, 1000))
    with pytest.raises(CaptureTooLarge) as refused:
        rules.require_may_start(payment, an_act(ActKind.CAPTURE, 1001))
    assert "1000" in refused.value.message(Language.EN)


def test_no_more_is_refunded_than_is_left() -> None:
    payment = a_payment(PaymentState.PARTIALLY_REFUNDED, 1000, 800, 300, 100)
    rules.require_may_start(payment, an_act(ActKind.REFUND, 400))
    with pytest.raises(RefundTooLarge) as refused:
        rules.require_may_start(payment, an_act(ActKind.REFUND, 401))
    assert "400" in refused.value.message(Language.JA)


def test_refunds_are_bounded_in_number() -> None:
    payment = a_payment(PaymentState.PARTIALLY_REFUNDED, 1000, 1000, *[1] * rules.MAXIMUM_REFUNDS)
    with pytest.raises(PaymentStateChanged):
        rules.require_may_start(payment, an_act(ActKind.REFUND, 1))


@pytest.mark.parametrize(
    ("charge", "state"),
    [
        (Charge(ChargeStatus.OPEN), PaymentState.AUTHORIZING),
        (Charge(ChargeStatus.REQUIRES_ACTION), PaymentState.REQUIRES_ACTION),
        (Charge(ChargeStatus.AUTHORIZED, 1000), PaymentState.AUTHORIZED),
        (Charge(ChargeStatus.VOIDED), PaymentState.VOIDED),
        (Charge(ChargeStatus.DECLINED), PaymentState.DECLINED),
        (Charge(ChargeStatus.CAPTURED, 1000, 900), PaymentState.CAPTURED),
        (Charge(ChargeStatus.CAPTURED, 1000, 900, (Refund("a", 899),)), PaymentState.PARTIALLY_REFUNDED),
        (
            Charge(ChargeStatus.CAPTURED, 1000, 900, (Refund("a", 899), Refund("b", 1))),
            PaymentState.REFUNDED,
        ),
    ],
)
def test_a_payment_is_what_its_charge_is(charge: Charge, state: PaymentState) -> None:
    after = rules.settled(a_payment(PaymentState.AUTHORIZING), charge)
    assert (after.state, after.amount_captured, after.refunds) == (state, charge.captured, charge.refunds)


@pytest.mark.parametrize("state", [PaymentState.VOIDED, PaymentState.DECLINED])
def test_a_closed_payment_stays_closed(state: PaymentState) -> None:
    payment = a_payment(state)
    assert rules.settled(payment, Charge(ChargeStatus.AUTHORIZED, 1000)) == payment


def test_what_the_bank_has_not_decided_is_not_over() -> None:
    payment = a_payment(PaymentState.AUTHORIZING)
    assert not rules.is_over(payment, an_act(ActKind.AUTHORIZE), is_answer=True)
    assert not rules.is_over(payment, an_act(ActKind.VOID), is_answer=True)
    declined = a_payment(PaymentState.AUTHORIZED, 1000)
    assert rules.is_over(declined, an_act(ActKind.CAPTURE, 1000), is_answer=True)
    assert not rules.is_over(declined, an_act(ActKind.CAPTURE, 1000), is_answer=False)


def test_an_act_is_busy_for_a_minute_unless_its_answer_is_known_to_be_lost() -> None:
    act = an_act(ActKind.CAPTURE)
    assert rules.is_busy(act, NOW + timedelta(seconds=59))
    assert not rules.is_busy(act, NOW + timedelta(seconds=60))
    assert not rules.is_busy(replace(act, is_lost=True), NOW)


@pytest.mark.parametrize(
    "refusal", [each for each in Refusal.known.values() if each.__module__ == "app.payments.errors"]
)
def test_each_refusal_says_why_in_both_languages(refusal: type[Refusal]) -> None:
    numbers = {"reason": "CARD_DECLINED", "state": "VOIDED", "minimum": 1, "maximum": 2}
    told = [refusal(**numbers).message(language) for language in Language]
    assert len({text for text in told if text and "{" not in text}) == 2
