"""`devices`: makes enrolment codes for the stores' devices, lists and revokes them."""

import argparse
from functools import partial

from app.auth.actor import OPERATOR
from app.commands.options import add_data_dir, add_store, settings_of
from app.commands.services import places_of, run_with_services, store_id_of
from app.services import Services


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("devices", help="look after the devices that staff sign in on")
    add_data_dir(parser)
    parser.set_defaults(run=run)
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("list", help="show the devices")
    code = actions.add_parser("enrolment-code", help="make a code that enrols one device; it is shown once")
    code.add_argument("name", help="what the device shall be called")
    add_store(code, "where it will stand; none for headquarters' own")
    revoke = actions.add_parser("revoke", help="end a device and all sessions on it, within 30 s")
    revoke.add_argument("id")


def run(options: argparse.Namespace) -> int:
    """0 when it is done, 1 when it is refused."""
    return run_with_services(settings_of(options), partial(_act, options))


async def _act(options: argparse.Namespace, services: Services) -> None:
    devices = services.store_devices
    if options.action == "enrolment-code":
        store_id = await store_id_of(services, options.store)
        made = await devices.create_enrolment_code(OPERATOR, store_id, options.name)
        print(f"code     {made.code}\nexpires  {made.expires_at:%Y-%m-%dT%H:%M:%SZ}")
    elif options.action == "revoke":
        device = await devices.revoke(OPERATOR, options.id)
        print(f"{device.name} is revoked.")
    else:
        await _list(services)


async def _list(services: Services) -> None:
    devices = await services.store_devices.all()
    places = await places_of(services, [each.store_id for each in devices])
    for each in devices:
        used = f"last used {each.last_used_at:%Y-%m-%d}" if each.last_used_at else "not used yet"
        print(f"{each.id}  {each.name}  ({places[each.store_id]}; {used})")
