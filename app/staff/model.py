"""Staff, and the stores' devices that they sign in on."""

from dataclasses import dataclass
from datetime import datetime

from app.auth.roles import Role
from app.shared.i18n import Language


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody who works for the retailer. `store_id` is None at headquarters."""

    id: str
    code: str
    name: str
    role: Role
    store_id: str | None
    language: Language
    added_at: datetime
    last_signed_in_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewStaffMember:
    """A staff member to be, as somebody wrote her down."""

    code: str
    name: str
    role: Role
    store_id: str | None
    pin: str
    locale: str


@dataclass(frozen=True, slots=True)
class StoreDevice:
    """A device that staff may sign in on.

    `store_id` is None at headquarters. `enrolled_by` is the staff member who made its enrolment code,
    None for the operator at the command line. Somebody last signed in on it at `last_used_at`.
    """

    id: str
    store_id: str | None
    name: str
    enrolled_at: datetime
    enrolled_by: str | None
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EnrolmentCode:
    """What lets one device in, once, until it expires: a secret that its maker alone is told."""

    code: str
    store_id: str | None
    device_name: str
    made_by: str | None
    expires_at: datetime
