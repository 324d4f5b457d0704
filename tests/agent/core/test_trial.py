"""On trial (试运行): everything is printed and picked, every slip says so, and what a channel would hear is refused."""

from collections.abc import Callable

import pytest

from agent import outbox, slips, store
from agent.documents.rendering import rendered
from agent.errors import NotNow
from agent.files import WorkFile
from agent.picking.steps import accept, start
from agent.settling import answer_refund, settle_exception
from agent.slips import of_order
from agent.transactions import Transaction
from domain.events import ExceptionOpened, OrderAdvanced, OrderPlaced, RefundChanged, StoreConfigured
from domain.exceptions import CHOICES, Choice, ExceptionKind, OrderException
from domain.modes import Mode
from domain.orders import AcceptRule, OrderState
from domain.quantity import units
from domain.refunds import Refund, RefundState
from domain.times import MINUTE
from drivers.printers.document import Text
from tests.agent.core.catalogue import TWO_PRODUCTS
from tests.agent.core.hub import NOON, Hub, line, order

MASTER_KEY = bytes(range(32))


def configured(mode: Mode, accept_by: AcceptRule = AcceptRule.CLERK) -> StoreConfigured:
    return StoreConfigured("和平路店", accept_by, 30 * MINUTE, mode)


@pytest.fixture
def on_trial(hub: Hub) -> Hub:
    """A store whose clerk accepts, were it live."""
    hub.tell(configured(Mode.SHADOW))
    return hub


def mark(work: WorkFile, order_id: str = "o1") -> str:
    """What the slip says above everything else, if that is a mark."""
    document = work.read(lambda reading: rendered(reading, of_order(reading, order_id)[-1])).document
    first = document.blocks[0]
    return first.text.strip("【】") if isinstance(first, Text) and first.text.startswith("【") else ""


def test_a_slip_is_printed_at_once_and_says_that_it_is_a_trial(on_trial: Hub, work: WorkFile) -> None:
    on_trial.tell(OrderPlaced(order("o1", state=OrderState.PLACED)))
    assert mark(work) == "试运行"
    work.write(lambda tx: start(tx, "o1", TWO_PRODUCTS))


def test_live_the_clerk_accepts_first_and_the_slip_says_nothing(hub: Hub, work: WorkFile) -> None:
    """The control."""
    hub.tell(configured(Mode.LIVE), OrderPlaced(order("o1", state=OrderState.PLACED)))
    assert work.read(lambda reading: of_order(reading, "o1")) == ()
    hub.tell(OrderAdvanced("o1", OrderState.ACCEPTED))
    assert mark(work) == ""


def test_going_on_trial_frees_what_waited_for_the_clerk(hub: Hub, work: WorkFile) -> None:
    hub.tell(configured(Mode.LIVE), OrderPlaced(order("o1", state=OrderState.PLACED)), configured(Mode.SHADOW))
    assert mark(work) == "试运行"


@pytest.mark.parametrize(("before", "after"), [(Mode.LIVE, Mode.SHADOW), (Mode.SHADOW, Mode.LIVE)])
def test_a_slip_rendered_before_the_switch_is_not_sent_after_it(
    hub: Hub, work: WorkFile, before: Mode, after: Mode
) -> None:
    hub.tell(configured(before, AcceptRule.HUB), OrderPlaced(order("o1")))
    before_it = work.read(lambda reading: rendered(reading, of_order(reading, "o1")[-1]))
    slip_id = work.read(lambda reading: of_order(reading, "o1")[-1]).slip_id
    hub.tell(configured(after, AcceptRule.HUB))
    assert not work.write(lambda tx: slips.begin_sending(tx, slip_id, "counter", before_it.revision))
    again = work.read(lambda reading: rendered(reading, of_order(reading, "o1")[-1]))
    assert work.write(lambda tx: slips.begin_sending(tx, slip_id, "counter", again.revision))


def test_it_is_known_after_a_restart_without_the_hub(on_trial: Hub, work: WorkFile) -> None:
    path = work.path
    work.close()
    with WorkFile(path, master_key=MASTER_KEY) as again:
        identity = again.read(store.identity)
    assert (identity.mode, identity.accept) == (Mode.SHADOW, AcceptRule.PLATFORM)


def test_an_older_hub_that_says_no_mode_means_live(on_trial: Hub, work: WorkFile) -> None:
    on_trial.tell(StoreConfigured("和平路店", AcceptRule.CLERK, 0))
    assert work.read(store.identity).mode is Mode.LIVE


def opened(kind: ExceptionKind = ExceptionKind.SHORT) -> ExceptionOpened:
    return ExceptionOpened(OrderException("e1", kind, "o1", (1,), CHOICES[kind], NOON, NOON + MINUTE))


REFUSED: dict[str, Callable[[Transaction], object]] = {
    "accept": lambda tx: accept(tx, "o1"),
    "agree": lambda tx: answer_refund(tx, "o1", "r1", True),
    "refuse": lambda tx: answer_refund(tx, "o1", "r1", False, "已拣货"),
    "cancel": lambda tx: settle_exception(tx, "e1", Choice.CANCEL),
    "part refund": lambda tx: settle_exception(tx, "e1", Choice.PART_REFUND),
}


@pytest.mark.parametrize("step", REFUSED)
def test_what_a_channel_would_hear_is_done_elsewhere(on_trial: Hub, work: WorkFile, step: str) -> None:
    refund = Refund("r1", "o1", True, RefundState.ASKED, 3000, NOON, (), NOON + MINUTE)
    short = order("o1", line(count=2, short=units(1)), state=OrderState.PLACED)
    on_trial.tell(OrderPlaced(short), opened(), RefundChanged(refund))
    before = work.read(outbox.pending)
    with pytest.raises(NotNow, match="请在原系统处理"):
        work.write(REFUSED[step])
    assert work.read(outbox.pending) == before


def test_what_only_the_store_knows_is_done_here(on_trial: Hub, work: WorkFile) -> None:
    on_trial.tell(OrderPlaced(order("o1", line(count=2, short=units(1)))), opened())
    work.write(lambda tx: settle_exception(tx, "e1", Choice.FOUND, {1: units(2)}))
    assert [operation.kind for operation in work.read(outbox.pending)] == ["exception.settle"]
