"""Goods that come in (R4, R5, R7, R8, R10)."""

from domain.rules.entry import Entry
from domain.rules.ids import Rule

ENTRIES = (
    Entry(Rule.RECEIVED, "a pack that comes in", "{name} 已登记，共 {count}", "Noted: {name}, {count} so far", "GSP"),
    Entry(
        Rule.RECEIVED_BEFORE,
        "a code that came in before, or was scanned twice",
        "该追溯码已经登记过，请扫下一盒",
        "This code came in already: scan the next pack",
        "R5",
    ),
    Entry(
        Rule.RECEIVED_SOLD,
        "a code that was sold anywhere in the chain, put into a bag, brought back, recalled or banned",
        "该追溯码售出、使用或召回过，请勿入库并报告店长",
        "This code was sold, used or recalled before: do not take it in, tell the manager",
        "R5; facts/compliance.md §1.1 (回流药)",
    ),
    Entry(
        Rule.RECEIVED_LOT_WANTED,
        "goods without lot, expiry or production date",
        "请填写 {name} 盒上的批号、有效期和生产日期",
        "Enter lot, expiry and production date of {name} as printed on the pack",
        "R7; facts/compliance.md §1.3 (manu_date)",
    ),
    Entry(
        Rule.RECEIVED_DATES,
        "made after today, or not before its expiry",
        "{name} 批号 {lot} 的生产日期或有效期不对，请再看药盒",
        "The dates of lot {lot} cannot be: look at the pack again",
        "facts/compliance.md §1.2 (ValidationRuleList)",
    ),
    Entry(
        Rule.RECEIVED_DATES_ODD,
        "warning: the dates are no whole number of months apart",
        "批号 {lot} 的生产日期与有效期不成整月，请再看药盒",
        "The dates of lot {lot} are no whole months apart: look at the pack again",
        "facts/compliance.md §1.2 (ValidationRuleList)",
    ),
    Entry(
        Rule.RECEIVED_EXPIRED,
        "goods that come in expired",
        "{name} 批号 {lot} 已过期，请拒收",
        "Lot {lot} is expired: refuse it",
        "R8; 药品管理法 §98",
    ),
    Entry(
        Rule.RECEIVED_RECALLED,
        "goods that come in while they are recalled or stopped",
        "{name} 批号 {lot} 已召回或停售，请拒收",
        "Lot {lot} is recalled or stopped: refuse it",
        "R10; 药品管理法 §82",
    ),
    Entry(
        Rule.RECEIVED_COUNT,
        "a quantity of nothing, or less than its codes",
        "{name} 的数量不对，请核对（已扫 {count} 个码）",
        "The quantity cannot be: check it ({count} codes were scanned)",
        "R6",
    ),
    Entry(
        Rule.RECEIVED_LOT_CONFLICT,
        "lot or expiry differ from what is known",
        "批号或效期不一致（填写 {read}，已知 {known}），请再看药盒",
        "Lot and expiry do not agree (entered {read}, known {known}): look at the pack again",
        "R7",
    ),
)
