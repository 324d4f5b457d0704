"""What the ERP says, whichever way it came: whether it can be so, and in which parts it is taken."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import msgspec

from domain import erp_stock
from domain.erp import ErpCount, ErpFeed, ErpSale
from domain.pieces import pieces
from domain.quantity import LARGEST
from domain.times import CHINA, HOUR, SECOND, Millis
from erp.terms import BadValue

LONGEST_ID = 100
MOST_LEVELS_AT_ONCE = 200
"""In one transaction: scans must not wait long behind a count."""
EARLY: Millis = HOUR
"""By how much the ERP's clock may be ahead of ours."""


def check(feed: ErpFeed) -> None:
    """What its types cannot say. Raises BadValue."""
    if not 0 < len(feed.document_id) <= LONGEST_ID:
        raise BadValue(f"单据号应为 1 到 {LONGEST_ID} 个字符")
    if isinstance(feed, ErpCount):
        skus = [level.sku for level in feed.levels]
        twice = {sku for sku, times in Counter(skus).items() if times > 1}
        if twice:
            raise BadValue(f"商品 {min(twice)} 在同一次库存中出现两次")
        wrong = next((level.sku for level in feed.levels if abs(level.on_hand) > LARGEST), None)
    else:
        wrong = next((line.sku for line in feed.lines if not 0 < line.quantity <= LARGEST), None)
        if not feed.lines:
            raise BadValue("单据没有明细")
    if wrong is not None:
        raise BadValue(f"商品 {wrong} 的数量不合理")


def check_marks(feed: ErpFeed, *, now: Millis, last_number: int, last_sale: int | None) -> None:
    """Whether what a count or a receipt says of its own place can be: one that is believed wrongly brings sold stock
    back, or shuts out all that come after. A sale is taken whatever it says: it only lowers. `last_number` of our
    documents, `last_sale` in the ERP's order. Raises BadValue."""
    if isinstance(feed, ErpSale):
        return
    mark = feed.as_of if isinstance(feed, ErpCount) else feed.sequence
    if erp_stock.is_moment(mark) and mark > now + EARLY and not _begins_with_a_day(mark, now):
        raise BadValue("时点在一小时以后；请核对 ERP 和本机的时钟、时区")
    if not isinstance(feed, ErpCount):
        return
    if last_sale is not None and not erp_stock.same_order(mark, last_sale):
        raise BadValue("库存的时点与销售的序号，一个是时间，一个是流水号，无法比较；请改映射，两者用同一种")
    if (feed.contains or 0) > max(last_number, (now + EARLY) // SECOND):
        raise BadValue("已入账的单据编号大于药联写过的最后一个编号")


def _begins_with_a_day(mark: int, now: Millis) -> bool:
    """2026112200001: a journal's number, not a time in the year 2034."""
    return abs(mark // 10**9 - datetime.fromtimestamp(now / 1000, CHINA).year) <= 1


def slices(feed: ErpFeed) -> Iterator[tuple[int, ErpFeed]]:
    """A long count in parts, each for a transaction of its own: neither orders nor scans wait for ten
    thousand products."""
    if not isinstance(feed, ErpCount) or len(feed.levels) <= MOST_LEVELS_AT_ONCE:
        yield 0, feed
        return
    for part, some in enumerate(pieces(feed.levels, MOST_LEVELS_AT_ONCE)):
        yield part, msgspec.structs.replace(feed, levels=tuple(some))
