"""Whether a history may have happened. Each check reads its records once; none of them asks the product's own code.

LOST: something is missing that somebody was told is kept. DOUBLED: one thing had two effects. DIVERGED: two places that
must agree do not, or did not come together in time. The letters (a) to (g) are those of facts/sync.md §4.5.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Any

import msgspec

Record = dict[str, Any]
HEALED_SECONDS = 120.0
OPEN = frozenset({"placed", "accepted", "picked"})
COUNTED_BY_KEY = frozenset({"sale", "count", "receipt", "return"})
"""Entries of the ledger that refer to the operation which caused them."""


class Fault(StrEnum):
    LOST = "lost"
    DOUBLED = "doubled"
    DIVERGED = "diverged"


class Finding(msgspec.Struct, frozen=True):
    fault: Fault
    check: str
    what: str


class History:
    """Records by kind."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._kinds: defaultdict[str, list[Record]] = defaultdict(list)
        for record in records:
            self._kinds[record["kind"]].append(record)

    def __getitem__(self, kind: str) -> list[Record]:
        return self._kinds.get(kind, [])


def check(history: History) -> list[Finding]:
    """All that is wrong with it."""
    return [finding for each in CHECKS for finding in each(history)]


def orders_are_everywhere(history: History) -> Iterator[Finding]:
    """(a) What a platform was told is at the hub, once; what the hub told a store is there, once, and nothing else."""
    at_hub = {(each["channel"], each["channel_order_id"]): each for each in history["hub_order"]}
    for told in _told(history):
        if told not in at_hub:
            yield Finding(Fault.LOST, "order at hub", f"{told} was paid and is not at the hub")
    by_id = {each["order_id"]: each for each in history["hub_order"]}
    seen: Counter[tuple[str, str]] = Counter()
    present = set()
    for order in history["order"]:
        seen[order["channel"], order["channel_order_id"]] += 1
        present.add(order["order_id"])
        if order["order_id"] not in by_id:
            yield Finding(Fault.DOUBLED, "order at store", f"{order['order_id']} of {order['node']} is not the hub's")
    for which, count in seen.items():
        if count > 1:
            yield Finding(Fault.DOUBLED, "order at store", f"{which} is {count} orders in the stores")
    for order in history["hub_order"]:
        if order["placed_seq"] >= 0 and order["state"] in OPEN and order["order_id"] not in present:
            yield Finding(Fault.LOST, "order at store", f"{order['order_id']} is not in store {order['store']}")


def _told(history: History) -> set[tuple[str, str]]:
    return {(each["channel"], each["order"]) for kind in ("told", "due") for each in history[kind]}


def operations_took_effect_once(history: History) -> Iterator[Finding]:
    """(b) Every operation that was committed in a store is at the hub, with its own body, and nothing else is."""
    at_hub = {each["key"]: each for each in history["hub_operation"]}
    excused = _gone_with_a_disk(history) | _refused(history)
    done = {each["key"]: each for each in history["did"]}
    for key, operation in done.items():
        arrived = at_hub.get(key)
        if arrived is None and key not in excused:
            yield Finding(Fault.LOST, "operation at hub", f"{operation['op']} {key} of {operation['node']}")
        elif arrived is not None and arrived["body"] != operation["body"]:
            yield Finding(Fault.DOUBLED, "operation at hub", f"{key} has another body than its store wrote")
    for key, arrived in at_hub.items():
        if key not in done:
            yield Finding(Fault.DOUBLED, "operation at hub", f"{arrived['op']} {key} was never done")


def effects_are_single(history: History) -> Iterator[Finding]:
    """(b) One row of the ledger per operation and product; a bag once; a slip's steps once; stock is their sum."""
    keys = {each["key"] for each in history["hub_operation"]}
    rows = Counter(
        (each["store"], each["sku"], each["why"], each["reference"])
        for each in history["ledger"]
        if each["why"] in COUNTED_BY_KEY and each["reference"] in keys
    )
    for row, count in rows.items():
        if count > 1:
            yield Finding(Fault.DOUBLED, "ledger", f"{row} stands there {count} times")
    yield from _bags(history)
    yield from _sales(history)
    for each in history["imbalance"]:
        yield Finding(Fault.DIVERGED, "ledger", f"{each['store']}/{each['sku']} is not the sum of its entries")


def _bags(history: History) -> Iterator[Finding]:
    bags = Counter(each["order_id"] for each in history["hub_operation"] if each["op"] == "pick.completed")
    taken = Counter((each["reference"], each["sku"]) for each in history["ledger"] if each["why"] == "pick")
    for (order_id, sku), count in taken.items():
        if count > 1:
            yield Finding(Fault.DOUBLED, "bag", f"{order_id} took {sku} from the shelf {count} times")
        if bags[order_id] != 1:
            yield Finding(Fault.DOUBLED, "bag", f"{order_id} was packed {bags[order_id]} times")


def _sales(history: History) -> Iterator[Finding]:
    """The same sale under two keys is one sale there, but a store never says it twice."""
    said = Counter(
        each["body"] for each in history["hub_operation"] if each["op"] in ("sale.recorded", "pick.completed")
    )
    for body, count in said.items():
        if count > 1:
            yield Finding(Fault.DOUBLED, "sale", f"what {body} says came under {count} keys")


def logs_were_applied_in_order(history: History) -> Iterator[Finding]:
    """(c) From the first to the last event, each once, but for snapshots."""
    at: dict[tuple[str, str], tuple[str, int]] = {}
    for each in _in_time(history, "applied", "restored"):
        if each["kind"] == "restored":
            for key in [key for key in at if key[0] == each["node"]]:
                del at[key]
            continue
        key = (each["node"], each["log"])
        before = at.get(key, (each["log_id"], each["before"]))
        at[key] = (each["log_id"], each["after"])
        if each["reset"]:
            continue
        if before != (each["log_id"], each["before"]):
            yield Finding(Fault.DIVERGED, "log", f"{key} stood at {before}, then began from {each['before']}")
        if each["after"] - each["before"] != each["events"]:
            yield Finding(Fault.LOST, "log", f"{key} went {each['before']}-{each['after']} by {each['events']} events")


def what_was_kept_is_kept(history: History) -> Iterator[Finding]:
    """(e) What was committed in a store's outbox is there in the end, whatever died in between."""
    kept = {(each["node"], each["key"]) for each in history["outbox"]}
    excused = _gone_with_a_disk(history)
    for each in history["did"]:
        if (each["node"], each["key"]) not in kept and each["key"] not in excused:
            yield Finding(Fault.LOST, "outbox", f"{each['op']} {each['key']} was done in {each['node']}")
    numbers = Counter((each["node"], each["number"]) for each in history["outbox"])
    for number, count in numbers.items():
        if count > 1:
            yield Finding(Fault.DOUBLED, "outbox", f"number {number} was given {count} times")


def _refused(history: History) -> set[str]:
    """Requests that had no effect: a hub that was restored since need not have heard of them."""
    return {each["key"] for each in history["outbox"] if each["state"] == "refused" and each["op"] in REQUESTS}


def _gone_with_a_disk(history: History) -> set[str]:
    """Keys of operations that were done after an image of the disk was taken to which the disk was then put back: they
    are gone with the disk."""
    done: defaultdict[str, list[Record]] = defaultdict(list)
    gone: set[str] = set()
    for each in _in_time(history, "did", "restored"):
        if each["kind"] == "did":
            done[each["node"]].append(each)
        else:
            gone |= {one["key"] for one in done[each["node"]] if one["t"] >= each["t_image"]}
    return gone


def it_came_together(history: History) -> Iterator[Finding]:
    """(f) Soon after healing nothing waits anywhere, and every cursor is at its head."""
    for each in history["converged"]:
        if each["seconds"] is None or each["seconds"] > HEALED_SECONDS:
            yield Finding(Fault.DIVERGED, "healing", f"not together within {HEALED_SECONDS:g} s: {each}")
    heads = {each["log"]: each for each in history["hub_head"]}
    for each in history["cursor"]:
        head = heads.get(each["log"])
        if head is None or (each["log_id"], each["seq"]) != (head["log_id"], head["head"]):
            yield Finding(Fault.DIVERGED, "cursor", f"{each['node']} {each['log']} at {each['seq']}, head {head}")
    for each in history["outbox"]:
        if each["state"] == "pending":
            yield Finding(Fault.LOST, "outbox", f"{each['op']} {each['key']} of {each['node']} still waits")
        elif each["state"] in ("key_reused", "unknown_kind"):
            yield Finding(Fault.DIVERGED, "outbox", f"{each['op']} {each['key']} ended as {each['state']}")
    for each in history["quarantined"]:
        if each["count"]:
            yield Finding(Fault.LOST, "quarantine", f"{each['node']} holds {each['count']} events back")


def clones_were_noticed(history: History) -> Iterator[Finding]:
    """Two computers that speak as one are told so."""
    for each in history["cloned"]:
        if not each["noticed"]:
            yield Finding(Fault.DIVERGED, "clone", "two computers spoke as one, and nobody said so")


def facts_were_taken(history: History) -> Iterator[Finding]:
    """A fact is never refused."""
    for each in history["hub_operation"]:
        if each["state"] == "refused" and each["op"] not in REQUESTS:
            yield Finding(Fault.LOST, "fact", f"{each['op']} {each['key']} was refused")


REQUESTS = frozenset({"order.accept", "exception.settle", "refund.answer", "order.short"})


def stores_read_as_the_hub(history: History) -> Iterator[Finding]:
    """(d) At the same event, an open order reads the same at both ends; one that is over there is over here."""
    forgotten = _forgotten_by_both(history)
    hub = {each["order_id"]: each for each in history["hub_order"] if each["order_id"] not in forgotten}
    for each in history["order"]:
        there = hub.get(each["order_id"])
        if there is None:
            continue
        if there["state"] != each["state"] and (there["state"] in OPEN or each["state"] in OPEN):
            what = f"{each['order_id']} is {each['state']} in {each['node']}, {there['state']} at the hub"
            yield Finding(Fault.DIVERGED, "order", what)
    yield from _same_rows(history, "line", ("order_id", "line_id"), ("sku", "quantity", "struck"))
    yield from _same_rows(history, "refund", ("order_id", "refund_id"), ("state",))
    yield from _same_rows(history, "exception", ("exception_id",), ("open",))


def _same_rows(history: History, kind: str, key: tuple[str, ...], fields: tuple[str, ...]) -> Iterator[Finding]:
    """Of orders that are open at the hub, and in some store."""
    live = {each["order_id"] for each in history["hub_order"] if each["state"] in OPEN}
    here_at_all = {each["order_id"] for each in history["order"]}
    here = {_part(each, key): _part(each, fields) for each in history[kind] if each["order_id"] in live}
    there = {
        _part(each, key): _part(each, fields)
        for each in history[f"hub_{kind}"]
        if each["order_id"] in live and each["order_id"] in here_at_all
    }
    if kind == "exception":  # what is closed need not be known everywhere: a snapshot and a restored hub leave it out
        here, there = ({which: said for which, said in end.items() if said[0]} for end in (here, there))
    for which in sorted(here.keys() | there.keys()):
        if here.get(which) != there.get(which):
            what = f"{kind} {which}: {here.get(which)} in its store, {there.get(which)} at the hub"
            yield Finding(Fault.DIVERGED, kind, what)


def _part(record: Record, names: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(record[name] for name in names)


def shelves_read_as_the_hub(history: History) -> Iterator[Finding]:
    """(d) The store's level of a product is the hub's.

    Two cases are excused. Where more was taken than was known to be there, the hub's level goes below nothing and the
    store's stops at nothing. And a count that came too late only lowers at the hub, while the store believes it.
    """
    here = {(each["node"], each["sku"]): each["on_hand"] for each in history["level"]}
    apart = _overdrawn(history) | {(each["store"], each["sku"]) for each in history["late_count"]}
    for each in history["hub_level"]:
        key = each["store"], each["sku"]
        if key in here and key not in apart and here[key] != each["on_hand"]:
            what = f"{key[1]} is {here[key]} in {key[0]}, {each['on_hand']} at the hub"
            yield Finding(Fault.DIVERGED, "level", what)


def lists_read_as_the_hub(history: History) -> Iterator[Finding]:
    """(d) What was sold is on the hub's list of sold codes, except for what waits to be put there; each store's list is
    the hub's."""
    there = {each["code"] for each in history["hub_listed"]}
    sold = {each["code"] for each in history["hub_binding"] if each["code"] is not None and not each["opened"]}
    sold.update(code for each in history["hub_sale"] for code in each["codes"])
    for code in sorted((sold ^ there) - {each["code"] for each in history["hub_noted"]}):
        yield Finding(Fault.DIVERGED, "list", f"{code} is {'' if code in there else 'not '}on the hub's list")
    here = {each["node"]: set[str]() for each in history["cursor"] if each["log"] == "codes"}
    for each in history["listed"]:
        here[each["node"]].add(each["code"])
    for node, codes in here.items():
        if codes != there:
            yield Finding(Fault.DIVERGED, "list", f"{node} and the hub list not alike: {sorted(codes ^ there)[:9]}")


def _overdrawn(history: History) -> set[tuple[str, str]]:
    levels: Counter[tuple[str, str]] = Counter()
    below = set()
    for each in history["ledger"]:
        key = each["store"], each["sku"]
        levels[key] += each["delta"]
        if levels[key] < 0:
            below.add(key)
    return below


def orders_went_their_way(history: History) -> Iterator[Finding]:
    """The operations of one order take effect in the order in which they were done."""
    came: dict[str, int] = {}
    for each in sorted(history["hub_audit"], key=lambda each: (each["store"], each["seq"])):
        stage = STAGES.index(each["action"])
        if stage < came.get(each["subject"], 0):
            yield Finding(Fault.DIVERGED, "sequence", f"{each['action']} of {each['subject']} came too late")
        came[each["subject"]] = max(stage, came.get(each["subject"], 0))


STAGES = ("pick.started", "pick.completed", "order.handed_over")


def work_was_told(history: History) -> Iterator[Finding]:
    """A packed bag was told to the hub, once; a restored store may have told it before its data were put back."""
    said: defaultdict[str, set[str]] = defaultdict(set)
    for each in (*history["outbox"], *history["hub_operation"]):
        if each["op"] == "pick.completed":
            said[each["order_id"]].add(each["key"])
    forgotten = _forgotten_by_both(history)
    for each in history["pick"]:
        count = len(said[each["order_id"]])
        if each["order_id"] in forgotten and not count:
            continue
        if each["state"] in ("packed", "handed_over") and count != 1:
            yield Finding(Fault.LOST, "work", f"{each['order_id']} was packed in {each['node']}, told {count} times")


def _forgotten_by_both(history: History) -> set[str]:
    """Orders with work that was lost at both ends: the store's disk was put back to before it, and the hub was put back
    after it was told. The store may have heard of it from the hub in between; the hub hears of it from nobody."""
    keys = _gone_with_a_disk(history)
    hub_was_set_back = max((each["t"] for each in history["restored"] if each["node"] == "hub"), default=0.0)
    return {each["order"] for each in history["did"] if each["key"] in keys and each["t"] < hub_was_set_back}


def nothing_physical_twice(history: History) -> Iterator[Finding]:
    """(g) No slip is issued twice; no pack is sold twice, unless an exception says so."""
    slips = Counter(
        (each["order_id"], each["slip"], each["issue"], each["subject"], each["copy"]) for each in history["slip"]
    )
    for slip, count in slips.items():
        if count > 1:
            yield Finding(Fault.DOUBLED, "slip", f"{slip} was issued {count} times")
    first = Counter(
        each["order_id"]
        for each in history["slip"]
        if each["slip"] == "picking" and each["copy"] == 0 and not each["cause"]
    )
    for order_id, count in first.items():
        if count > 1:
            yield Finding(Fault.DOUBLED, "slip", f"{order_id} has {count} picking slips and no reason for it")
    yield from _packs(history)


def _packs(history: History) -> Iterator[Finding]:
    noticed = {each["order_id"] for each in history["hub_exception"] if each["about"] == "code_sold_twice"}
    holders: defaultdict[str, set[str]] = defaultdict(set)
    for each in history["hub_binding"]:
        if each["code"] is not None:
            holders[each["code"]].add(each["order_id"])
    for each in history["hub_sale"]:
        for code in each["codes"]:
            holders[code].add(f"sale {each['sale_id']}")
    for code, by in holders.items():
        if len(by) > 1 and not by & noticed:
            yield Finding(Fault.DOUBLED, "pack", f"{code} was sold to {sorted(by)}")


def what_is_short_was_said(history: History) -> Iterator[Finding]:
    """Nobody is promised what is not there without a person having been asked."""
    asked = {
        each["order_id"]
        for each in history["hub_exception"]
        if each["about"] in ("short", "oversold", "unknown_product")
    }
    orders = {each["order_id"]: each for each in history["hub_order"]}
    for each in history["hub_line"]:
        is_short = each["short"] > each["struck"] and orders[each["order_id"]]["state"] in OPEN
        if is_short and each["order_id"] not in asked:
            yield Finding(Fault.LOST, "exception", f"{each['order_id']} is short and nobody was asked")


def _in_time(history: History, *kinds: str) -> list[Record]:
    """Records of several kinds, in the order of time."""
    return sorted((each for kind in kinds for each in history[kind]), key=lambda each: each["t"])


CHECKS: tuple[Callable[[History], Iterator[Finding]], ...] = (
    orders_are_everywhere,
    operations_took_effect_once,
    effects_are_single,
    logs_were_applied_in_order,
    what_was_kept_is_kept,
    it_came_together,
    clones_were_noticed,
    facts_were_taken,
    stores_read_as_the_hub,
    shelves_read_as_the_hub,
    lists_read_as_the_hub,
    orders_went_their_way,
    work_was_told,
    nothing_physical_twice,
    what_is_short_was_said,
)
