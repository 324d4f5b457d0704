"""Takes what the ERP says at headquarters of any store: new, known, or kept aside as it came. The store is told what
became of its stock; where its own agent takes the feeds, it knows already."""

from cloud import audit, catalogue, policy, shelf, stock
from cloud.erp import aside, documents, feeds
from cloud.erp.aside import Why
from cloud.erp.feeds import Taken
from cloud.transaction import Transaction
from domain.erp import ErpCount, ErpFeed, ErpReceipt, ErpSale, skus_of
from domain.policy import ErpDelivery
from erp.feeds import check_marks
from erp.terms import BadValue


def take(tx: Transaction, store: str, feed: ErpFeed, *, by: str, part: int = 0) -> Taken:
    """`by` is the connector: the name of a token, or folder, or sql. The feed was found possible (`erp.feeds.check`).
    Raises BadValue, before anything is written, for what cannot be so now."""
    if not catalogue.has_store(tx, store):
        return aside.put(tx, store, feed, part, Why.UNKNOWN_STORE, source=by)
    _check(tx, store, feed)
    skus = sorted(skus_of(feed))
    before = shelf.stands(tx, store, skus)
    taken = _take(tx, store, feed, by=by, part=part)
    if taken is Taken.REUSED:
        aside.put(tx, store, feed, part, Why.ID_REUSED, source=by)
    if taken is Taken.NEW:
        shelf.tell_changed(tx, store, skus, before)
    return taken


def _check(tx: Transaction, store: str, feed: ErpFeed) -> None:
    """Raises BadValue."""
    if isinstance(feed, ErpCount) and policy.in_force(tx.connection, tx.chain).erp is ErpDelivery.STORE:
        raise BadValue("门店自己向 ERP 交单据（erp = store）：总部不知道门店还有哪些单据没交，库存请由门店接入")
    check_marks(
        feed,
        now=tx.now,
        last_number=documents.last_of_all(tx, store),
        last_sale=feeds.last_sale(tx, store),
    )


def take_up(tx: Transaction) -> int:
    """What waited for its store, where that is here now; returns how many."""
    found = [(entry, aside.feed_of(entry)) for entry in aside.of_known_stores(tx)]
    stock.lock(tx, ((entry.store, sku) for entry, feed in found for sku in skus_of(feed)))
    for entry, feed in found:
        try:
            take(tx, entry.store, feed, by=entry.source, part=entry.part)
        except BadValue as error:
            audit.append(tx, entry.store, entry.source, "erp.refused", feed.document_id, str(error))
        aside.end(tx, entry.entry_id, by="hub")
    return len(found)


def _take(tx: Transaction, store: str, feed: ErpFeed, *, by: str, part: int) -> Taken:
    match feed:
        case ErpSale():
            return feeds.sold(tx, store, feed, by=by)
        case ErpReceipt():
            return feeds.received(tx, store, feed, by=by)
        case ErpCount():
            return feeds.counted(tx, store, feed, by=by, part=part)
