"""Writes the ERP documents that follow from stores' facts, where headquarters hands documents over. Each is written in
the transaction of its fact, after the stock was moved: whoever reads those products sees both or neither."""

from collections.abc import Iterable

from cloud import catalogue, policy
from cloud.erp import documents, handing_back
from cloud.transaction import Transaction
from domain import erp_lines
from domain.erp import UNNUMBERED, DocumentKind, ErpDocument, ErpDocumentLine, Way
from domain.erp_lines import of_order, of_packs
from domain.modes import Mode
from domain.operations import GoodsExchanged, GoodsReceived, GoodsReturned, LotMoved, PickCompleted, SaleRecorded
from domain.orders import Order
from domain.policy import ErpDelivery
from domain.quantity import Quantity


def packed(tx: Transaction, order: Order, fact: PickCompleted) -> None:
    lines = of_packs(order.lines, fact.bindings, Way.OUT)
    _write(tx, order.store, DocumentKind.SALE, erp_lines.sale_id(order.order_id), lines, order=order)


def came_back(tx: Transaction, order: Order, fact: GoodsReturned) -> None:
    lines = of_packs(order.lines, fact.bindings, Way.APART)
    _write(
        tx, order.store, DocumentKind.RETURN, erp_lines.return_id(fact.return_id), lines, order=order,
        staff_id=fact.staff_id,
    )  # fmt: skip


def exchanged(tx: Transaction, order: Order, fact: GoodsExchanged) -> None:
    lines = [*of_packs(order.lines, fact.back, Way.APART), *of_packs(order.lines, fact.given, Way.OUT)]
    _write(
        tx, order.store, DocumentKind.EXCHANGE, erp_lines.exchange_id(fact.exchange_id), lines, order=order,
        staff_id=fact.staff_id,
    )  # fmt: skip


def sold(tx: Transaction, store: str, fact: SaleRecorded) -> None:
    _write(tx, store, DocumentKind.SALE, erp_lines.counter_id(fact.sale_id), erp_lines.of_sale(fact.lines))


def counted(tx: Transaction, store: str, key: str, sku: str, delta: Quantity, reason: str) -> None:
    """`delta` is by how much the count moved our stock; a late count that moved nothing makes no document."""
    lines = erp_lines.of_move(sku, delta)
    _write(tx, store, DocumentKind.ADJUSTMENT, erp_lines.count_id(key), lines, reason=reason)


def corrected(tx: Transaction, store: str, sku: str, count: str, delta: Quantity) -> None:
    """Corrects the document of an earlier count, which had already seen a fact that takes effect only now: that fact
    has a document of its own, and the ERP must not book it twice."""
    key = f"{count}:{tx.new_id()}"
    counted(tx, store, key, sku, delta, "补记：此前的单据后到")


def moved(tx: Transaction, store: str, fact: LotMoved) -> None:
    lines = erp_lines.of_move(fact.sku, fact.delta, fact.lot, fact.expiry)
    reason = f"{fact.move} {fact.reason}".strip()
    _write(
        tx, store, DocumentKind.ADJUSTMENT, erp_lines.move_id(fact.move_id), lines, reason=reason,
        staff_id=fact.staff_id,
    )  # fmt: skip


def received(tx: Transaction, store: str, fact: GoodsReceived) -> None:
    lines, reason = erp_lines.of_receipt(fact.lines), f"收货入库 {fact.supplier}".strip()
    _write(
        tx, store, DocumentKind.ADJUSTMENT, erp_lines.receipt_id(fact.receipt_id), lines, reason=reason,
        staff_id=fact.staff_id,
    )  # fmt: skip


def told(tx: Transaction, store: str, document: ErpDocument) -> None:
    """Takes a document about what only the store could know: finished in the platform's own app, put back on the shelf.
    The store sent it while headquarters handed documents over, and keeps none of its own: so it is taken even if the
    policy has changed by now."""
    documents.write_own(tx, store, document)


def _write(
    tx: Transaction,
    store: str,
    kind: DocumentKind,
    document_id: str,
    lines: Iterable[ErpDocumentLine],
    *,
    order: Order | None = None,
    reason: str = "",
    staff_id: str = "",
) -> None:
    what = tuple(lines)
    if not what or not _is_ours(tx, store):
        return
    document = ErpDocument(
        UNNUMBERED, document_id, kind, tx.now, what, reason=reason, staff_id=staff_id, **of_order(order)
    )
    documents.write_own(tx, store, document)


def _is_ours(tx: Transaction, store: str) -> bool:
    """Whether headquarters writes documents for this store. Not while it is on trial: then the other system does."""
    by = policy.in_force(tx.connection, tx.chain).erp
    if by is ErpDelivery.NONE or (by is ErpDelivery.STORE and not handing_back.lasts(tx, store)):
        return False
    return catalogue.store(tx, store).mode is Mode.LIVE
