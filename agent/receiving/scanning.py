"""One scan of goods that come in: noted in the draft, or refused by its rule. A scanned pack goes to the line of its
lot, where the code or a bill tells it; else to the line of its product that was at hand last."""

from agent import owners, picks
from agent.catalogue import Lookup
from agent.picking import chain_codes, code_lots, opened, returns
from agent.picking.codes import products_of, understood
from agent.picking.refusals import Forbidden
from agent.receiving import drafts
from agent.receiving.drafts import DraftLine
from agent.transactions import Reading, Topic, Transaction
from domain.codes import (
    CustomerCode,
    Gs1Code,
    InsuranceCode,
    OwnCode,
    PackCode,
    PaymentCode,
    TraceCode,
    Unreadable,
    unique_part,
)
from domain.lots import KnownLot, LotSource, same_expiry, same_lot
from domain.policy import Duty
from domain.products import Product
from domain.quantity import ONE, Quantity, shown
from domain.rules import KnownPack, Rule, Verdict, book, may_arrive
from domain.staff import Actor

MOST_CODES = 2_000
"""In one receipt, so that the hub takes it in one piece."""


def scan(tx: Transaction, text: str, actor: Actor, lookup: Lookup) -> Verdict:
    """Raises NotOurs where the ERP takes goods in."""
    owners.require(tx, Duty.RECEIVING)
    code = understood(tx, text, actor.station, lookup)
    if not isinstance(code, PackCode):
        return _no_pack(code)
    products = products_of(tx, code, lookup)
    if not products:
        return book.verdict(
            Rule.UNKNOWN_PREFIX if isinstance(code, TraceCode) else Rule.UNKNOWN_BARCODE, what="追溯码前缀"
        )
    unique = unique_part(code)
    if obstacle := may_arrive(code, known_pack(tx, unique, lookup)):
        return Verdict(obstacle.rule, obstacle.sentence, english=obstacle.english)
    return _note(tx, code, unique, products, actor, lookup)


def known_pack(reading: Reading, unique: str | None, lookup: Lookup) -> KnownPack:
    if unique is None:
        return KnownPack()
    here = reading.db.execute("SELECT 1 FROM receipt_codes WHERE code = ?", (unique,)).fetchone() is not None
    used = (
        picks.sold_at(reading, unique) is not None
        or picks.bound_to(reading, unique, "") is not None
        or opened.remaining(reading, unique) is not None
        or returns.came_back(reading, unique)
        or chain_codes.of(reading, unique, lookup) != chain_codes.NOWHERE
    )
    return KnownPack(here, used)


def _no_pack(code: OwnCode | CustomerCode | Unreadable) -> Verdict:
    match code:
        case InsuranceCode():
            return book.verdict(Rule.INSURANCE)
        case PaymentCode():
            return book.verdict(Rule.PAYMENT)
        case Unreadable():
            return book.verdict(Rule.UNREADABLE, why=code.why)
        case _:
            return book.verdict(Rule.OWN_CODE, what="码")


def _note(
    tx: Transaction, code: PackCode, unique: str | None, products: tuple[Product, ...], actor: Actor, lookup: Lookup
) -> Verdict:
    receipt_id = drafts.begun(tx, actor)
    lines = drafts.lines_of(tx, receipt_id, lookup)
    if unique is not None and sum(line.codes for line in lines) >= MOST_CODES:
        raise Forbidden([book.obstacle(Rule.RECEIVED_COUNT, name="入库单", count=MOST_CODES)])
    lot = (code_lots.of_code(tx, unique) if unique else None) or _read(code)
    product = _product(products, lines)
    amount: Quantity = product.per_code if unique is not None else ONE
    found = _line(tx, receipt_id, product.sku, lot)
    if lot is not None and found is not None and (conflict := _conflict(tx, found, lot, lookup)) is not None:
        return conflict
    line_id = found if found is not None else add_line(tx, receipt_id, product.sku, lot)
    put_pack(tx, line_id, unique, amount)
    total = tx.db.execute("SELECT quantity FROM receipt_lines WHERE line_id = ?", (line_id,)).fetchone()["quantity"]
    return book.verdict(Rule.RECEIVED, line_id, name=product.name, count=shown(total))


def add_line(tx: Transaction, receipt_id: str, sku: str, lot: KnownLot | None) -> int:
    lot = lot or KnownLot("", LotSource.CLERK)
    row = tx.db.execute(
        "INSERT INTO receipt_lines (receipt_id, sku, lot, expiry, month_only, produced, touched_at)"
        " VALUES (?, ?, ?, ?, ?, ?, 0) RETURNING line_id",
        (
            receipt_id,
            sku,
            lot.lot,
            lot.expiry.isoformat() if lot.expiry else None,
            lot.month_only,
            lot.produced.isoformat() if lot.produced else None,
        ),
    ).fetchone()
    return int(row["line_id"])


def put_pack(tx: Transaction, line_id: int, unique: str | None, amount: Quantity) -> None:
    tx.db.execute(
        "UPDATE receipt_lines SET quantity = quantity + ?,"
        " touched_at = (SELECT max(touched_at) + 1 FROM receipt_lines) WHERE line_id = ?",
        (amount, line_id),
    )
    if unique is not None:
        tx.db.execute("INSERT INTO receipt_codes (code, line_id, at) VALUES (?, ?, ?)", (unique, line_id, tx.now))
    tx.touch(Topic.STOCK)


def _read(code: PackCode) -> KnownLot | None:
    """What a GS1 code says, where no swallowed separator leaves a doubt."""
    if isinstance(code, Gs1Code) and code.lot is not None and code.lot_sure:
        return KnownLot(code.lot, LotSource.GS1, code.expiry, code.produced, code.month_only)
    return None


def _product(products: tuple[Product, ...], lines: tuple[DraftLine, ...]) -> Product:
    """Where a barcode may be several, the one that is coming in."""
    skus = {line.sku for line in lines}
    return next((product for product in products if product.sku in skus), products[0])


def _line(tx: Transaction, receipt_id: str, sku: str, lot: KnownLot | None) -> int | None:
    rows = tx.db.execute(
        "SELECT line_id, lot FROM receipt_lines WHERE receipt_id = ? AND sku = ?"
        " ORDER BY touched_at DESC, line_id DESC",
        (receipt_id, sku),
    ).fetchall()
    return next((int(row["line_id"]) for row in rows if lot is None or same_lot(row["lot"], lot.lot)), None)


def _conflict(tx: Transaction, line_id: int, lot: KnownLot, lookup: Lookup) -> Verdict | None:
    """One lot has one last day, whoever says it."""
    line = drafts.line(tx, line_id, lookup)
    if lot.expiry is None or line.expiry is None:
        return None
    if same_expiry(lot.expiry, lot.month_only, line.expiry, line.month_only):
        return None
    read, known = f"{lot.lot} {lot.expiry}", f"{line.lot} {line.expiry}"
    return book.verdict(Rule.RECEIVED_LOT_CONFLICT, line_id, read=read, known=known)
