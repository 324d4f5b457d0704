"""Which work becomes which document for the ERP. Each is called in the transaction that did the work."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from agent.erp import documents
from agent.transactions import Transaction
from domain.erp import DocumentKind, ErpDocumentLine, Way
from domain.operations import LotMoved, ReceivedLine, SaleLine
from domain.orders import Order
from domain.picks import Binding, Pick
from domain.quantity import Quantity


def packed(tx: Transaction, order: Order, pick: Pick, staff_id: str) -> None:
    """What is in the bag is sold."""
    documents.write(
        tx, DocumentKind.SALE, sale_id(order.order_id), _of_packs(order, pick.bindings, Way.OUT),
        order=order, staff_id=staff_id,
    )  # fmt: skip


def finished_elsewhere(tx: Transaction, order: Order, pick: Pick) -> None:
    """Handed over in the platform's own app: all that the order wants is gone; lots and codes as far as scanned."""
    lines = [*_of_packs(order, pick.bindings, Way.OUT)]
    for line in order.lines:
        missing = pick.missing(line)
        if line.sku is not None and missing > 0:
            lines.append(ErpDocumentLine(line.sku, Way.OUT, missing, line.price))
    documents.write(
        tx, DocumentKind.SALE, sale_id(order.order_id), lines, order=order, reason="在平台后台完成，未在药联拣完"
    )


def put_back(tx: Transaction, order: Order, packs: Mapping[int, Binding], staff_id: str) -> None:
    """Packs of an order that ended after it was packed stand on the shelf again; by binding, each once."""
    if packs:
        document_id = f"put_back:{order.order_id}:{min(packs)}"
        lines = _of_packs(order, packs.values(), Way.IN)
        documents.write(tx, DocumentKind.PUT_BACK, document_id, lines, order=order, staff_id=staff_id)


def came_back(tx: Transaction, order: Order, return_id: str, pack: Binding, staff_id: str) -> None:
    """A customer brought it: into quarantine."""
    documents.write(
        tx, DocumentKind.RETURN, f"return:{return_id}", _of_packs(order, (pack,), Way.APART),
        order=order, staff_id=staff_id,
    )  # fmt: skip


def counted(tx: Transaction, key: str, sku: str, delta: Quantity, reason: str) -> None:
    _adjusted(tx, f"count:{key}", [_moved(sku, delta)] if delta else [], reason)


def moved(tx: Transaction, move: LotMoved) -> None:
    line = _moved(move.sku, move.delta, move.lot, move.expiry)
    _adjusted(tx, f"move:{move.move_id}", [line] if move.delta else [], f"{move.move} {move.reason}", move.staff_id)


def received(tx: Transaction, receipt_id: str, lines: Iterable[ReceivedLine], supplier: str, staff_id: str) -> None:
    """Goods that we took in where receiving is ours."""
    told = [
        ErpDocumentLine(
            each.sku, Way.IN, each.quantity, lot=each.lot, expiry=each.expiry, month_only=each.month_only,
            codes=each.codes,
        )
        for each in lines
    ]  # fmt: skip
    _adjusted(tx, f"receipt:{receipt_id}", told, f"收货入库 {supplier}".strip(), staff_id)


def sold(tx: Transaction, sale: str, lines: Iterable[SaleLine]) -> None:
    """Over the counter, with us."""
    told = [ErpDocumentLine(line.sku, Way.OUT, line.quantity, codes=line.codes) for line in lines]
    documents.write(tx, DocumentKind.SALE, f"counter:{sale}", told)


def sale_id(order_id: str) -> str:
    return f"sale:{order_id}"


def _adjusted(
    tx: Transaction, document_id: str, lines: Iterable[ErpDocumentLine], reason: str, staff_id: str = ""
) -> None:
    documents.write(tx, DocumentKind.ADJUSTMENT, document_id, lines, reason=reason, staff_id=staff_id)


def _moved(sku: str, delta: Quantity, lot: str = "", expiry: date | None = None) -> ErpDocumentLine:
    return ErpDocumentLine(sku, Way.IN if delta > 0 else Way.OUT, abs(delta), lot=lot, expiry=expiry)


def _of_packs(order: Order, packs: Iterable[Binding], way: Way) -> list[ErpDocumentLine]:
    """One line for each order line and lot. What nobody here has a product for is keyed by nobody."""
    known = {line.line_id: line for line in order.lines}
    groups: dict[tuple[int, str, date | None, bool], list[Binding]] = defaultdict(list)
    for pack in packs:
        groups[pack.line_id, pack.lot or "", pack.expiry, pack.month_only].append(pack)
    lines = []
    for (line_id, lot, expiry, month_only), of_lot in groups.items():
        line = known.get(line_id)
        if line is None or line.sku is None:
            continue
        quantity = sum(pack.quantity for pack in of_lot)
        codes = tuple(pack.code for pack in of_lot if pack.code is not None)
        lines.append(ErpDocumentLine(line.sku, way, quantity, line.price, lot, expiry, month_only, codes))
    return lines
