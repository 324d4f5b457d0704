"""Steps out of their turn; returns and shortages (R13)."""

from domain.rules.entry import Entry
from domain.rules.ids import Rule

ENTRIES = (
    Entry(
        Rule.PAUSED,
        "a refund is asked for",
        "顾客申请退款，请先处理",
        "Paused: answer the customer's refund first",
        "design.md §9",
    ),
    Entry(
        Rule.STOPPED,
        "the order is cancelled",
        "订单已取消，停止拣货，请放回商品",
        "Stop: the order is cancelled; put the goods back",
        "design.md §9",
    ),
    Entry(
        Rule.NOT_PICKING,
        "nobody picks this order",
        "本单不在拣货中，请先扫描小票上的订单码",
        "This order is not being picked: scan the code of a slip first",
        "design.md §8",
    ),
    Entry(
        Rule.NOT_PACKED,
        "handing over what is not packed",
        "还没有拣货完成，不能交接，请先拣完",
        "It is not packed yet: finish the pick first",
        "design.md §8",
    ),
    Entry(
        Rule.TAKEN_BACK,
        "a returned pack that this order sold",
        "{name} 已退回，请放入隔离区，不得再次销售",
        "Taken back: {name}; put it into quarantine, it is never sold again",
        "R13",
    ),
    Entry(
        Rule.NOT_SOLD_HERE,
        "a returned pack that this order did not sell",
        "该商品不是本单售出的，不能退货，请核对订单",
        "This order did not sell it: check the order",
        "R13",
    ),
    Entry(
        Rule.RETURNED_BEFORE,
        "it came back already",
        "该追溯码已经退回过，请核对",
        "It was returned already: check the code",
        "R13",
    ),
    Entry(
        Rule.SUBSTITUTE_INSURED,
        "another product in an order that 医保 pays",
        "医保订单不能换货，请部分退款或退单",
        "Nothing is substituted in an insured order: refund the line or give the order back",
        "issue 5; facts/compliance.md §1.3",
    ),
    Entry(
        Rule.SUBSTITUTE_POLICY,
        "another product where the chain allows none",
        "本连锁不允许换货，请部分退款或退单",
        "The chain allows no substitutes: refund the line or give the order back",
        "药品管理法 §58",
        "ChainPolicy.substitution",
    ),
    Entry(
        Rule.SUBSTITUTE_NOT_LISTED,
        "another product than those that may stand in",
        "{other} 不是 {name} 的可替换商品，请另选或退款",
        "This product may not stand in: choose another or refund",
        "药品管理法 §58",
        "Product.substitutes",
    ),
    Entry(
        Rule.SHORT_COUNT,
        "reporting more missing than the line still wants",
        "缺货数量不对，最多还缺 {count}，请核对",
        "At most {count} can be missing: check the count",
        "R6",
    ),
)
