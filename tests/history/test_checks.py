"""The checker itself: a history that may have happened, and the same one wrong in each way."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.history.checks import Fault, History, Record, check

KEY, SALE, LATER = "k-pick", "k-sale", "k-count"


def sound() -> list[Record]:
    """One store, one order that was picked, a sale and a count; everything came together."""
    order = {"order_id": "o1", "channel": "meituan", "channel_order_id": "m1"}
    line = {"order_id": "o1", "line_id": 1, "sku": "A", "quantity": 1000, "short": 0, "struck": 0}
    done = [(KEY, 1, "pick.completed", "o1", "b1"), (SALE, 2, "sale.recorded", None, "b2")]
    done.append((LATER, 3, "stock.counted", None, "b3"))
    records: list[Record] = [
        {"kind": "told", "t": 1.0, "channel": "meituan", "order": "m1"},
        {"kind": "applied", "t": 2.0, "node": "S1", "log": "store:S1", "log_id": "L", "before": 0, "after": 2,
         "events": 2, "reset": False},
        {"kind": "applied", "t": 3.0, "node": "S1", "log": "store:S1", "log_id": "L", "before": 2, "after": 3,
         "events": 1, "reset": False},
        {"kind": "converged", "t": 9.0, "seconds": 4.0},
        {"kind": "hub_order", **order, "store": "S1", "state": "picked", "placed_seq": 1},
        {"kind": "hub_line", **line},
        {"kind": "hub_head", "log": "store:S1", "log_id": "L", "head": 3, "floor": 0},
        {"kind": "hub_binding", "order_id": "o1", "place": 0, "code": "c1", "quantity": 1000,
         "opened": 0},
        {"kind": "hub_sale", "store": "S1", "sale_id": "s1", "codes": ["c2"]},
        {"kind": "ledger", "store": "S1", "sku": "A", "why": "opening", "delta": 5000, "reference": "set by hub"},
        {"kind": "hub_level", "store": "S1", "sku": "A", "on_hand": 3000},
        {"kind": "level", "node": "S1", "sku": "A", "on_hand": 3000},
        {"kind": "ledger", "store": "S1", "sku": "A", "why": "pick", "delta": -1000, "reference": "o1"},
        {"kind": "ledger", "store": "S1", "sku": "A", "why": "sale", "delta": -1000, "reference": SALE},
        {"kind": "ledger", "store": "S1", "sku": "A", "why": "count", "delta": 0, "reference": LATER},
        {"kind": "hub_audit", "store": "S1", "seq": 1, "action": "pick.completed", "subject": "o1"},
        {"kind": "hub_audit", "store": "S1", "seq": 2, "action": "order.handed_over", "subject": "o1"},
        {"kind": "order", "node": "S1", **order, "state": "picked"},
        {"kind": "line", "node": "S1", **line},
        {"kind": "pick", "node": "S1", "order_id": "o1", "state": "packed"},
        {"kind": "slip", "node": "S1", "order_id": "o1", "slip": "picking", "issue": 1, "copy": 0, "subject": "",
         "cause": ""},
        {"kind": "cursor", "node": "S1", "log": "store:S1", "log_id": "L", "seq": 3},
        {"kind": "quarantined", "node": "S1", "count": 0},
        *({"kind": "hub_listed", "code": code} for code in ("c1", "c2")),
        *({"kind": "listed", "node": "S1", "code": code} for code in ("c1", "c2")),
        {"kind": "hub_head", "log": "codes", "log_id": "C", "head": 1, "floor": 0},
        {"kind": "cursor", "node": "S1", "log": "codes", "log_id": "C", "seq": 1},
    ]  # fmt: skip
    for key, number, op, about, body in done:
        said = {"key": key, "number": number, "op": op, "body": body}
        records.append({"kind": "did", "t": 3.0 + number, "node": "S1", "order": about, **said})
        records.append({"kind": "hub_operation", "store": "S1", "order_id": about, **said, "state": "done"})
        records.append({"kind": "outbox", "node": "S1", "order_id": about, **said, "state": "done"})
    return records


Spoil = Callable[[list[Record]], list[Record]]


def without(kind: str, **which: object) -> Spoil:
    return lambda records: [each for each in records if not _is(each, kind, which)]


def doubled(kind: str, change: dict[str, Any] | None = None, **which: object) -> Spoil:
    def again(records: list[Record]) -> list[Record]:
        found = next(each for each in records if _is(each, kind, which))
        return [*records, {**found, **(change or {})}]

    return again


def changed(kind: str, change: dict[str, Any], **which: object) -> Spoil:
    return lambda records: [{**each, **change} if _is(each, kind, which) else each for each in records]


def added(**record: object) -> Spoil:
    return lambda records: [*records, dict(record)]


def _is(record: Record, kind: str, which: dict[str, object]) -> bool:
    return record["kind"] == kind and all(record[name] == value for name, value in which.items())


def _packed_on_a_lost_disk(records: list[Record]) -> list[Record]:
    """The store knows of the bag by a snapshot; the ledger and the audit say nothing of it any more."""
    for kind, which in (
        *(("hub_operation", {"key": KEY}), ("outbox", {"key": KEY}), ("ledger", {"why": "pick"})),
        ("hub_audit", {"action": "pick.completed"}),
    ):
        records = without(kind, **which)(records)
    gone = {SALE, LATER}
    records = [each for each in records if each.get("key") not in gone and each.get("reference") not in gone]
    return [*records, {"kind": "restored", "t": 8.0, "node": "S1", "t_image": 0.5}]


WRONG: dict[str, tuple[Fault, str, Spoil]] = {
    "an order that was told is not at the hub": (
        Fault.LOST, "order at hub", added(kind="told", t=1, channel="m", order="m2"),
    ),
    "an order did not come to its store": (Fault.LOST, "order at store", without("order")),
    "one order is two in the store": (
        Fault.DOUBLED, "order at store", doubled("order", {"order_id": "o2"}),
    ),
    "an operation did not come": (Fault.LOST, "operation at hub", without("hub_operation", key=SALE)),
    "an operation came that nobody did": (
        Fault.DOUBLED, "operation at hub", doubled("hub_operation", {"key": "k9", "body": "b9"}, key=SALE),
    ),
    "an operation says something else at the hub": (
        Fault.DOUBLED, "operation at hub", changed("hub_operation", {"body": "b9"}, key=SALE),
    ),
    "a count stands twice in the ledger": (Fault.DOUBLED, "ledger", doubled("ledger", reference=LATER)),
    "a bag was taken from the shelf twice": (Fault.DOUBLED, "bag", doubled("ledger", why="pick")),
    "one sale came under two keys": (
        Fault.DOUBLED, "sale", doubled("hub_operation", {"key": "k9"}, key=SALE),
    ),
    "stock is not its ledger's sum": (Fault.DIVERGED, "ledger", added(kind="imbalance", store="S1", sku="A")),
    "an event was passed over": (Fault.LOST, "log", changed("applied", {"events": 1}, before=0)),
    "an event was applied twice": (Fault.DIVERGED, "log", changed("applied", {"before": 1, "events": 2}, before=2)),
    "what was done is gone from the outbox": (Fault.LOST, "outbox", without("outbox", key=SALE)),
    "a number was given twice": (Fault.DOUBLED, "outbox", changed("outbox", {"number": 1}, key=SALE)),
    "a code that was sold is on no list": (
        Fault.DIVERGED, "list", lambda records: without("hub_listed", code="c2")(without("listed", code="c2")(records)),
    ),
    "a store was not told of a code": (Fault.DIVERGED, "list", without("listed", code="c1")),
    "a code is on the list that nobody sold": (
        Fault.DIVERGED, "list",
        lambda records: added(kind="hub_listed", code="c9")(added(kind="listed", node="S1", code="c9")(records)),
    ),
    "it took too long": (Fault.DIVERGED, "healing", changed("converged", {"seconds": 121.0})),
    "it never came together": (Fault.DIVERGED, "healing", changed("converged", {"seconds": None})),
    "a cursor is behind its head": (Fault.DIVERGED, "cursor", changed("cursor", {"seq": 2}, log="store:S1")),
    "a cursor is of another incarnation": (Fault.DIVERGED, "cursor", changed("cursor", {"log_id": "K"})),
    "an operation still waits": (Fault.LOST, "outbox", changed("outbox", {"state": "pending"}, key=SALE)),
    "a key was used twice": (Fault.DIVERGED, "outbox", changed("outbox", {"state": "key_reused"}, key=SALE)),
    "an event is held back": (Fault.LOST, "quarantine", changed("quarantined", {"count": 1})),
    "a clone went unnoticed": (Fault.DIVERGED, "clone", added(kind="cloned", t=5, noticed=False)),
    "a fact was refused": (Fault.LOST, "fact", changed("hub_operation", {"state": "refused"}, key=SALE)),
    "an order is open here and over there": (Fault.DIVERGED, "order", changed("hub_order", {"state": "cancelled"})),
    "an order is handed over here, by a disk that was put back, and the hub never heard of it": (
        Fault.DIVERGED, "order",
        lambda records: [
            *changed("order", {"state": "handed_over"})(records),
            {"kind": "did", "t": 7.0, "node": "S1", "key": "k9", "number": 4, "op": "order.handed_over",
             "order": "o1", "body": "b9"},
            {"kind": "restored", "t": 8.0, "node": "S1", "t_image": 6.5},
        ],
    ),
    "a line wants something else here": (Fault.DIVERGED, "line", changed("line", {"quantity": 2000})),
    "a refund is not known here": (
        Fault.DIVERGED, "refund", added(kind="hub_refund", order_id="o1", refund_id="r1", state="asked"),
    ),
    "an exception is open there only": (
        Fault.DIVERGED, "exception",
        added(kind="hub_exception", exception_id="e1", order_id="o1", about="short", open=1),
    ),
    "it was handed over before it was packed": (
        Fault.DIVERGED, "sequence", changed("hub_audit", {"seq": 9}, action="pick.completed"),
    ),
    "a bag was packed and not told": (
        Fault.LOST, "work",
        lambda records: without("hub_operation", key=KEY)(without("outbox", key=KEY)(records)),
    ),
    "a bag was packed on a disk that was put back, and not told though the hub was not": (
        Fault.LOST, "work", lambda records: _packed_on_a_lost_disk(records),
    ),
    "a slip was issued twice": (Fault.DOUBLED, "slip", doubled("slip")),
    "a second picking slip without a reason": (Fault.DOUBLED, "slip", doubled("slip", {"issue": 2})),
    "one pack was sold twice": (Fault.DOUBLED, "pack", changed("hub_sale", {"codes": ["c1"]})),
    "what is short was asked of nobody": (Fault.LOST, "exception", changed("hub_line", {"short": 1000})),
}  # fmt: skip
EXCUSED: dict[str, Spoil] = {
    "done after the image that was put back": lambda records: added(kind="restored", t=8.0, node="S1", t_image=4.5)(
        without("hub_operation", key=LATER)(without("outbox", key=LATER)(without("ledger", reference=LATER)(records)))
    ),
    "packed on a disk that was put back, and told to a hub that was put back": lambda records: added(
        kind="restored", t=9.0, node="hub", t_image=None
    )(_packed_on_a_lost_disk(records)),
    "handed over on a disk that was put back, and told to a hub that was put back": lambda records: [
        *changed("order", {"state": "handed_over"})(records),
        {"kind": "did", "t": 7.0, "node": "S1", "key": "k9", "number": 4, "op": "order.handed_over", "order": "o1",
         "body": "b9"},
        {"kind": "restored", "t": 8.0, "node": "S1", "t_image": 6.5},
        {"kind": "restored", "t": 9.0, "node": "hub", "t_image": None},
    ],
    "a snapshot jumps over events": changed("applied", {"after": 3, "events": 0, "reset": True}, before=2),
    "a pack sold twice, and somebody was asked": lambda records: added(
        kind="hub_exception", exception_id="e1", order_id="o1", about="code_sold_twice", open=0
    )(changed("hub_sale", {"codes": ["c1", "c2"]})(records)),
    "a code that was sold this very moment": lambda records: added(kind="hub_noted", code="c3")(
        changed("hub_sale", {"codes": ["c2", "c3"]})(records)
    ),
    "a request that was refused, and forgotten by a restored hub": lambda records: [
        *records,
        {"kind": "did", "t": 7.0, "node": "S1", "key": "k9", "number": 4, "op": "refund.answer", "order": "o1",
         "body": "b9"},
        {"kind": "outbox", "node": "S1", "key": "k9", "number": 4, "op": "refund.answer", "order_id": "o1",
         "body": "b9", "state": "refused"},
    ],
}  # fmt: skip


def test_what_may_have_happened_is_left_alone() -> None:
    assert check(History(sound())) == []


@pytest.mark.parametrize("name", EXCUSED)
def test_what_has_its_reason_is_left_alone(name: str) -> None:
    assert check(History(EXCUSED[name](sound()))) == []


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_found(name: str) -> None:
    fault, where, spoil = WRONG[name]
    found = check(History(spoil(sound())))
    assert (fault, where) in {(each.fault, each.check) for each in found}
