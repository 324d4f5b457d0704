"""Which work becomes which document for the ERP. Each is called in the transaction that did the work."""

from collections.abc import Iterable, Mapping

from agent.erp import documents
from agent.transactions import Transaction
from domain import erp_lines
from domain.erp import DocumentKind, ErpDocumentLine, Way
from domain.erp_lines import of_packs
from domain.operations import GoodsExchanged, LotMoved, ReceivedLine, SaleLine
from domain.orders import Order
from domain.picks import Binding, Pick
from domain.quantity import Quantity


def packed(tx: Transaction, order: Order, pick: Pick, staff_id: str) -> None:
    """What is in the bag is sold."""
    documents.write(
        tx, DocumentKind.SALE, erp_lines.sale_id(order.order_id), of_packs(order.lines, pick.bindings, Way.OUT),
        order=order, staff_id=staff_id,
    )  # fmt: skip


def finished_elsewhere(tx: Transaction, order: Order, pick: Pick) -> None:
    """Handed over in the platform's own app: all that the order wants is gone; lots and codes as far as scanned."""
    lines = of_packs(order.lines, pick.bindings, Way.OUT)
    for line in order.lines:
        missing = pick.missing(line)
        if line.sku is not None and missing > 0:
            lines.append(ErpDocumentLine(line.sku, Way.OUT, missing, line.price))
    documents.write(
        tx, DocumentKind.SALE, erp_lines.sale_id(order.order_id), lines, order=order,
        reason="在平台后台完成，未在药联拣完", only_here=True,
    )  # fmt: skip


def put_back(tx: Transaction, order: Order, packs: Mapping[int, Binding], staff_id: str) -> None:
    """Packs of an order that ended after it was packed stand on the shelf again; by binding, each once."""
    if packs:
        document_id = f"put_back:{order.order_id}:{min(packs)}"
        lines = of_packs(order.lines, packs.values(), Way.IN)
        documents.write(tx, DocumentKind.PUT_BACK, document_id, lines, order=order, staff_id=staff_id, only_here=True)


def came_back(tx: Transaction, order: Order, return_id: str, pack: Binding, staff_id: str) -> None:
    """A customer brought it: into quarantine."""
    documents.write(
        tx, DocumentKind.RETURN, erp_lines.return_id(return_id), of_packs(order.lines, (pack,), Way.APART),
        order=order, staff_id=staff_id,
    )  # fmt: skip


def exchanged(tx: Transaction, order: Order, fact: GoodsExchanged) -> None:
    """One document: what came back apart, what was given out."""
    lines = [*of_packs(order.lines, fact.back, Way.APART), *of_packs(order.lines, fact.given, Way.OUT)]
    documents.write(
        tx, DocumentKind.EXCHANGE, erp_lines.exchange_id(fact.exchange_id), lines, order=order,
        staff_id=fact.staff_id,
    )  # fmt: skip


def counted(tx: Transaction, key: str, sku: str, delta: Quantity, reason: str) -> None:
    _adjusted(tx, erp_lines.count_id(key), erp_lines.of_move(sku, delta), reason)


def moved(tx: Transaction, move: LotMoved) -> None:
    lines = erp_lines.of_move(move.sku, move.delta, move.lot, move.expiry)
    _adjusted(tx, erp_lines.move_id(move.move_id), lines, f"{move.move} {move.reason}", move.staff_id)


def received(tx: Transaction, receipt_id: str, lines: Iterable[ReceivedLine], supplier: str, staff_id: str) -> None:
    """Goods that we took in where receiving is ours."""
    told = erp_lines.of_receipt(lines)
    _adjusted(tx, erp_lines.receipt_id(receipt_id), told, f"收货入库 {supplier}".strip(), staff_id)


def sold(tx: Transaction, sale: str, lines: Iterable[SaleLine]) -> None:
    """Over the counter, with us."""
    documents.write(tx, DocumentKind.SALE, erp_lines.counter_id(sale), erp_lines.of_sale(lines))


def _adjusted(
    tx: Transaction, document_id: str, lines: Iterable[ErpDocumentLine], reason: str, staff_id: str = ""
) -> None:
    documents.write(tx, DocumentKind.ADJUSTMENT, document_id, lines, reason=reason, staff_id=staff_id)
