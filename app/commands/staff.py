"""`staff`: adds, lists and removes staff, and resets their PINs."""

import argparse
import getpass
import sys
from functools import partial

from app.auth.actor import OPERATOR
from app.auth.roles import Role
from app.commands.options import add_data_dir, add_store, settings_of
from app.commands.services import places_of, run_with_services, store_id_of
from app.services import Services
from app.shared.i18n import DEFAULT_LANGUAGE, Language
from app.staff.errors import StaffMemberNotFound
from app.staff.model import NewStaffMember, StaffMember


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("staff", help="look after staff; PINs are asked for, or read from a line")
    add_data_dir(parser)
    parser.set_defaults(run=run)
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("list", help="show the staff")
    add = actions.add_parser("add", help="add a staff member")
    add.add_argument("code", help="what she signs in with: 4 to 12 digits and letters")
    add.add_argument("name")
    add.add_argument("role", type=Role, choices=list(Role))
    add_store(add, "the store she works at; none for HEADQUARTERS")
    add.add_argument(
        "--language", type=Language, choices=list(Language), default=DEFAULT_LANGUAGE, help="hers"
    )
    reset = actions.add_parser("reset-pin", help="give a staff member another PIN and end her sessions")
    reset.add_argument("code")
    remove = actions.add_parser("remove", help="let a staff member go; her tokens are dead within 30 s")
    remove.add_argument("code")


def run(options: argparse.Namespace) -> int:
    """0 when it is done, 1 when it is refused."""
    return run_with_services(settings_of(options), partial(_act, options))


async def _act(options: argparse.Namespace, services: Services) -> None:
    staff = services.staff
    if options.action == "add":
        store_id = await store_id_of(services, options.store)
        new = NewStaffMember(options.code, options.name, options.role, store_id, _pin(), options.language)
        print(f"{(await staff.add(OPERATOR, new)).code} is added.")
    elif options.action == "reset-pin":
        member = await _member(options.code, services)
        await staff.reset_pin(OPERATOR, member.id, _pin())
        print(f"{member.code} has another PIN.")
    elif options.action == "remove":
        member = await _member(options.code, services)
        await staff.remove(OPERATOR, member.id)
        print(f"{member.code} is gone.")
    else:
        await _list(services)


async def _list(services: Services) -> None:
    members = await services.staff.all()
    places = await places_of(services, [each.store_id for each in members])
    for each in members:
        print(f"{each.code}  {each.name}  ({each.role}; {places[each.store_id]})")


async def _member(code: str, services: Services) -> StaffMember:
    member = await services.staff.by_code(code.upper())
    if member is None:
        raise StaffMemberNotFound
    return member


def _pin() -> str:
    """A PIN from the terminal, unseen, or from a line of the input."""
    return getpass.getpass("PIN: ") if sys.stdin.isatty() else sys.stdin.readline().strip()
