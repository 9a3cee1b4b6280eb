"""`partners`: makes, lists and ends partners, and changes their secrets."""

import argparse
from functools import partial

from app.auth.partners import Partner, Scope
from app.commands.options import add_data_dir, settings_of
from app.commands.services import run_with_services
from app.services import Services
from app.shared.channels import Channel


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("partners", help="look after partner systems, such as tills")
    add_data_dir(parser)
    parser.set_defaults(run=run)
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("list", help="show the partners")
    create = actions.add_parser("create", help="make a partner; its secret is shown once")
    create.add_argument("name", help="what people call it")
    create.add_argument("scopes", nargs="+", type=Scope, choices=list(Scope), help="what it may do")
    create.add_argument(
        "--channels", nargs="+", type=Channel, choices=list(Channel), help="the channels it may act for"
    )
    create.add_argument("--stores", nargs="+", metavar="CODE", help="the stores it may act for")
    rotate = actions.add_parser("rotate-secret", help="show a new secret; the one before it goes on")
    rotate.add_argument("id")
    remove = actions.add_parser("remove", help="end a partner; its tokens are dead within 30 s")
    remove.add_argument("id")


def run(options: argparse.Namespace) -> int:
    """0 when it is done, 1 when it is refused, as where there is no such partner."""
    return run_with_services(settings_of(options), partial(_act, options))


async def _act(options: argparse.Namespace, services: Services) -> None:
    partners = services.partners
    if options.action == "create":
        stores = None if options.stores is None else await services.stores.require_codes(options.stores)
        store_ids = None if stores is None else [store.id for store in stores]
        partner, secret = await partners.create(options.name, options.scopes, options.channels, store_ids)
        print(f"client_id      {partner.id}\nclient_secret  {secret}")
    elif options.action == "rotate-secret":
        print(f"client_secret  {await partners.rotate_secret(options.id)}")
    elif options.action == "remove":
        await partners.remove(options.id)
        print(f"{options.id} has ended.")
    else:
        for partner in await partners.all():
            print(await _line(partner, services))


async def _line(partner: Partner, services: Services) -> str:
    told = [" ".join(sorted(partner.scopes)), f"secrets: {len(partner.secret_hashes)}"]
    if partner.channels is not None:
        told.append(f"channels: {' '.join(sorted(partner.channels))}")
    if partner.store_ids is not None:
        stores = await services.stores.get_many(sorted(partner.store_ids))
        told.append(f"stores: {' '.join(sorted(store.code for store in stores))}")
    return f"{partner.id}  {partner.name}  ({'; '.join(told)})"
