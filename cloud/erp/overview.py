"""How headquarters and the ERP stand: what is owed and for how long, what was refused, what was heard of each store."""

from typing import Any

import msgspec
from sqlalchemy import Connection, Select, case, func, literal_column, select

from cloud import policy, tables
from cloud.columns import written
from cloud.erp import aside, tokens, unknown_products
from cloud.statements import AnyRow
from domain.erp import DocumentState, ErpDocument
from domain.policy import ErpDelivery
from domain.times import Millis
from erp.books import FileState
from erp.rows import Flaw
from erp.running import ConnectorView

MOST = 100
_document = msgspec.json.Decoder(ErpDocument)
_flaws = msgspec.json.Decoder(tuple[Flaw, ...])
_IS_OWED = tables.erp_documents.c.state.in_([written("waiting"), written("delivered")])
_IS_UNSEEN = (tables.erp_files.c.state != written("done")) & tables.erp_files.c.seen_at.is_(None)
"""As the indexes of those have it: each page counts them, and most of what is kept was answered, or is well."""


class DocumentView(msgspec.Struct, frozen=True):
    """`ours`: headquarters hands it over; else its store does, and mends it there."""

    document: ErpDocument
    store: str
    store_name: str
    state: DocumentState
    reason: str
    reference: str
    ours: bool
    written_at: Millis
    delivered_at: Millis | None
    answered_at: Millis | None


class Heard(msgspec.Struct, frozen=True):
    at: Millis
    document_id: str
    source: str


class StoreStanding(msgspec.Struct, frozen=True):
    """`stuck` of the owed documents wait for longer than they should. What was never heard is missing in `heard`, by
    kind: sale, count, receipt."""

    store: str
    name: str
    owed: int = 0
    stuck: int = 0
    refused: int = 0
    oldest_at: Millis | None = None
    heard: dict[str, Heard] = {}


class FileView(msgspec.Struct, frozen=True):
    digest: str
    name: str
    state: FileState
    rows: int
    flaws: tuple[Flaw, ...]
    at: Millis


class Overview(msgspec.Struct, frozen=True):
    delivery: ErpDelivery
    stuck_after: Millis
    stores: tuple[StoreStanding, ...]
    wanting: tuple[DocumentView, ...]
    """Refused or stuck, the oldest first."""
    latest: tuple[DocumentView, ...]
    aside: tuple[aside.Entry, ...]
    unknown_products: tuple[unknown_products.UnknownProduct, ...]
    files: tuple[FileView, ...]
    tokens: tuple[tokens.KnownToken, ...]
    connectors: tuple[ConnectorView, ...] = ()
    problem: str = ""


def overview(connection: Connection, chain: str, now: Millis, patience: Millis) -> Overview:
    return Overview(
        delivery=policy.in_force(connection, chain).erp,
        stuck_after=patience,
        stores=_stores(connection, chain, now - patience),
        wanting=_wanting(connection, chain, now - patience),
        latest=_latest(connection, chain),
        aside=aside.listed(connection, chain),
        unknown_products=unknown_products.listed(connection, chain),
        files=_files(connection, chain),
        tokens=tokens.listed(connection, chain),
    )


def count(connection: Connection, chain: str, now: Millis, patience: Millis) -> int:
    """What asks for a person: documents refused or stuck, feeds kept aside, files with flaws."""
    d, f = tables.erp_documents.c, tables.erp_files.c
    refused = select(func.count()).where(d.chain == chain, d.state == written("refused"))
    stuck = select(func.count()).where(d.chain == chain, _IS_OWED, d.written_at < now - patience)
    files = select(func.count()).where(f.chain == chain, _IS_UNSEEN)
    asked = (connection.execute(query).scalar_one() for query in (refused, stuck, files))
    return sum(map(int, asked)) + aside.count(connection, chain)


def _stores(connection: Connection, chain: str, stuck_before: Millis) -> tuple[StoreStanding, ...]:
    s = tables.stores.c
    names = {
        row.store: row.name
        for row in connection.execute(select(s.store, s.name).where(s.chain == chain).order_by(s.store))
    }
    heard, owed = _heard(connection, chain), _owed(connection, chain, stuck_before)
    refused = _refused(connection, chain)
    found = []
    for store, name in names.items():
        count, stuck, oldest = owed.get(store, (0, 0, None))
        found.append(StoreStanding(store, name, count, stuck, refused.get(store, 0), oldest, heard.get(store, {})))
    return tuple(found)


def _heard(connection: Connection, chain: str) -> dict[str, dict[str, Heard]]:
    h = tables.erp_heard.c
    found: dict[str, dict[str, Heard]] = {}
    for row in connection.execute(select(tables.erp_heard).where(h.chain == chain)):
        found.setdefault(row.store, {})[row.kind] = Heard(row.at, row.document_id, row.source)
    return found


def _owed(connection: Connection, chain: str, stuck_before: Millis) -> dict[str, tuple[int, int, Millis]]:
    d = tables.erp_documents.c
    late = func.sum(case((d.written_at < stuck_before, 1), else_=0))
    query = (
        select(d.store, func.count(), late, func.min(d.written_at)).where(d.chain == chain, _IS_OWED).group_by(d.store)
    )
    return {row[0]: (row[1], int(row[2]), row[3]) for row in connection.execute(query)}


def _refused(connection: Connection, chain: str) -> dict[str, int]:
    d = tables.erp_documents.c
    query = select(d.store, func.count()).where(d.chain == chain, d.state == written("refused")).group_by(d.store)
    return {row[0]: row[1] for row in connection.execute(query)}


def _wanting(connection: Connection, chain: str, stuck_before: Millis) -> tuple[DocumentView, ...]:
    d = tables.erp_documents.c
    refused = _documents().where(d.chain == chain, d.state == written("refused")).order_by(d.number).limit(MOST)
    stuck = _documents().where(d.chain == chain, _IS_OWED, d.written_at < stuck_before).order_by(d.number).limit(MOST)
    return tuple(_view(row) for query in (refused, stuck) for row in connection.execute(query))


def _latest(connection: Connection, chain: str) -> tuple[DocumentView, ...]:
    d = tables.erp_documents.c
    query = _documents().where(d.chain == chain, d.ours == literal_column("1")).order_by(d.number.desc())
    return tuple(map(_view, connection.execute(query.limit(20))))


def _documents() -> Select[Any]:
    d, s = tables.erp_documents.c, tables.stores.c
    return select(tables.erp_documents, s.name.label("store_name")).outerjoin_from(
        tables.erp_documents, tables.stores, (s.chain == d.chain) & (s.store == d.store)
    )


def _files(connection: Connection, chain: str) -> tuple[FileView, ...]:
    f = tables.erp_files.c
    query = select(tables.erp_files).where(f.chain == chain, _IS_UNSEEN).order_by(f.at.desc()).limit(MOST)
    return tuple(
        FileView(row.hash, row.name, FileState(row.state), row.rows, _flaws.decode(row.flaws), row.at)
        for row in connection.execute(query)
    )


def _view(row: AnyRow) -> DocumentView:
    return DocumentView(
        _document.decode(row.body), row.store, row.store_name or row.store, DocumentState(row.state), row.reason,
        row.reference, bool(row.ours), row.written_at, row.delivered_at, row.answered_at,
    )  # fmt: skip
