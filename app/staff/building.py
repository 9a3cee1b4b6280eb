"""Builds the services of staff and their devices, who share the tries of PINs."""

from dataclasses import dataclass

from app.auth.session_service import SessionService
from app.shared.foundation import Foundation
from app.shared.lockouts import Lockouts
from app.staff.device_service import StoreDeviceService
from app.staff.pin_tries import PinTries
from app.staff.pins import PinHasher
from app.staff.service import StaffService
from app.staff.sign_in_service import StaffSignInService
from app.stores.service import StoreService


@dataclass(frozen=True, slots=True)
class StaffServices:
    """All that is done with staff and their devices."""

    staff: StaffService
    sign_in: StaffSignInService
    devices: StoreDeviceService


def build_staff_services(
    foundation: Foundation, sessions: SessionService, stores: StoreService
) -> StaffServices:
    """The services, on what they need."""
    database, events, clock = foundation.database, foundation.events, foundation.clock
    tries = PinTries(Lockouts(database, clock))
    pins = PinHasher()
    return StaffServices(
        staff=StaffService(database, sessions, stores, pins, tries, events, clock),
        sign_in=StaffSignInService(database, sessions, pins, tries, events, clock),
        devices=StoreDeviceService(
            database, sessions, stores, foundation.limits, foundation.idempotency, events, clock
        ),
    )
