"""Refunds in both dialects: `notify_type` with `res_type`, and the `status` of shops with the returns service
(facts/channels.md §1.7). Which URL a refund comes to does not decide whether it is a part refund; what it carries does.
"""

from collections.abc import Mapping
from typing import TypeVar

from cloud.channels.base import NotUnderstood, Refunded, RefundedLine
from cloud.channels.meituan.fields import Fields, as_quantity, fen, identifier, instant, nested, text, whole
from cloud.channels.meituan.lines import RefundedFood, code_of
from domain.refunds import MEITUAN_AGREES_AFTER, RefundState

Meaning = TypeVar("Meaning")

WHOLE_ORDER = "full"
"""The refund's id where an old push of a full refund has none: there can be but one."""

BY_NOTIFY_TYPE = {
    "apply": RefundState.ASKED,
    "part": RefundState.ASKED,
    "agree": RefundState.AGREED,
    "reject": RefundState.REFUSED,
    "cancelRefund": RefundState.WITHDRAWN,
    "cancelRefundComplaint": RefundState.REFUSED,  # the appeal is withdrawn: the refusal stands
}
BY_RES_TYPE = {
    0: RefundState.ASKED,
    1: RefundState.REFUSED,
    2: RefundState.AGREED,
    3: RefundState.REFUSED,
    4: RefundState.AGREED,
    5: RefundState.AGREED,
    6: RefundState.AGREED,
    7: RefundState.WITHDRAWN,
    8: RefundState.REFUSED,
}
BY_STATUS = {
    1: RefundState.ASKED,
    10: RefundState.AGREED,
    11: RefundState.REFUSED,
    16: RefundState.APPEALED,
    17: RefundState.AGREED,
    18: RefundState.REFUSED,
    20: RefundState.ASKED,
    21: RefundState.AGREED,
    22: RefundState.REFUSED,
    26: RefundState.APPEALED,
    27: RefundState.AGREED,
    28: RefundState.REFUSED,
    30: RefundState.WITHDRAWN,
}
BY_MONEY = {
    3: (RefundState.PAID, True),
    4: (RefundState.FAILED, True),
    13: (RefundState.PAID, False),
    14: (RefundState.FAILED, False),
}
"""`refund_status` of the money, and whether it is all of it."""


def refunded(fields: Fields, topic: str) -> tuple[str, Refunded]:
    """A refund asked for, answered or withdrawn, and what tells this news of it from other news of it."""
    full = _is_full(fields, topic)
    refund_id = _refund_id(fields, full is not False)
    state = _state(fields)
    asked_at = instant(fields, "ctime") or instant(fields, "timestamp")
    waits = state is RefundState.ASKED and asked_at is not None
    news = ":".join((refund_id, *(text(fields, name) for name in ("notify_type", "status", "res_type", "is_appeal"))))
    return news, Refunded(
        channel_order_id=identifier(fields, "order_id"),
        refund_id=refund_id,
        state=state,
        full=full,
        amount=fen(fields, "money"),
        lines=_lines(fields),
        reason=text(fields, "reason"),
        asked_at=asked_at,
        answer_by=asked_at + MEITUAN_AGREES_AFTER if waits and asked_at else None,
    )


def paid(fields: Fields) -> tuple[str, Refunded]:
    """The money went back, or would not."""
    state, full = _known(BY_MONEY, fields, "refund_status")
    refund_id = _refund_id(fields, full)
    return f"{refund_id}:{whole(fields, 'refund_status')}", Refunded(
        channel_order_id=identifier(fields, "order_id"),
        refund_id=refund_id,
        state=state,
        full=full,
        amount=fen(fields, "money"),
        lines=(),
        reason="",
        asked_at=instant(fields, "ctime"),
        answer_by=None,
    )


def _is_full(fields: Fields, topic: str) -> bool | None:
    notify_type = text(fields, "notify_type")
    if notify_type == "part" or fields.get("money") or fields.get("food") not in (None, "", "[]"):
        return False
    if notify_type == "apply" or topic == "refund":
        return True
    return None


def _refund_id(fields: Fields, may_be_full: bool) -> str:
    if may_be_full and not text(fields, "refund_id"):
        return WHOLE_ORDER
    return identifier(fields, "refund_id")


def _state(fields: Fields) -> RefundState:
    state = _reported(fields)
    if state is RefundState.ASKED and whole(fields, "is_appeal") == 1:
        return RefundState.APPEALED
    return state


def _reported(fields: Fields) -> RefundState:
    if notify_type := text(fields, "notify_type"):
        if notify_type not in BY_NOTIFY_TYPE:
            raise NotUnderstood("notify_type: not one that is documented")
        return BY_NOTIFY_TYPE[notify_type]
    if text(fields, "status"):
        return _known(BY_STATUS, fields, "status")
    return _known(BY_RES_TYPE, fields, "res_type")


def _known(meanings: Mapping[int, Meaning], fields: Fields, name: str) -> Meaning:
    value = whole(fields, name)
    if value is None or value not in meanings:
        raise NotUnderstood(f"{name}: missing" if value is None else f"{name}: {value} is not documented")
    return meanings[value]


def _lines(fields: Fields) -> tuple[RefundedLine, ...]:
    rows = enumerate(nested(fields, "food", list[RefundedFood], []))
    return tuple(
        RefundedLine(code_of(row, f"food[{place}]"), as_quantity(row.count, f"food[{place}].count"))
        for place, row in rows
    )
