"""An outage as people are told of it: once it lasts, since when, over a restart, and what was sent when it is over."""

import asyncio

import pytest

from agent import outbox, store
from agent.files import WorkFile
from agent.line import Line, LineState
from agent.outages import Outages, OutageView
from agent.transactions import Transaction
from domain.operations import SaleLine, SaleRecorded
from domain.protocol import Outcome, OutcomeState
from tests.agent.core.conftest import VirtualClock

pytestmark = pytest.mark.asyncio
AT_ONCE, NEVER = 0.0, 1000.0


def watched(work: WorkFile, lasts: float) -> tuple[Line, Outages, list[OutageView]]:
    line, shown = Line(work.now), list[OutageView]()
    made = Outages(line, work, lasts=lasts, on_change=lambda: shown.append(made.view))
    line.on_change(lambda: shown.append(made.view))
    return line, made, shown


async def test_flapping_flashes_on_no_screen(work: WorkFile) -> None:
    line, made, shown = watched(work, NEVER)
    line.connecting()
    assert made.view == OutageView(LineState.CONNECTING)
    line.up()
    shown.clear()
    for _ in range(10):
        line.down("cut")
        line.connecting()
        line.down("cut again")
        line.up()
    assert set(shown) == {OutageView(LineState.ONLINE)}
    await made.stop()


async def test_what_lasts_is_told_from_its_beginning_over_a_restart(work: WorkFile) -> None:
    line, made, shown = watched(work, AT_ONCE)
    line.up()
    line.down("cut")
    began = line.view.since
    line.connecting()
    line.down("cut again")
    await asyncio.sleep(0.01)
    assert shown[-1] == OutageView(LineState.OFFLINE, began)
    await made.stop()

    line, made, _ = watched(work, NEVER)
    await made.remember()
    line.connecting()
    assert made.view == OutageView(LineState.OFFLINE, began)
    line.up()
    back = made.view
    assert (back.state, back.since) == (LineState.ONLINE, None)
    assert back.back_at is not None and back.away == back.back_at - began
    await made.stop()
    assert work.read(lambda reading: store.fact(reading, "line_lost_at")) == ""


async def test_a_hub_that_does_not_admit_us_is_no_outage(work: WorkFile) -> None:
    line, made, _ = watched(work, AT_ONCE)
    line.down("cut")
    await asyncio.sleep(0.01)
    line.revoked("replaced")
    assert made.view == OutageView(LineState.REVOKED)
    await made.stop()


async def test_what_waits_and_what_was_sent(work: WorkFile, clock: VirtualClock) -> None:
    keys = [work.write(sold) for _ in range(3)]
    assert work.read(outbox.waiting) == {"sale.recorded": 3}
    clock.advance(1000)
    back_at = clock.at + 100
    lost_at = back_at - 500
    work.write(lambda tx: outbox.settle(tx, [Outcome(keys[0], OutcomeState.DONE)]))  # the sender was quicker
    clock.advance(100)
    later = work.write(sold)
    done = [Outcome(key, OutcomeState.DONE) for key in (keys[1], later)]
    work.write(lambda tx: outbox.settle(tx, done))
    assert work.read(lambda reading: outbox.over_an_outage(reading, lost_at, back_at)) == (2, 1)
    work.write(lambda tx: outbox.settle(tx, [Outcome(keys[2], OutcomeState.DONE)]))
    assert work.read(lambda reading: outbox.over_an_outage(reading, lost_at, back_at)) == (3, 0)
    assert work.read(outbox.waiting) == {}


def sold(tx: Transaction) -> str:
    return outbox.put(tx, SaleRecorded("sale-1", (SaleLine("AMX", 1000),)))
