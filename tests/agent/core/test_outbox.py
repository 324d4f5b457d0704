"""The outbox: dense, in order, one key for ever, settled rows kept."""

import pytest

from agent import incarnation, outbox
from agent.files import WorkFile
from agent.transactions import Reading, Transaction
from domain.operations import OrderHandedOver, PickStarted, decode_body
from domain.protocol import Outcome, OutcomeState
from tests.agent.core.conftest import VirtualClock
from tests.agent.core.hub import NOON
from tests.agent.plans import plans


def put(tx: Transaction, count: int = 1) -> list[str]:
    return [outbox.put(tx, PickStarted(f"o{n}"), f"o{n}") for n in range(count)]


def test_numbers_are_dense_through_failures(work: WorkFile) -> None:
    work.write(lambda tx: put(tx, 2))

    def failing(tx: Transaction) -> None:
        put(tx, 3)
        raise ValueError

    with pytest.raises(ValueError):
        work.write(failing)
    work.write(put)
    assert [each.number for each in work.read(outbox.pending)] == [1, 2, 3]


def test_first_in_first_out_and_the_key_stays(work: WorkFile, clock: VirtualClock) -> None:
    keys = work.write(lambda tx: put(tx, 3))
    clock.at -= 10_000_000  # the store's clock orders nothing
    keys.append(work.write(lambda tx: outbox.put(tx, OrderHandedOver("o0"), "o0")))
    for _ in range(2):
        assert [each.key for each in work.read(outbox.pending)] == keys
    assert [each.key for each in work.read(lambda reading: outbox.pending(reading, 2))] == keys[:2]
    assert decode_body(work.read(outbox.pending)[3]) == OrderHandedOver("o0")
    assert work.read(outbox.oldest_at) == NOON


def test_settled_once_and_kept(work: WorkFile) -> None:
    first, second = work.write(lambda tx: put(tx, 2))
    done = [Outcome(first, OutcomeState.DONE), Outcome("never sent", OutcomeState.DONE)]
    for _ in range(2):
        work.write(lambda tx: outbox.settle(tx, done))
    work.write(lambda tx: outbox.settle(tx, [Outcome(first, OutcomeState.REFUSED, "too late")]))
    assert [each.key for each in work.read(outbox.pending)] == [second]
    rows = work.read(lambda reading: [tuple(row) for row in reading.db.execute("SELECT key, state FROM outbox")])
    assert rows == [(first, "done"), (second, "pending")]


def test_what_an_older_hub_does_not_know_is_kept_and_sent_again(work: WorkFile) -> None:
    (key,) = work.write(put)
    work.write(lambda tx: outbox.settle(tx, [Outcome(key, OutcomeState.UNKNOWN_KIND)]))
    assert work.read(outbox.depth) == 0
    assert work.write(outbox.send_again) == 1
    assert [each.key for each in work.read(outbox.pending)] == [key]


def test_later_ones_of_an_order_wait_behind_what_an_older_hub_does_not_know(work: WorkFile) -> None:
    first, other = work.write(lambda tx: put(tx, 2))
    later = work.write(lambda tx: outbox.put(tx, OrderHandedOver("o0"), "o0"))
    work.write(lambda tx: outbox.settle(tx, [Outcome(first, OutcomeState.UNKNOWN_KIND)]))
    assert [each.key for each in work.read(outbox.pending)] == [other]
    work.write(outbox.send_again)
    assert [each.key for each in work.read(outbox.pending)] == [first, other, later]
    work.write(lambda tx: outbox.settle(tx, [Outcome(first, OutcomeState.UNKNOWN_KIND)]))
    work.write(lambda tx: outbox.give_up(tx, first, by="a person", why="told by telephone"))
    assert [each.key for each in work.read(outbox.pending)] == [other, later]


def test_what_was_settled_costs_nothing(work: WorkFile) -> None:
    """However long the history: what is asked again and again looks at what is under way only."""

    def asked(reading: Reading) -> None:
        outbox.pending(reading), outbox.depth(reading), outbox.oldest_at(reading)
        outbox.undelivered(reading, 9), outbox.undelivered_count(reading), outbox.refused(reading, 9)
        outbox.not_in(reading, ["sale.recorded"], heard=7, settled=7, left_out=[3])

    found = work.read(lambda reading: plans(reading, asked))
    assert len(found) == 7
    assert [plan for plan in found if "USING" not in plan or "SCAN outbox;" in f"{plan};"] == []


def test_what_was_confirmed_in_an_earlier_life_proves_nothing_in_this_one(work: WorkFile) -> None:
    work.write(incarnation.incarnation)
    (first,) = work.write(put)
    work.write(lambda tx: outbox.settle(tx, [Outcome(first, OutcomeState.DONE)]))
    assert work.read(incarnation.confirmed) == 1
    work.write(incarnation.begin_anew)
    assert work.read(incarnation.confirmed) == 0
    (second,) = work.write(put)
    work.write(lambda tx: outbox.settle(tx, [Outcome(second, OutcomeState.DONE)]))
    assert work.read(incarnation.confirmed) == 2
