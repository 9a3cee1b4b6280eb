"""The actor: who is calling."""

from dataclasses import dataclass

from app.auth.partners import Partner, Scope
from app.auth.roles import Role
from app.shared.channels import Channel
from app.shared.i18n import Language


@dataclass(frozen=True, slots=True)
class Anonymous:
    """Somebody without a token."""

    def ids(self) -> dict[str, str]:
        return {}


@dataclass(frozen=True, slots=True)
class MemberActor:
    """A member, by the access token of one session."""

    member_id: str
    session_id: str
    language: Language

    def ids(self) -> dict[str, str]:
        """By which the log knows her."""
        return {"member_id": self.member_id}


@dataclass(frozen=True, slots=True)
class StaffActor:
    """A staff member who is signed in on a device. `store_id` is the device's store; None at headquarters."""

    staff_id: str
    role: Role
    store_id: str | None
    device_id: str
    session_id: str
    language: Language

    def ids(self) -> dict[str, str]:
        """By which the log knows her."""
        return {"staff_id": self.staff_id, "device_id": self.device_id}

    def acts_for(self, store_id: str | None) -> bool:
        """Whether she may act for this store (None: headquarters): for her own, at headquarters for any."""
        return self.role is Role.HEADQUARTERS or (store_id is not None and store_id == self.store_id)

    def manages(self, store_id: str | None) -> bool:
        """Whether staff and devices of this store are hers to manage."""
        return self.role in {Role.STORE_MANAGER, Role.HEADQUARTERS} and self.acts_for(store_id)


@dataclass(frozen=True, slots=True)
class Operator:
    """Whoever runs commands on the server itself: may manage what headquarters may."""

    staff_id: None = None
    role: Role = Role.HEADQUARTERS
    store_id: None = None

    def manages(self, store_id: str | None) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class PartnerActor:
    """A partner system, by an access token with these scopes. None stands for all channels, or all stores."""

    partner_id: str
    scopes: frozenset[Scope]
    channels: frozenset[Channel] | None = None
    store_ids: frozenset[str] | None = None

    def ids(self) -> dict[str, str]:
        """By which the log knows it."""
        return {"partner_id": self.partner_id}

    @property
    def is_limited(self) -> bool:
        """Whether it may act for some stores only, and so has to name one."""
        return self.channels is not None or self.store_ids is not None

    def is_within(self, other: "PartnerActor") -> bool:
        """Whether the other one may do all that this one may."""
        return (
            self.scopes <= other.scopes
            and (other.channels is None or (self.channels is not None and self.channels <= other.channels))
            and (
                other.store_ids is None or (self.store_ids is not None and self.store_ids <= other.store_ids)
            )
        )

    def acts_for(self, store_id: str, channel: Channel) -> bool:
        """Whether it may act for this store of this channel."""
        is_its_store = self.store_ids is None or store_id in self.store_ids
        return is_its_store and (self.channels is None or channel in self.channels)


Actor = Anonymous | MemberActor | StaffActor | PartnerActor
Manager = StaffActor | Operator
ANONYMOUS = Anonymous()
OPERATOR = Operator()


def actor_of(partner: Partner, granted: frozenset[Scope] | None = None) -> PartnerActor:
    """The partner as a caller with what was granted to it, as far as it is still its own; None for all."""
    scopes = partner.scopes if granted is None else granted & partner.scopes
    return PartnerActor(partner.id, scopes, partner.channels, partner.store_ids)
