"""What an exception is, what a person may do about it, and what each choice is called."""

from collections.abc import Mapping

LABELS: Mapping[str, tuple[str, str]] = {
    "exception.short": ("库存不足请核实", "stock too short"),
    "exception.unknown_product": ("商品未建档", "unknown product"),
    "exception.not_applied": ("门店未收到订单", "not taken by the store"),
    "exception.oversold": ("已超卖", "oversold"),
    "exception.call_failed": ("通知平台失败", "channel would not be told"),
    "exception.refund_unclear": ("退款商品对不上", "refund unclear"),
    "exception.cancelled_late": ("完成后被取消", "cancelled late"),
    "exception.code_sold_twice": ("追溯码重复", "trace code sold twice"),
    "exception.prescription_refused": ("处方未通过审核", "prescription refused"),
    "exception.prescription_reused": ("处方重复使用", "prescription used before"),
    "why.short": (
        "付了款，账上不够：先去货架找；没有就部分退款或取消",
        "paid, and the books say too little: look at the shelf; else refund or cancel",
    ),
    "why.unknown_product": (
        "平台上有、总部没有这个商品：补建档，或退款",
        "the platform sells what nobody knows here: add it, or refund",
    ),
    "why.not_applied": (
        "门店电脑没收到：打电话请门店处理，或取消",
        "the store's computer has not taken it: call the store, or cancel",
    ),
    "why.oversold": (
        "订单占用的货已被门店卖掉（断网期间常见）：货架上还有就填实数，否则退款或取消",
        "the store sold what it was promised, maybe with its line cut: count it if it is there, else refund or cancel",
    ),
    "why.call_failed": (
        "平台不接受我们的通知：到平台后台处理后点已知悉",
        "settle it on the platform's own page, then say so",
    ),
    "why.refund_unclear": (
        "平台退的商品与订单对不上：到平台核对",
        "compare with the platform's page",
    ),
    "why.cancelled_late": (
        "门店已拣好或已交给骑手，平台才取消：药还在店里就放回货架，已被取走就向平台申诉",
        "packed or handed over before the store heard of it: put it back if it is still there, else appeal",
    ),
    "why.code_sold_twice": (
        "同一个追溯码卖了两次（两张订单，或一张订单和一次柜台销售）：核对实物，找出扫错的那一单",
        "one code in two orders, or in one and over a counter: look which pack went where",
    ),
    "why.prescription_refused": (
        "药师没有通过：退单，或请顾客重新上传处方",
        "give it back, or ask the customer for another prescription",
    ),
    "why.prescription_reused": (
        "处方已被另一张订单用过：退单，或请顾客换一张",
        "another order used it: give it back, or ask for another",
    ),
    "choice.found": ("找到了", "found"),
    "choice.part_refund": ("部分退款", "part refund"),
    "choice.cancel": ("取消订单", "cancel order"),
    "choice.seen": ("已知悉", "seen"),
}
