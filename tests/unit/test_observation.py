"""What is noticed about an operation."""

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from app.auth.actor import MemberActor
from app.shared.i18n import Language
from app.telemetry import observation
from app.telemetry.observation import Outcome


def count(operation: str, outcome: Outcome) -> float:
    labels = {"operation": operation, "outcome": outcome.value}
    return REGISTRY.get_sample_value("tsunagu_operation_seconds_count", labels) or 0.0


@pytest.mark.parametrize(
    ("noted", "told"),
    [
        ([], Outcome.ANSWERED),
        ([Outcome.REJECTED], Outcome.REJECTED),
        ([Outcome.FAILED, Outcome.REFUSED], Outcome.FAILED),
        ([Outcome.REJECTED, Outcome.REFUSED], Outcome.REFUSED),
    ],
)
def test_the_gravest_outcome_is_told(noted: list[Outcome], told: Outcome) -> None:
    before = count("check_in", told)
    with observation.observed(slow_seconds=10):
        observation.name_operation("check_in")
        for outcome in noted:
            observation.note(outcome)
    assert count("check_in", told) == before + 1


def test_an_operation_that_raises_is_counted_too() -> None:
    before = count(observation.OTHER, Outcome.ANSWERED)
    with pytest.raises(ZeroDivisionError), observation.observed(slow_seconds=10):
        raise ZeroDivisionError
    assert count(observation.OTHER, Outcome.ANSWERED) == before + 1
    assert observation.current() is None


def test_a_slow_operation_is_logged_with_who_asked_and_what_it_asked_of_mongodb() -> None:
    with capture_logs() as logs, observation.observed(slow_seconds=-1) as observed:
        observation.name_operation("my_card")
        observation.note_caller(MemberActor("m1", "the-session", Language.JA))
        observed.note_command("commitTransaction", "", 0.2)
        for number in range(199):
            observed.note_command("find", "members", number / 1000)
    (line,) = logs
    assert (line["event"], line["operation"], line["outcome"]) == ("slow_operation", "my_card", "ANSWERED")
    assert line["mongodb_commands"] == 200
    told = line["slowest_commands"]
    assert told[:2] == ["commitTransaction: 200 ms", "find members: 98 ms"]  # of the first hundred
    assert len(told) == 5
    assert line["member_id"] == "m1"
    assert "the-session" not in str(line)


def test_a_subscription_is_open_while_it_lasts_and_is_no_slow_operation() -> None:
    before = REGISTRY.get_sample_value("tsunagu_subscriptions") or 0.0
    with capture_logs() as logs, observation.observed(slow_seconds=-1), observation.counted_subscription():
        assert REGISTRY.get_sample_value("tsunagu_subscriptions") == before + 1
    assert REGISTRY.get_sample_value("tsunagu_subscriptions") == before
    assert logs == []


def test_outside_an_operation_nothing_is_noted() -> None:
    observation.name_operation("my_card")
    observation.note(Outcome.FAILED)
    assert observation.current() is None
