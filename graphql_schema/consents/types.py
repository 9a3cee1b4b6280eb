"""Consents. Readable by the member herself."""

from datetime import datetime
from typing import Annotated

import strawberry

from app.consents import model
from app.shared.channels import Channel
from graphql_schema.connections import Connection
from graphql_schema.results import Rejected

strawberry.enum(
    model.ConsentKind,
    description=(
        "What a member may allow: PERSONALIZATION, that we keep what she views and searches for and choose "
        "by it; MARKETING_PUSH and MARKETING_EMAIL, that we write to her about offers; LOCATION, that we act "
        "on where her phone is beside what she asks for herself."
    ),
)


@strawberry.type(
    description="How a member decided about one kind of consent at a moment. Readable by the member herself."
)
class ConsentDecision:
    owner_id: strawberry.Private[str]
    kind: model.ConsentKind = strawberry.field(description="What it is about.")
    is_given: bool = strawberry.field(description="Whether she allowed it or, if not, declined.")
    text_version: str = strawberry.field(description="The version of the text that she was shown.")
    channel: Channel = strawberry.field(description="Where she said so.")
    decided_at: datetime = strawberry.field(description="When she said so.")


ConsentDecisionConnection = Connection[ConsentDecision]


@strawberry.type(description="How a kind of consent stands now. Readable by the member herself.")
class Consent:
    owner_id: strawberry.Private[str]
    kind: model.ConsentKind = strawberry.field(description="What it is about.")
    is_given: bool = strawberry.field(description="Whether she allows it; false until she does.")
    decision: ConsentDecision | None = strawberry.field(
        description="Her newest decision about it; null when she made none."
    )


@strawberry.input(description="Yes or no to one kind of consent.")
class ConsentInput:
    kind: model.ConsentKind = strawberry.field(description="What it is about.")
    is_given: bool = strawberry.field(description="Whether she allows it.")


@strawberry.input(description="What a member decides about consents.")
class SetConsentsInput:
    consents: list[ConsentInput] = strawberry.field(
        description="Her decisions, each kind at most once; what is left out stays as it is."
    )
    text_version: str = strawberry.field(
        description="The version of the text that she was shown: 1 to 40 letters, digits and . _ -"
    )
    channel: Channel = strawberry.field(
        default=Channel.ONLINE, description="Where she says so; the app and the web are ONLINE."
    )

    def to_model(self) -> model.ConsentWish:
        decisions = tuple((each.kind, each.is_given) for each in self.consents)
        return model.ConsentWish(decisions, self.text_version, self.channel)


@strawberry.type(description="The decisions are on record and hold from now on.")
class ConsentsSet:
    consents: list[Consent] = strawberry.field(description="Every kind of consent as it stands now.")


SetConsentsResult = Annotated[ConsentsSet | Rejected, strawberry.union("SetConsentsResult")]


def consent_nodes(standing: tuple[model.ConsentDecision, ...], owner_id: str) -> list[Consent]:
    """Every kind as it stands, decided or not."""
    decided = {each.kind: each for each in standing}
    return [_consent_node(kind, decided.get(kind), owner_id) for kind in model.ConsentKind]


def consent_decision_node(decision: model.ConsentDecision, owner_id: str) -> ConsentDecision:
    return ConsentDecision(
        owner_id=owner_id,
        kind=decision.kind,
        is_given=decision.is_given,
        text_version=decision.text_version,
        channel=decision.channel,
        decided_at=decision.decided_at,
    )


def _consent_node(kind: model.ConsentKind, decision: model.ConsentDecision | None, owner_id: str) -> Consent:
    return Consent(
        owner_id=owner_id,
        kind=kind,
        is_given=decision is not None and decision.is_given,
        decision=consent_decision_node(decision, owner_id) if decision else None,
    )
