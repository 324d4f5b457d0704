"""A supplier's file: filled into the draft (what comes in now), or kept as information (which pack is of which lot),
which moves no stock and is done whoever keeps the books."""

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from agent import owners
from agent.catalogue import Lookup
from agent.errors import NotNow
from agent.lots import listing
from agent.picking import code_lots
from agent.receiving import drafts, files, scanning
from agent.receiving.files import Row
from agent.transactions import Reading, Topic, Transaction
from domain.lots import KnownLot, LotSource, same_expiry, same_lot
from domain.policy import Duty
from domain.staff import Actor
from erp.rows import Flaw

LARGEST_FILE = 2 * 1024 * 1024


class FileKind(StrEnum):
    RECEIPT = "receipt"
    BILL = "bill"


class Imported(msgspec.Struct, frozen=True):
    """Either rows and codes were taken, or there are flaws and nothing was."""

    rows: int = 0
    codes: int = 0
    flaws: tuple[Flaw, ...] = ()


def take(tx: Transaction, kind: FileKind, name: str, raw: bytes, actor: Actor, lookup: Lookup) -> Imported:
    """The file is kept as it came, used or not."""
    if kind is FileKind.RECEIPT:
        owners.require(tx, Duty.RECEIVING)
    if not 0 < len(raw) <= LARGEST_FILE:
        raise NotNow("文件是空的，或超过 2 MB")
    rows, flaws = files.read(raw, lookup)
    flaws = flaws or tuple(_against_known(tx, kind, rows, lookup))
    _keep(tx, kind, name, raw, flaws, actor)
    if flaws:
        return Imported(flaws=flaws)
    if kind is FileKind.RECEIPT:
        _into_draft(tx, rows, actor)
    else:
        _as_information(tx, rows)
    tx.touch(Topic.STOCK)
    return Imported(len(rows), sum(len(row.codes) for row in rows))


def _against_known(reading: Reading, kind: FileKind, rows: Iterable[Row], lookup: Lookup) -> Iterable[Flaw]:
    """What the store knows already may not be contradicted."""
    for row in rows:
        held = listing.find(reading, row.sku, row.lot)
        if held is not None and not same_expiry(row.expiry, row.month_only, held.lot.expiry, held.lot.month_only):
            yield Flaw(row.number, f"批号 {row.lot} 的有效期 {row.expiry} 与已知 {held.lot.expiry} 不一致", row.lot)
        for code in row.codes:
            if why := _why_not(reading, kind, code, row.lot, lookup):
                yield Flaw(row.number, f"追溯码 {code} {why}", code)


def _why_not(reading: Reading, kind: FileKind, code: str, lot: str, lookup: Lookup) -> str:
    known = code_lots.of_code(reading, code)
    if known is not None and not same_lot(known.lot, lot):
        return f"已知批号为 {known.lot}"
    if kind is FileKind.BILL:
        return ""
    pack = scanning.known_pack(reading, code, lookup)
    return "已经入库" if pack.here else "售出、使用或召回过" if pack.used else ""


def _keep(tx: Transaction, kind: FileKind, name: str, raw: bytes, flaws: tuple[Flaw, ...], actor: Actor) -> None:
    tx.db.execute(
        "INSERT INTO goods_files (kind, name, raw, flaws, staff_id, at) VALUES (?, ?, ?, ?, ?, ?)",
        (kind, name[:200], raw, msgspec.json.encode(flaws).decode(), actor.staff_id, tx.now),
    )


def _into_draft(tx: Transaction, rows: Iterable[Row], actor: Actor) -> None:
    receipt_id = drafts.begun(tx, actor)
    for row in rows:
        lot = KnownLot(row.lot, LotSource.BILL, row.expiry, row.produced, row.month_only)
        line_id = _same_line(tx, receipt_id, row)
        if line_id is None:
            line_id = scanning.add_line(tx, receipt_id, row.sku, lot)
        scanning.put_pack(tx, line_id, None, row.quantity)
        tx.db.executemany(
            "INSERT INTO receipt_codes (code, line_id, at) VALUES (?, ?, ?)",
            [(code, line_id, tx.now) for code in row.codes],
        )


def _same_line(reading: Reading, receipt_id: str, row: Row) -> int | None:
    """A file with a row for every pack fills one line per lot and day."""
    found = reading.db.execute(
        "SELECT line_id FROM receipt_lines WHERE receipt_id = ? AND sku = ? AND lot = ? AND expiry = ?"
        " AND produced IS ?",
        (receipt_id, row.sku, row.lot, row.expiry.isoformat(), row.produced and row.produced.isoformat()),
    ).fetchone()
    return None if found is None else int(found["line_id"])


def _as_information(tx: Transaction, rows: Iterable[Row]) -> None:
    for row in rows:
        known = KnownLot(row.lot, LotSource.BILL, row.expiry, row.produced, row.month_only)
        for code in row.codes:
            code_lots.put(tx, code, row.sku, known)
