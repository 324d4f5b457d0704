"""What a person should look at, as one picture."""

import msgspec
import pytest

from agent import quarantine, set_aside
from agent.files import CacheFile, WorkFile
from agent.quarantine import Kept
from agent.transactions import Reading
from domain.events import Event


def event(seq: int) -> Event:
    return Event("store:S001", seq, "order.praised", 1, 0, msgspec.Raw(b"{}"))


async def test_what_is_set_aside_meanwhile_is_counted_with_the_next_list(
    work: WorkFile, cache: CacheFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    work.write(lambda tx: quarantine.put(tx, event(1), "unknown", holds=False))
    at_once = quarantine.count

    def after_another(view: Reading) -> int:
        work.write(lambda tx: quarantine.put(tx, event(2), "unknown", holds=False))
        return at_once(view)

    monkeypatch.setattr(quarantine, "count", after_another)
    seen = await set_aside.listed(work, cache)
    assert (seen.counts.events, _numbers(seen.events)) in ((1, [1]), (2, [1, 2]))
    monkeypatch.undo()
    seen = await set_aside.listed(work, cache)
    assert (seen.counts.events, _numbers(seen.events)) == (2, [1, 2])


def _numbers(kept: tuple[Kept, ...]) -> list[int]:
    return [one.seq for one in kept]
