"""The outbox on its way: a lost answer changes no key, a broken operation blocks no other."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import msgspec
import pytest

from agent.hub import Hub
from agent.hub_errors import HubUnreachable, Revoked
from agent.sender import Sender
from agent.session import Session
from domain.operations import Operation
from domain.protocol import OPERATIONS_AT_ONCE, Confirmed, Cursor, Outcome, OutcomeState, SessionReply
from tests.agent.shell.conftest import HURRIED
from tests.agent.shell.fake_hub import NOW, REVOKED, Answer, FakeHub, problem
from tests.agent.shell.speaking import MemoryKeys, MemoryMyself
from tests.awaiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")


def operation(number: int, kind: str = "pick.started", order_id: str = "o1") -> Operation:
    body = msgspec.Raw(msgspec.json.encode({"order_id": order_id}))
    return Operation(f"key-{number}", number, kind, 1, NOW, body, order_id)


class MemoryOutbox:
    def __init__(self, *operations: Operation) -> None:
        self.waiting, self.outcomes = list(operations), list[Outcome]()
        self.refused, self.again = dict[str, str](), 0

    async def pending(self, limit: int) -> Sequence[Operation]:
        held = {each.order_id for each in self.waiting if each.key in self.refused}
        return [each for each in self.waiting if each.order_id not in held][:limit]

    async def confirmed(self) -> Confirmed:
        return Confirmed(len(self.outcomes), Cursor("store:S1", "", 0))

    async def not_taken(self, operation: Operation, why: str) -> None:
        self.refused[operation.key] = why

    async def send_again(self) -> None:
        self.again += 1
        self.refused.clear()

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


@pytest.mark.parametrize("status", [400, 409, 413, 422])
async def test_one_operation_that_the_door_will_not_have_holds_back_its_order_only(
    hub: FakeHub, client: Hub, status: int
) -> None:
    hub.poison, hub.poison_status = "order.strange", status
    others = [operation(number, order_id=f"o{number % 7 + 2}") for number in range(100)]
    outbox = MemoryOutbox(*others[:60], operation(201, "order.strange"), operation(202), *others[60:])
    async with sending(client, outbox):
        await until(lambda: len(outbox.waiting) == 2)
    assert list(outbox.refused) == ["key-201"] and str(status) in outbox.refused["key-201"]
    assert [each.key for each in outbox.waiting] == ["key-201", "key-202"], "what follows of its order waits"
    assert {outcome.state for outcome in outbox.outcomes} == {OutcomeState.DONE} and len(hub.done) == 100
    assert len(hub.batches) < 25, "found by halving"
    by_order: dict[str | None, list[int]] = {}
    for each in hub.done.values():
        by_order.setdefault(each.order_id, []).append(each.number)
    assert all(numbers == sorted(numbers) for numbers in by_order.values())


UNKNOWN: dict[str, Answer] = {
    **{
        f"{status} of something on the way": Answer(status, b"<html>proxy</html>")
        for status in (302, 400, 404, 409, 413, 422)
    },
    **{str(status): Answer(status, b"<html>proxy</html>") for status in (408, 425, 429, 500, 502, 503, 504)},
    "a hub that forbids it": problem(403, "forbidden", "not from this network"),
    "a hub that the law forbids it": problem(451, "withheld", "not in this country"),
    "a path it does not have": problem(404, "no_such_path", "nothing is served there"),
    "a method it does not have": problem(405, "no_such_method", "POST"),
    "a login page": Answer(200, b"<html>please sign in</html>"),
    "nothing": Answer(200, b""),
    "half an answer": Answer(200, b'[{"key":"key-1","st'),
    "other keys": Answer(200, msgspec.json.encode([Outcome("another", OutcomeState.DONE)])),
    "fewer": Answer(200, b"[]"),
    "a word of next year": Answer(200, b'[{"key":"key-1","state":"perhaps"}]'),
}


@pytest.mark.parametrize("answer", UNKNOWN.values(), ids=UNKNOWN)
async def test_what_says_nothing_about_an_operation_settles_nothing(hub: FakeHub, client: Hub, answer: Answer) -> None:
    await client.greet()  # else it is the session that is refused, and no operation
    hub.refuse = answer
    outbox = MemoryOutbox(operation(1))
    async with sending(client, outbox) as sender:
        await until(lambda: hub.refused > 1)
        assert not outbox.outcomes and not outbox.refused
        hub.refuse = None
        sender.hurry()
        await until(lambda: not outbox.waiting)
    assert list(hub.done) == ["key-1"]


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("body", [problem(0, "not_now", "come again").body, b"<html>proxy</html>"], ids=["hub", "way"])
async def test_not_now_is_no_refusal_and_its_wish_is_heard(hub: FakeHub, client: Hub, status: int, body: bytes) -> None:
    await client.greet()
    hub.refuse = Answer(status, body, Retry_After="7")
    with pytest.raises(HubUnreachable) as told:
        await client.send([operation(1)], await MemoryOutbox().confirmed(), None)
    assert told.value.retry_after == 7


async def test_an_answer_cut_in_the_middle_is_asked_again(hub: FakeHub, client: Hub) -> None:
    hub.cut_answers = 2
    outbox = MemoryOutbox(*map(operation, range(1, 4)))
    async with sending(client, outbox):
        await until(lambda: not outbox.waiting)
    assert len(hub.batches) == 3 and len(outbox.outcomes) == 3


async def test_a_line_that_came_back_is_used_at_once(hub: FakeHub, client: Hub) -> None:
    hub.refuse = Answer(503, b"")
    outbox = MemoryOutbox(operation(1))
    sender = Sender(
        client, outbox, patience=msgspec.structs.replace(HURRIED, retry=60.0, longest_retry=60.0), spread=max
    )
    task = asyncio.create_task(sender.run())
    await until(lambda: hub.refused)
    hub.refuse = None
    sender.hurry()
    await until(lambda: not outbox.waiting, within=30)
    task.cancel()


async def test_a_line_that_came_back_during_a_try_is_used_at_once(hub: FakeHub, client: Hub) -> None:
    """That try was lost with the old line, and it may take long to say so."""
    hub.refuse = Answer(503, b"")

    class Trying(MemoryOutbox):
        async def pending(self, limit: int) -> Sequence[Operation]:
            if hub.refuse is not None:
                sender.hurry()
            return await super().pending(limit)

    outbox = Trying(operation(1))
    sender = Sender(
        client, outbox, patience=msgspec.structs.replace(HURRIED, retry=60.0, longest_retry=60.0), spread=max
    )
    task = asyncio.create_task(sender.run())
    await until(lambda: hub.refused)
    hub.refuse = None
    await until(lambda: not outbox.waiting)
    task.cancel()


async def test_the_hubs_own_wish_is_kept_though_the_line_came_back(hub: FakeHub, client: Hub) -> None:
    hub.refuse = Answer(503, b"", Retry_After="5")
    outbox = MemoryOutbox(operation(1))
    async with sending(client, outbox) as sender:
        await until(lambda: hub.refused)
        hub.refuse = None
        sender.hurry()
        await asyncio.sleep(0.6)
        assert outbox.waiting
        await until(lambda: not outbox.waiting, within=30)


async def test_what_was_not_taken_goes_again_when_the_line_came_back(hub: FakeHub, client: Hub) -> None:
    """It may be another hub by now."""
    hub.poison = "order.strange"
    outbox = MemoryOutbox(operation(1, "order.strange"))
    async with sending(client, outbox) as sender:
        await until(lambda: "key-1" in outbox.refused)
        hub.poison = ""
        sender.hurry()
        await until(lambda: bool(hub.done))


async def test_what_a_new_session_brings_back_goes_first(hub: FakeHub) -> None:
    """A hub that was put back has forgotten operations: they are older than those on their way when it says so."""
    outbox = MemoryOutbox(operation(2))

    class Reminded(MemoryMyself):
        async def told(self, reply: SessionReply) -> bool:
            if self.replies:
                outbox.waiting.insert(0, operation(1))
            return await super().told(reply)

    hub.sessions_over = 1
    client = Hub(hub.url, Session(MemoryKeys(bytes(32)), Reminded()))
    async with sending(client, outbox):
        await until(lambda: not outbox.waiting)
    await client.close()
    assert [[each.key for each in batch] for batch in hub.batches] == [["key-1", "key-2"]]


async def test_a_revoked_agent_sends_no_more(hub: FakeHub, client: Hub) -> None:
    hub.refuse = REVOKED
    outbox = MemoryOutbox(operation(1))
    with pytest.raises(Revoked):
        await asyncio.wait_for(Sender(client, outbox, patience=HURRIED, spread=max).run(), 30)
    assert outbox.waiting
