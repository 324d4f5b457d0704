"""`yaolink-hub recall`: asked of the running hub, or else done directly, as the others are."""

import argparse
from urllib.parse import quote

import msgspec

from cloud import recalls
from cloud.audit import OPERATOR
from cloud.commands import changing, opened, running
from cloud.config import Settings
from cloud.errors import BadRecall
from cloud.recalls import Affected, WantedRecall
from domain.quantity import shown as shown_quantity
from domain.recalls import Recall, RecallKind
from domain.times import shown


def add_parser(of: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = of.add_parser("recall", help="recalls and stop-sales: what no store may sell")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    putting = verbs.add_parser("put", help="begin or change one; every store is told")
    putting.add_argument("recall", metavar="ID", help="the notice's own number, or one of your own")
    putting.add_argument("sku", metavar="SKU")
    putting.add_argument("--lot", action="append", default=[], metavar="LOT", help="may be repeated; none: every lot")
    putting.add_argument("--reason", required=True, metavar="TEXT")
    putting.add_argument("--stop-sale", action="store_true", help="not recalled, but not to be sold for the time being")
    for verb, about in (("end", "it may be sold again"), ("affected", "print the orders that its packs went out with")):
        verbs.add_parser(verb, help=about).add_argument("recall", metavar="ID")
    verbs.add_parser("list", help="print all of them")


def run(settings: Settings, options: argparse.Namespace) -> None:
    match options.verb:
        case "put":
            kind = RecallKind.STOP_SALE if options.stop_sale else RecallKind.RECALL
            said = {"recall_id": options.recall, "sku": options.sku, "reason": options.reason}
            _put(settings, _wanted({**said, "kind": kind, "lots": options.lot}))
        case "end":
            _end(settings, options.recall)
        case "affected":
            _affected(settings, options.recall)
        case "list":
            _list(settings)


def _put(settings: Settings, wanted: WantedRecall) -> None:
    if (hub := running(settings)) is not None:
        hub.put("/api/recalls", wanted)
    else:
        with changing(settings) as tx:
            recalls.put(tx, wanted, by=OPERATOR)
    lots = ", ".join(wanted.lots) or "every lot"
    print(f"no store sells {wanted.sku} ({lots}); who has it: yaolink-hub recall affected {wanted.recall_id}")


def _end(settings: Settings, recall_id: str) -> None:
    if (hub := running(settings)) is not None:
        hub.post(f"/api/recalls/{quote(recall_id, safe='')}/end", {})
    else:
        with changing(settings) as tx:
            recalls.end(tx, recall_id, by=OPERATOR)
    print(f"{recall_id} stops nothing any more")


def _affected(settings: Settings, recall_id: str) -> None:
    if (hub := running(settings)) is not None:
        found = hub.get(f"/api/recalls/{quote(recall_id, safe='')}/affected", tuple[Affected, ...])
    else:
        with opened(settings) as database, database.read() as connection:
            found = recalls.affected(connection, settings.chain, recall_id)
    for one in found:
        when, count = shown(one.placed_at, "%Y-%m-%d %H:%M"), shown_quantity(one.quantity)
        where = f"{one.store}\t{one.channel} {one.shown_id}\t{when}\t{one.state}"
        print(f"{one.order_id}\t{where}\t{one.name}\t{one.lot or 'lot unknown'}\t{count}")
    if not found:
        print("no order has it")


def _list(settings: Settings) -> None:
    if (hub := running(settings)) is not None:
        found = hub.get("/api/recalls", tuple[Recall, ...])
    else:
        with opened(settings) as database, database.read() as connection:
            found = recalls.known(connection, settings.chain)
    for one in found:
        state = "ended" if one.ended else f"since {shown(one.since, '%Y-%m-%d %H:%M')}"
        print(f"{one.recall_id}\t{one.kind}\t{one.sku}\t{', '.join(one.lots) or 'every lot'}\t{state}\t{one.reason}")


def _wanted(said: dict[str, object]) -> WantedRecall:
    try:
        return msgspec.convert(said, WantedRecall)
    except msgspec.ValidationError as error:
        raise BadRecall(str(error)) from error
