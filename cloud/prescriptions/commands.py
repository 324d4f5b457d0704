"""`yaolink-hub prescriptions`: asked of the running hub, or else read directly, as the others are."""

import argparse
from urllib.parse import urlencode

import msgspec

from cloud.commands import opened, running
from cloud.config import Settings
from cloud.views import prescriptions
from cloud.views.prescriptions import Row, Sought
from domain.times import shown


def add_parser(of: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = of.add_parser("prescriptions", help="prescriptions and who decided about them")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    listing = verbs.add_parser("list", help="print them, the newest first; nothing about patients")
    listing.add_argument("--waiting", action="store_true", help="only those that wait for a pharmacist, oldest first")
    listing.add_argument("--order", default="", metavar="ORDER", help="by the hub's id, the channel's, or day number")
    listing.add_argument("--store", default="", metavar="STORE")
    listing.add_argument("--staff", default="", metavar="ID", help="the pharmacist who decided")
    listing.add_argument("--day", default="", metavar="2026-11-23", help="when the order came")
    listing.add_argument("--before", default="", metavar="ID", help="the next page: the last prescription of this one")


def run(settings: Settings, options: argparse.Namespace) -> None:
    sought = Sought(options.order, options.store, options.staff, options.day, options.before)
    for row in _found(settings, sought, waiting=options.waiting):
        print("\t".join(_columns(row)))


def _columns(row: Row) -> list[str]:
    now, said = row.prescription, row.prescription.decision
    return [
        now.prescription_id,
        shown(row.created_at, "%Y-%m-%d %H:%M"),
        row.order.store,
        f"{row.order.channel} {row.order.shown_id}",
        now.state,
        f"{said.name} {said.licence} {shown(said.at, '%Y-%m-%d %H:%M')}" if said is not None else "-",
        now.number or "-",
        f"{len(now.images)} images" + (f", {len(row.coming)} to come" if row.coming else ""),
        now.content or "-",
        *([f"used by {now.used_by}"] if now.used_by else []),
    ]


def _found(settings: Settings, sought: Sought, *, waiting: bool) -> tuple[Row, ...]:
    if (hub := running(settings)) is not None:
        query = urlencode(msgspec.structs.asdict(sought))
        return hub.get("/api/prescriptions" if waiting else f"/api/prescriptions/archive?{query}", tuple[Row, ...])
    with opened(settings) as database, database.read() as connection:
        if waiting:
            return prescriptions.waiting(connection, settings.chain)
        return prescriptions.archive(connection, settings.chain, sought)
