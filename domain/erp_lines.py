"""The lines, names and order of our documents, the same whether a store or headquarters writes them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from domain.erp import ErpDocumentLine, Way
from domain.operations import ReceivedLine, SaleLine
from domain.orders import Order, OrderLine
from domain.picks import Binding
from domain.quantity import Quantity


def sale_id(order_id: str) -> str:
    return f"sale:{order_id}"


def return_id(of: str) -> str:
    return f"return:{of}"


def exchange_id(of: str) -> str:
    return f"exchange:{of}"


def counter_id(sale: str) -> str:
    return f"counter:{sale}"


def count_id(key: str) -> str:
    return f"count:{key}"


def move_id(move: str) -> str:
    return f"move:{move}"


def receipt_id(receipt: str) -> str:
    return f"receipt:{receipt}"


def of_order(order: Order | None) -> dict[str, str]:
    """What a document says of its order, by the names that it has there."""
    if order is None:
        return {}
    return {
        "order_id": order.order_id,
        "channel": order.channel,
        "channel_order_id": order.channel_order_id,
        "shown_id": order.shown_id,
    }


def of_packs(order: Iterable[OrderLine], packs: Iterable[Binding], way: Way) -> list[ErpDocumentLine]:
    """One line for each order line and lot. What nobody here has a product for is keyed by nobody."""
    known = {line.line_id: line for line in order}
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


def of_move(sku: str, delta: Quantity, lot: str = "", expiry: date | None = None) -> list[ErpDocumentLine]:
    way = Way.IN if delta > 0 else Way.OUT
    return [ErpDocumentLine(sku, way, abs(delta), lot=lot, expiry=expiry)] if delta else []


def of_receipt(lines: Iterable[ReceivedLine]) -> list[ErpDocumentLine]:
    return [
        ErpDocumentLine(
            each.sku, Way.IN, each.quantity, lot=each.lot, expiry=each.expiry, month_only=each.month_only,
            codes=each.codes,
        )
        for each in lines
    ]  # fmt: skip


def of_sale(lines: Iterable[SaleLine]) -> list[ErpDocumentLine]:
    return [ErpDocumentLine(line.sku, Way.OUT, line.quantity, codes=line.codes) for line in lines]
