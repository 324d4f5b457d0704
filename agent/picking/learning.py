"""Teaching the store what an unknown prefix is: by the product's own barcode, or by a second person (R3). Headquarters
tells the other stores."""

from agent import orders, outbox, trail
from agent.catalogue import Lookup
from agent.picking import asks, learned
from agent.picking.refusals import Forbidden, verdict_of
from agent.transactions import Transaction
from domain.codes import ProductBarcode, TraceCode, classify
from domain.operations import PrefixLearned
from domain.products import Product
from domain.rules import VERSION, Obstacle, Rule, Verdict, book, may_learn
from domain.staff import Actor, Staff
from domain.trail import StepKind


def by_barcode(
    tx: Transaction, waiting: asks.Waiting, barcode: ProductBarcode, actor: Actor, lookup: Lookup
) -> Verdict | None:
    """None once it is learned; else why not. Only a product of the order can be meant."""
    wanted = {line.sku for line in orders.lines(tx, waiting.order_id) if line.wanted}
    meant = [product for product in lookup.products(barcode) if product.sku in wanted]
    if not meant:
        return book.verdict(Rule.WRONG_PRODUCT)
    return _learn(tx, waiting, meant[0], actor, lookup, barcode=barcode.code)


def by_person(tx: Transaction, waiting: asks.Waiting, sku: str, second: Staff, actor: Actor, lookup: Lookup) -> None:
    """`second` has just proven who they are, and says which of the order's products it is. Raises Forbidden."""
    wanted = {line.sku for line in orders.lines(tx, waiting.order_id) if line.wanted}
    product = lookup.of_skus([sku]).get(sku) if sku in wanted else None
    if product is None:
        raise Forbidden([book.obstacle(Rule.WRONG_PRODUCT)])
    refusal = _learn(tx, waiting, product, actor, lookup, second=second.staff_id)
    if refusal is not None:
        raise Forbidden([Obstacle(refusal.rule, refusal.sentence, english=refusal.english)])


def _learn(
    tx: Transaction,
    waiting: asks.Waiting,
    product: Product,
    actor: Actor,
    lookup: Lookup,
    *,
    barcode: str = "",
    second: str = "",
) -> Verdict | None:
    code = classify(waiting.text)
    if not isinstance(code, TraceCode):
        return book.verdict(Rule.NOT_SHOWN, name=product.name)
    holders = lookup.products(code)
    if found := may_learn(product, holders, barcode=barcode, picker=actor.staff_id, second=second):
        return verdict_of(Forbidden(found))
    learned.put(tx, code.prefix, product.sku, barcode, second or actor.staff_id)
    outbox.put(
        tx, PrefixLearned(code.prefix, product.sku, barcode, second or actor.staff_id, waiting.order_id),
        waiting.order_id,
    )  # fmt: skip
    trail.record(
        tx, waiting.order_id, StepKind.PREFIX_LEARNED, actor, rules=VERSION, prefix=code.prefix, sku=product.sku,
        barcode=barcode, second=second,
    )  # fmt: skip
    return None
