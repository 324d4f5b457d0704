"""Goods that come in, over the local API."""

from collections.abc import Callable

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from agent.catalogue import Lookup, lookup_in
from agent.parts import Parts
from agent.receiving import committing, drafts, editing, importing, pages, scanning
from agent.receiving.drafts import Draft
from agent.receiving.editing import Edit
from agent.receiving.importing import LARGEST_FILE, FileKind, Imported
from agent.staff import stations
from agent.staff.api import Station
from agent.transactions import Transaction
from agent.verdicts import Told, told_verdict
from domain.staff import Actor

_WITH_FILE = LARGEST_FILE * 4 // 3 + 64 * 1024


class GoodsScanBody(msgspec.Struct, forbid_unknown_fields=True):
    text: str


class ShownBody(msgspec.Struct, forbid_unknown_fields=True):
    """`on`: the page for goods is in front of somebody, and its scanner reads for it."""

    on: bool


class BillBody(msgspec.Struct, forbid_unknown_fields=True):
    supplier: str
    bill: str


class LineBody(msgspec.Struct, forbid_unknown_fields=True):
    line_id: int


class CommitBody(msgspec.Struct, forbid_unknown_fields=True):
    """Names the draft that the page shows: pressed twice, it comes in once."""

    receipt_id: str


class FileBody(msgspec.Struct, forbid_unknown_fields=True):
    """`content` in base 64."""

    kind: FileKind
    name: str
    content: bytes


@get("/api/receiving")
async def get_draft(parts: NamedDependency[Parts]) -> Draft:
    lookup = lookup_in(parts.cache)
    return await parts.work.aread(lambda reading: drafts.draft(reading, lookup))


@post("/api/receiving/scan", status_code=200)
async def scan_goods(parts: NamedDependency[Parts], station: Station, data: JSONBody[GoodsScanBody]) -> Told:
    lookup = lookup_in(parts.cache)
    verdict = await parts.work.awrite(lambda tx: scanning.scan(tx, data.text, stations.worker(tx, station), lookup))
    return told_verdict(verdict, station, None)


@post("/api/receiving/here", status_code=200)
async def page_is_here(parts: NamedDependency[Parts], station: Station, data: JSONBody[ShownBody]) -> Draft:
    lookup = lookup_in(parts.cache)

    def step(tx: Transaction) -> Draft:
        pages.put(tx, station, on=data.on)
        return drafts.draft(tx, lookup)

    return await parts.work.awrite(step)


@post("/api/receiving/bill", status_code=200)
async def name_bill(parts: NamedDependency[Parts], station: Station, data: JSONBody[BillBody]) -> Draft:
    return await _do(parts, station, lambda tx, actor, _: drafts.name_bill(tx, data.supplier, data.bill, actor))


@post("/api/receiving/line", status_code=200)
async def edit_line(parts: NamedDependency[Parts], station: Station, data: JSONBody[Edit]) -> Draft:
    return await _do(parts, station, lambda tx, _, lookup: editing.edit(tx, data, lookup))


@post("/api/receiving/split", status_code=200)
async def split_line(parts: NamedDependency[Parts], station: Station, data: JSONBody[LineBody]) -> Draft:
    return await _do(parts, station, lambda tx, _, lookup: editing.split(tx, data.line_id, lookup))


@post("/api/receiving/remove", status_code=200)
async def remove_line(parts: NamedDependency[Parts], station: Station, data: JSONBody[LineBody]) -> Draft:
    return await _do(parts, station, lambda tx, _, lookup: editing.remove(tx, data.line_id, lookup))


@post("/api/receiving/undo", status_code=200)
async def undo_scan(parts: NamedDependency[Parts], station: Station) -> Draft:
    return await _do(parts, station, lambda tx, _, lookup: editing.undo(tx, lookup))


@post("/api/receiving/drop", status_code=200)
async def drop_draft(parts: NamedDependency[Parts], station: Station) -> Draft:
    return await _do(parts, station, lambda tx, _, __: drafts.drop(tx))


@post("/api/receiving/commit", status_code=200)
async def commit_draft(parts: NamedDependency[Parts], station: Station, data: JSONBody[CommitBody]) -> Draft:
    return await _do(parts, station, lambda tx, actor, lookup: committing.commit(tx, data.receipt_id, actor, lookup))


@post("/api/receiving/file", status_code=200, request_max_body_size=_WITH_FILE)
async def take_file(parts: NamedDependency[Parts], station: Station, data: JSONBody[FileBody]) -> Imported:
    """A file with flaws is an answer, not an error: nothing of it was taken."""
    lookup = lookup_in(parts.cache)
    return await parts.work.awrite(
        lambda tx: importing.take(tx, data.kind, data.name, data.content, stations.worker(tx, station), lookup)
    )


async def _do(parts: Parts, station: str, step: Callable[[Transaction, Actor, Lookup], object]) -> Draft:
    """The draft as it is then."""
    lookup = lookup_in(parts.cache)

    def stepped(tx: Transaction) -> Draft:
        step(tx, stations.worker(tx, station), lookup)
        return drafts.draft(tx, lookup)

    return await parts.work.awrite(stepped)


HANDLERS = [
    get_draft,
    scan_goods,
    page_is_here,
    name_bill,
    edit_line,
    split_line,
    remove_line,
    undo_scan,
    drop_draft,
    commit_draft,
    take_file,
]
