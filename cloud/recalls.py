"""Recalls and stop-sales (药品管理法 §82): put and ended at headquarters, told to every store through the catalogue's
log, and which orders a recalled lot went out with."""

from functools import partial
from typing import Annotated

import msgspec
from sqlalchemy import Connection, and_, cast, func, or_, select, true

from cloud import audit, tables
from cloud.audit import OPERATOR
from cloud.columns import Whole
from cloud.errors import UnknownRecall
from cloud.eventlog import append, open_log
from cloud.transaction import Transaction
from cloud.upsert import upsert
from cloud.writer import Writer
from domain.events import CATALOGUE, RecallPut
from domain.quantity import Quantity
from domain.recalls import Recall, RecallKind
from domain.times import Millis

Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_.-]{1,32}$")]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_recall = msgspec.json.Decoder(Recall)


class WantedRecall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`lots` empty: every lot of the product. `recall_id` is the notice's own number, as far as it has one."""

    recall_id: Id
    sku: Text
    reason: Text
    kind: RecallKind = RecallKind.RECALL
    lots: tuple[Text, ...] = ()


class Affected(msgspec.Struct, frozen=True):
    """Packs of one line of an order that the recall is about. `lot` null: nobody said which lot they are of, and it may
    be one of those; `state` is the order's."""

    order_id: str
    store: str
    channel: str
    shown_id: str
    state: str
    placed_at: Millis
    line_id: int
    name: str
    lot: str | None
    quantity: Quantity


def put(tx: Transaction, wanted: WantedRecall, *, by: str) -> Recall:
    """New or changed; one that had ended begins again."""
    known = _find(tx, wanted.recall_id)
    lots = tuple(dict.fromkeys(lot.strip() for lot in wanted.lots))
    since = known.since if known is not None and not known.ended else tx.now
    recall = Recall(wanted.recall_id, wanted.kind, wanted.sku, lots, wanted.reason, since)
    _tell(tx, recall)
    audit.append(tx, "", by, "recall.put", recall.recall_id, f"{recall.sku} {', '.join(lots) or 'every lot'}")
    return recall


def end(tx: Transaction, recall_id: str, *, by: str) -> None:
    """What it stopped may be sold again. Ended twice is ended. Raises `UnknownRecall`."""
    known = _find(tx, recall_id)
    if known is None:
        raise _unknown(recall_id)
    if not known.ended:
        _tell(tx, msgspec.structs.replace(known, ended=True))
        audit.append(tx, "", by, "recall.ended", recall_id)


def known(connection: Connection, chain: str) -> tuple[Recall, ...]:
    """All there ever were, the newest first."""
    r = tables.recalls.c
    found = connection.execute(select(r.body).where(r.chain == chain).order_by(r.put_at.desc(), r.recall_id))
    return tuple(map(_recall.decode, found.scalars()))


def affected(connection: Connection, chain: str, recall_id: str) -> tuple[Affected, ...]:
    """Orders whose packs are of it, or may be; what was put back or never left is not among them. Raises
    `UnknownRecall`."""
    r, b, o, line = tables.recalls.c, tables.bindings.c, tables.orders.c, tables.order_lines.c
    body = connection.execute(select(r.body).where(r.chain == chain, r.recall_id == recall_id)).scalar_one_or_none()
    if body is None:
        raise _unknown(recall_id)
    recall = _recall.decode(body)
    names = [lot.lower() for lot in recall.lots]
    its_lot = or_(b.lot.is_(None), func.lower(b.lot).in_(names)) if names else true()
    rows = connection.execute(
        select(
            *(o.order_id, o.store, o.channel, o.shown_id, o.state, o.placed_at),
            *(b.line_id, line.name, b.lot, cast(func.sum(b.quantity), Whole).label("quantity")),
        )
        .where(b.chain == chain, b.released_at.is_(None), line.sku == recall.sku, its_lot)
        .join_from(
            tables.order_lines,
            tables.bindings,
            and_(line.chain == b.chain, line.order_id == b.order_id, line.line_id == b.line_id),
        )
        .join(tables.orders, and_(o.chain == b.chain, o.order_id == b.order_id))
        .group_by(o.order_id, o.store, o.channel, o.shown_id, o.state, o.placed_at, b.line_id, line.name, b.lot)
        .order_by(b.lot.is_(None), o.placed_at.desc(), o.order_id, b.line_id)
    )
    return tuple(msgspec.convert(row._mapping, Affected, strict=False) for row in rows)


class Recalls:
    """The same without any HTTP, for API and pages."""

    def __init__(self, writer: Writer, chain: str) -> None:
        self._writer, self._chain = writer, chain

    async def known(self) -> tuple[Recall, ...]:
        return await self._writer.read(partial(known, chain=self._chain))

    async def put(self, wanted: WantedRecall) -> Recall:
        return await self._writer.run(partial(put, wanted=wanted, by=OPERATOR))

    async def end(self, recall_id: str) -> None:
        """Raises `UnknownRecall`."""
        await self._writer.run(partial(end, recall_id=recall_id, by=OPERATOR))

    async def affected(self, recall_id: str) -> tuple[Affected, ...]:
        """Raises `UnknownRecall`."""
        return await self._writer.read(partial(affected, chain=self._chain, recall_id=recall_id))


def _tell(tx: Transaction, recall: Recall) -> None:
    """A catalogue without products has no log yet."""
    kept: dict[str, str | int | bytes | None] = {"sku": recall.sku, "put_at": tx.now}
    kept["body"] = msgspec.json.encode(recall)
    upsert(tx, tables.recalls, {"recall_id": recall.recall_id}, kept)
    open_log(tx, CATALOGUE)
    append(tx, CATALOGUE, RecallPut(recall))


def _find(tx: Transaction, recall_id: str) -> Recall | None:
    r = tables.recalls.c
    query = select(r.body).where(r.chain == tx.chain, r.recall_id == recall_id)
    body = tx.connection.execute(query).scalar_one_or_none()
    return None if body is None else _recall.decode(body)


def _unknown(recall_id: str) -> UnknownRecall:
    return UnknownRecall(f"no recall {recall_id!r}", hint="yaolink-hub recall list")
