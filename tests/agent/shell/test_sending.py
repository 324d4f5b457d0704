"""The outbox on its way: a lost answer changes no key, a broken operation blocks no other."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import msgspec
import pytest

from agent.hub import Hub, Revoked
from agent.sender import Sender
from domain.operations import Operation
from domain.protocol import OPERATIONS_AT_ONCE, Outcome, OutcomeState
from tests.agent.shell.conftest import HURRIED, until
from tests.agent.shell.fake_hub import NOW, REVOKED, Answer, FakeHub

pytestmark = pytest.mark.asyncio(loop_scope="module")


def operation(number: int, kind: str = "pick.started") -> Operation:
    body = msgspec.Raw(msgspec.json.encode({"order_id": "o1"}))
    return Operation(f"key-{number}", number, kind, 1, NOW, body, "o1")


class MemoryOutbox:
    def __init__(self, *operations: Operation) -> None:
        self.waiting, self.outcomes = list(operations), list[Outcome]()

    async def pending(self, limit: int) -> Sequence[Operation]:
        return self.waiting[:limit]

    async def settle(self, outcomes: Sequence[Outcome]) -> None:
        self.outcomes.extend(outcomes)
        settled = {outcome.key for outcome in outcomes}
        self.waiting = [operation for operation in self.waiting if operation.key not in settled]


@asynccontextmanager
async def sending(client: Hub, outbox: MemoryOutbox) -> AsyncIterator[Sender]:
    sender = Sender(client, outbox, patience=HURRIED, spread=lambda low, high: high)
    task = asyncio.create_task(sender.run())
    try:
        yield sender
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_lost_answer_is_asked_again_under_the_same_keys(hub: FakeHub, client: Hub) -> None:
    hub.lose_answers = 2
    outbox = MemoryOutbox(*map(operation, range(1, 4)))
    async with sending(client, outbox):
        await until(lambda: not outbox.waiting)
    assert [[each.key for each in batch] for batch in hub.batches] == [["key-1", "key-2", "key-3"]] * 3
    assert list(hub.done) == ["key-1", "key-2", "key-3"]


async def test_the_oldest_go_first_and_at_most_so_many(hub: FakeHub, client: Hub) -> None:
    outbox = MemoryOutbox(*map(operation, range(250)))
    async with sending(client, outbox):
        await until(lambda: not outbox.waiting)
    assert [len(batch) for batch in hub.batches] == [OPERATIONS_AT_ONCE, OPERATIONS_AT_ONCE, 50]
    assert [each.number for batch in hub.batches for each in batch] == list(range(250))


async def test_new_work_wakes_the_sender(hub: FakeHub, client: Hub) -> None:
    outbox = MemoryOutbox()
    async with sending(client, outbox) as sender:
        await asyncio.sleep(0.05)
        outbox.waiting.append(operation(1))
        sender.wake()
        await until(lambda: not outbox.waiting)
    assert len(hub.batches) == 1


async def test_one_operation_that_cannot_be_read_blocks_no_other(hub: FakeHub, client: Hub) -> None:
    hub.poison = "order.strange"
    outbox = MemoryOutbox(operation(1), operation(2, "order.strange"), operation(3))
    async with sending(client, outbox):
        await until(lambda: not outbox.waiting)
    assert {outcome.key: outcome.state for outcome in outbox.outcomes} == {
        "key-1": OutcomeState.DONE,
        "key-2": OutcomeState.REFUSED,
        "key-3": OutcomeState.DONE,
    }
    assert list(hub.done) == ["key-1", "key-3"]


@pytest.mark.parametrize("status", [408, 429, 500, 503])
async def test_a_status_from_the_way_settles_nothing(hub: FakeHub, client: Hub, status: int) -> None:
    hub.refuse = Answer(status, b"<html>proxy</html>")
    outbox = MemoryOutbox(operation(1))
    async with sending(client, outbox) as sender:
        await asyncio.sleep(0.2)
        assert not outbox.outcomes
        hub.refuse = None
        sender.hurry()
        await until(lambda: not outbox.waiting)


async def test_a_line_that_came_back_is_used_at_once(hub: FakeHub, client: Hub) -> None:
    hub.refuse = Answer(503, b"", Retry_After="60")
    outbox = MemoryOutbox(operation(1))
    async with sending(client, outbox) as sender:
        await asyncio.sleep(0.1)
        hub.refuse = None
        sender.hurry()
        await until(lambda: not outbox.waiting, within=2)


async def test_answers_to_other_operations_settle_nothing(hub: FakeHub, client: Hub) -> None:
    hub.refuse = Answer(200, msgspec.json.encode([Outcome("another", OutcomeState.DONE)]))
    outbox = MemoryOutbox(operation(1))
    async with sending(client, outbox):
        await asyncio.sleep(0.15)
    assert not outbox.outcomes


async def test_a_revoked_agent_sends_no_more(hub: FakeHub, client: Hub) -> None:
    hub.refuse = REVOKED
    outbox = MemoryOutbox(operation(1))
    with pytest.raises(Revoked):
        await asyncio.wait_for(Sender(client, outbox, patience=HURRIED, spread=max).run(), 2)
    assert outbox.waiting
