"""Each lesson from its order to its end, on a virtual clock: what a clerk meets, and that it always ends."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import combinations
from pathlib import Path
from random import Random

import pytest

from agent import slips
from agent.errors import WorkRefused
from agent.picking import steps
from agent.training import goods, packs
from agent.training.course import MOST_OPEN, lesson_of
from agent.training.lessons import COURSE, Lesson
from agent.transactions import Transaction
from domain.exceptions import Choice
from domain.orders import AcceptRule, Order, OrderState, RiderState
from domain.picks import PickState
from domain.quantity import units
from domain.refunds import RefundState
from domain.rules import Rule
from domain.slips import SlipState
from tests.agent.training.desk import Desk, NothingToAnswer


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Desk(tmp_path) as made:
        yield made


def lesson(desk: Desk, wanted: Lesson) -> Order:
    """Its order; those of the lessons before it are cancelled, so that they are out of the way."""
    for one in COURSE:
        order = desk.next()
        if one is wanted:
            return order
        desk.work.write(lambda tx: tx.db.execute("UPDATE orders SET state = 'cancelled', closed_at = 1"))
    raise AssertionError(wanted)


def hand_over(desk: Desk, order: Order) -> None:
    desk.do(lambda tx: steps.hand_over(tx, order.order_id, desk.lookup))
    desk.go_on(3)
    assert desk.order(order.order_id).state is OrderState.COMPLETED
    assert desk.loose_ends() == (0, 0)


def test_the_course_goes_through_every_lesson_once() -> None:
    assert [lesson_of(number) for number in range(1, len(Lesson) + 1)] == list(Lesson)
    assert len({lesson_of(number) for number in range(len(Lesson) + 1, 60)}) > 5


@pytest.mark.parametrize("wanted", [Lesson.ONE, Lesson.SEVERAL, Lesson.GIFT, Lesson.BOOKED])
def test_a_plain_order_is_picked_with_the_codes_shown(desk: Desk, wanted: Lesson) -> None:
    order = lesson(desk, wanted)
    desk.start(order)
    shown = desk.packs(order.order_id)
    assert sum(pack.wanted for pack in shown) == sum(line.quantity for line in order.lines) // 1000
    stranger = next(pack for pack in shown if not pack.wanted)
    assert desk.scan(stranger.code).verdict.rule is Rule.WRONG_PRODUCT
    desk.pick_all(order)
    assert desk.order(order.order_id).state is OrderState.PICKED
    assert all(pack.done for pack in desk.packs(order.order_id) if pack.wanted)
    desk.go_on(2)
    assert desk.order(order.order_id).rider is RiderState.AT_STORE
    hand_over(desk, order)


def test_a_booked_slip_waits_and_then_comes(desk: Desk) -> None:
    order = lesson(desk, Lesson.BOOKED)
    due = desk.work.read(lambda reading: slips.of_order(reading, order.order_id))[0].due_at
    assert due - desk.clock.at == 2 * 60_000


def test_the_rider_comes_first(desk: Desk) -> None:
    order = lesson(desk, Lesson.RIDER)
    desk.go_on(6)
    assert desk.order(order.order_id).rider is RiderState.AT_STORE
    assert desk.view(order.order_id).card.pick is PickState.ASSIGNED


def test_an_order_left_alone_is_urged_once(desk: Desk) -> None:
    order = lesson(desk, Lesson.URGED)
    desk.go_on(16)
    first = desk.view(order.order_id).card.urged_at
    desk.go_on(30)
    assert first is not None and desk.view(order.order_id).card.urged_at == first


@pytest.mark.parametrize("agree", [True, False])
def test_a_refund_in_the_middle_pauses_and_goes_on(desk: Desk, agree: bool) -> None:
    order = lesson(desk, Lesson.REFUND)
    desk.start(order)
    first, second, *_ = desk.packs(order.order_id)
    desk.scan(first.code)
    view = desk.view(order.order_id)
    assert view.card.pick is PickState.PAUSED and view.card.refund_waiting
    assert desk.scan(second.code).verdict.rule is Rule.PAUSED
    desk.answer(order, agree=agree)
    view = desk.view(order.order_id)
    assert view.refunds[0].refund.state is (RefundState.PAID if agree else RefundState.REFUSED)
    assert view.card.pick is PickState.PICKING
    if agree:
        assert [line.line.struck for line in view.lines] == [0, units(1)]
        desk.do(lambda tx: steps.complete(tx, order.order_id, desk.lookup))
    else:
        desk.scan(second.code)
    assert desk.order(order.order_id).state is OrderState.PICKED
    hand_over(desk, order)


def test_a_cancellation_in_the_middle_stops_the_pick(desk: Desk) -> None:
    order = lesson(desk, Lesson.CANCELLED)
    desk.start(order)
    first, second, *_ = desk.packs(order.order_id)
    desk.scan(first.code)
    assert desk.order(order.order_id).state is OrderState.CANCELLED
    assert desk.scan(second.code).verdict.rule is Rule.STOPPED
    assert desk.loose_ends() == (0, 0)


@pytest.mark.parametrize("choice", [Choice.FOUND, Choice.PART_REFUND, Choice.CANCEL])
def test_what_is_short_is_settled_as_the_hub_would(desk: Desk, choice: Choice) -> None:
    order = lesson(desk, Lesson.SHORT)
    short = next(line for line in order.lines if line.short)
    desk.settle(order, choice, {short.line_id: units(1)} if choice is Choice.FOUND else None)
    view = desk.view(order.order_id)
    assert all(each.closed_at is not None for each in view.exceptions)
    if choice is Choice.CANCEL:
        assert view.card.state is OrderState.CANCELLED
        return
    assert not any(line.settle for line in view.lines)
    desk.start(order)
    desk.pick_all(order)
    hand_over(desk, order)


def test_what_was_not_found_after_all_is_asked_again(desk: Desk) -> None:
    order = lesson(desk, Lesson.SHORT)
    short = next(line for line in order.lines if line.short)
    desk.settle(order, Choice.FOUND, {short.line_id: 0})
    assert [each.closed_at is None for each in desk.view(order.order_id).exceptions] == [False, True]
    desk.settle(order, Choice.CANCEL)
    assert desk.order(order.order_id).state is OrderState.CANCELLED


def test_where_the_clerk_accepts_practice_waits_for_it_too(tmp_path: Path) -> None:
    with Desk(tmp_path, accept=AcceptRule.CLERK) as desk:
        order = desk.next()
        assert order.state is OrderState.PLACED
        assert desk.work.read(lambda reading: slips.of_order(reading, order.order_id)) == ()
        desk.do(lambda tx: steps.accept(tx, order.order_id))
        assert desk.work.read(lambda reading: slips.of_order(reading, order.order_id))[0].state is SlipState.ACCEPTED


def test_enough_is_enough(desk: Desk) -> None:
    for _ in range(MOST_OPEN):
        desk.next()
    with pytest.raises(AssertionError):
        desk.next()


def test_practice_codes_are_known_and_others_are_not(desk: Desk) -> None:
    order = desk.next()

    def knows(text: str) -> bool:
        return desk.work.read(lambda reading: packs.known(reading, desk.goods, text))

    assert knows(order.code.lower()) and all(knows(f"{pack.code}\r") for pack in desk.packs(order.order_id))
    assert not knows("81012350000000000001") and not knows("YO0000000000ZZ") and not knows("")


def test_a_pack_in_another_bag_is_replaced_by_a_fresh_one(tmp_path: Path) -> None:
    """Its code counts where it was scanned; the shelf of the order it was made for shows another."""
    with Desk(tmp_path, stock=goods.packaged()[:4]) as desk:
        placed = [desk.next() for _ in range(MOST_OPEN)]
        mine, other = next(
            (one, two)
            for one, two in combinations(placed, 2)
            if {line.sku for line in one.lines} & {line.sku for line in two.lines}
        )
        shared = next(line for line in mine.lines if line.sku in {line.sku for line in other.lines})
        stolen = next(pack for pack in desk.packs(mine.order_id) if pack.name == shared.name)
        desk.start(other)
        assert desk.scan(stolen.code).verdict.good
        shown = [pack.code for pack in desk.packs(mine.order_id)]
        assert stolen.code not in shown
        desk.start(mine)
        fresh = next(pack for pack in desk.packs(mine.order_id) if pack.name == shared.name)
        assert desk.scan(fresh.code).verdict.good
        assert desk.work.read(lambda reading: packs.known(reading, desk.goods, stolen.code))


@pytest.mark.parametrize("seed", range(4))
def test_whatever_a_clerk_does_nothing_is_left_hanging(tmp_path: Path, seed: int) -> None:
    """A clumsy clerk: any step, legal or not, in any order. Nothing stays unanswered or cannot be applied, and every
    order can be brought to its end."""
    dice = Random(seed)
    with Desk(tmp_path, seed=seed, accept=dice.choice(list(AcceptRule))) as desk:
        for _ in range(60):
            _clumsily(desk, dice)
            desk.go_on(dice.randrange(3))
            assert desk.loose_ends() == (0, 0)
        for order in desk.open_orders():
            _finish(desk, order)
        desk.go_on(3)
        assert desk.open_orders() == []
        assert desk.loose_ends() == (0, 0)


def _clumsily(desk: Desk, dice: Random) -> None:
    if not (known := desk.open_orders()) or (dice.random() < 0.3 and len(known) < MOST_OPEN):
        desk.next()
        return
    order = dice.choice(known)
    tries: list[Callable[[], object]] = [
        lambda: desk.do(lambda tx: steps.accept(tx, order.order_id)),
        lambda: desk.start(order),
        lambda: desk.scan(order.code),
        lambda: desk.scan(dice.choice(desk.packs(order.order_id)).code),
        lambda: desk.do(lambda tx: steps.undo(tx, order.order_id)),
        lambda: desk.do(lambda tx: steps.complete(tx, order.order_id, desk.lookup)),
        lambda: desk.do(lambda tx: steps.hand_over(tx, order.order_id, desk.lookup)),
        lambda: desk.answer(order, agree=dice.random() < 0.5),
        lambda: desk.settle(order, dice.choice(list(Choice)), {line.line_id: units(1) for line in order.lines}),
    ]
    with suppress(WorkRefused, NothingToAnswer):
        dice.choice(tries)()


def _finish(desk: Desk, order: Order) -> None:
    """As a clerk who does what the page asks for."""
    for _ in range(4):
        with suppress(NothingToAnswer):
            desk.settle(order, Choice.CANCEL)
        with suppress(WorkRefused, NothingToAnswer):
            desk.answer(order, agree=True)
        _try(desk, lambda tx: steps.accept(tx, order.order_id))
        _try(desk, lambda tx: steps.start(tx, order.order_id, desk.lookup))
        desk.put_back(order)
        desk.pick_all(order)
        _try(desk, lambda tx: steps.complete(tx, order.order_id, desk.lookup))
        _try(desk, lambda tx: steps.hand_over(tx, order.order_id, desk.lookup))


def _try(desk: Desk, step: Callable[[Transaction], object]) -> None:
    with suppress(WorkRefused):
        desk.do(step)
