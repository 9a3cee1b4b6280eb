"""`partners`: makes, lists and ends partners, and changes their secrets."""

import argparse
import asyncio
import sys

from app.auth.errors import PartnerNotFound
from app.auth.partner_service import PartnerService
from app.auth.partners import Scope
from app.commands.database import prepared_database
from app.commands.mongodb import shared_mongodb
from app.commands.options import add_data_dir, settings_of
from app.services import build_services
from app.shared.settings import Settings


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("partners", help="look after partner systems, such as tills")
    add_data_dir(parser)
    parser.set_defaults(run=run)
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("list", help="show the partners")
    create = actions.add_parser("create", help="make a partner; its secret is shown once")
    create.add_argument("name", help="what people call it")
    create.add_argument("scopes", nargs="+", type=Scope, choices=list(Scope), help="what it may do")
    rotate = actions.add_parser("rotate-secret", help="show a new secret; the one before it goes on")
    rotate.add_argument("id")
    remove = actions.add_parser("remove", help="end a partner; its tokens are dead within 30 s")
    remove.add_argument("id")


def run(options: argparse.Namespace) -> int:
    """0 when it is done, 1 when there is no such partner."""
    with shared_mongodb(settings_of(options)) as settings:
        return asyncio.run(_run(settings, options))


async def _run(settings: Settings, options: argparse.Namespace) -> int:
    async with prepared_database(settings) as database:
        partners = build_services(settings, database).partners
        try:
            await _act(partners, options)
        except PartnerNotFound:
            print(f"tsunagu: there is no partner {options.id}", file=sys.stderr)
            return 1
    return 0


async def _act(partners: PartnerService, options: argparse.Namespace) -> None:
    if options.action == "create":
        partner, secret = await partners.create(options.name, options.scopes)
        print(f"client_id      {partner.id}\nclient_secret  {secret}")
    elif options.action == "rotate-secret":
        print(f"client_secret  {await partners.rotate_secret(options.id)}")
    elif options.action == "remove":
        await partners.remove(options.id)
        print(f"{options.id} has ended.")
    else:
        for partner in await partners.all():
            scopes = " ".join(sorted(scope.value for scope in partner.scopes))
            print(f"{partner.id}  {partner.name}  ({scopes}; secrets: {len(partner.secret_hashes)})")
