"""Blobs on their way over a real server: cut at every byte, late, wrong, refused, killed."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from random import Random

import pytest

from agent import blobs, personal
from agent.blobs.carrier import Carrier
from agent.blobs.kept import PIECE, BlobState, Kept
from agent.files import WorkFile
from agent.hub import Hub
from agent.hub_errors import Revoked
from agent.patience import Patience
from domain.blobs import Blob, digest
from tests.agent.core.conftest import MASTER_KEY
from tests.agent.shell.conftest import HURRIED
from tests.agent.shell.fake_hub import REVOKED, FakeHub, problem
from tests.agent.shell.speaking import speaking
from tests.awaiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

IMAGE = b"\xff\xd8\xff" + Random(5).randbytes(5 * PIECE)


@pytest.fixture
def work(tmp_path: Path) -> WorkFile:
    """On the real clock: what is due is a matter of time here."""
    return WorkFile(tmp_path / "work.db", master_key=MASTER_KEY)


@asynccontextmanager
async def carrying(client: Hub, work: WorkFile, *, patience: Patience = HURRIED) -> AsyncIterator[Carrier]:
    carrier = Carrier(client, work, patience=patience, spread=lambda low, high: low)
    task = asyncio.create_task(carrier.run())
    try:
        yield carrier
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def name(work: WorkFile, *contents: bytes, order_id: str = "o1") -> None:
    named = [Blob(digest(content), len(content), "image/jpeg") for content in contents]
    work.write(lambda tx: blobs.wanted(tx, order_id, named))


def kept(work: WorkFile, content: bytes = IMAGE, order_id: str = "o1") -> Kept:
    found = work.read(lambda reading: blobs.find(reading, order_id, digest(content)))
    assert found is not None
    return found


def content_of(work: WorkFile, content: bytes = IMAGE) -> bytes | None:
    return work.read(lambda reading: blobs.content(reading, "o1", digest(content)))


def offer(hub: FakeHub, *contents: bytes) -> None:
    hub.blobs.update((digest(content), content) for content in contents)


async def test_an_image_is_fetched_and_verified(hub: FakeHub, client: Hub, work: WorkFile) -> None:
    offer(hub, IMAGE)
    name(work, IMAGE)
    async with carrying(client, work):
        await until(lambda: kept(work).state is BlobState.HERE)
    assert content_of(work) == IMAGE
    assert hub.blob_ranges == [0]


async def test_a_line_cut_after_every_byte_loses_none(hub: FakeHub, client: Hub, work: WorkFile) -> None:
    image = Random(1).randbytes(200)
    offer(hub, image)
    name(work, image)
    hub.cut_blob = lambda size: min(size, 1)
    async with carrying(client, work):
        await until(lambda: kept(work, image).state is BlobState.HERE, within=30)
    assert content_of(work, image) == image
    assert hub.blob_ranges == list(range(200)), "each went on where the last one broke off"


@pytest.mark.parametrize("no_ranges", [False, True])
async def test_a_line_cut_anywhere_goes_on_there(hub: FakeHub, client: Hub, work: WorkFile, no_ranges: bool) -> None:
    """One cut, at each place of an image in turn; the server may know of no ranges and tell everything again."""
    images = [Random(seed).randbytes(60) for seed in range(61)]
    offer(hub, *images)
    name(work, *images)
    cuts = iter([cut for place in range(61) for cut in (place, 60)])
    hub.no_ranges, hub.cut_blob = no_ranges, lambda size: next(cuts, 60)
    async with carrying(client, work):
        await until(lambda: all(kept(work, image).state is BlobState.HERE for image in images), within=30)
    assert [content_of(work, image) for image in images] == images


async def test_what_is_here_is_passed_over_where_everything_is_told_again(
    hub: FakeHub, client: Hub, work: WorkFile
) -> None:
    """More than comes in one read."""
    offer(hub, IMAGE)
    name(work, IMAGE)
    cuts = iter([4 * PIECE + 7])
    hub.no_ranges, hub.cut_blob = True, lambda size: next(cuts, size)
    async with carrying(client, work):
        await until(lambda: kept(work).state is BlobState.HERE)
    assert content_of(work) == IMAGE


async def test_an_image_that_headquarters_waits_for_comes_late(hub: FakeHub, client: Hub, work: WorkFile) -> None:
    name(work, IMAGE)
    async with carrying(client, work):
        await until(lambda: kept(work).attempts >= 3)
        assert "not come yet" in kept(work).why
        offer(hub, IMAGE)
        await until(lambda: kept(work).state is BlobState.HERE)
    assert (kept(work).attempts, kept(work).why) == (0, "")


async def test_other_bytes_than_were_named_are_thrown_away(hub: FakeHub, client: Hub, work: WorkFile) -> None:
    name(work, IMAGE)
    hub.blobs[digest(IMAGE)] = IMAGE[:-1] + b"?"
    async with carrying(client, work):
        await until(lambda: kept(work).attempts >= 2)
        assert content_of(work) is None
        hub.blobs[digest(IMAGE)] = IMAGE + b"and more"
        await until(lambda: kept(work).attempts >= 4)
        offer(hub, IMAGE)
        await until(lambda: kept(work).state is BlobState.HERE)
    assert content_of(work) == IMAGE


async def test_each_waits_with_jitter_and_a_line_that_comes_back_hurries_all(
    hub: FakeHub, client: Hub, work: WorkFile
) -> None:
    name(work, IMAGE)
    slow = Patience(retry=1000.0, longest_retry=1000.0)
    carrier = Carrier(client, work, patience=slow, spread=lambda low, high: high)
    task = asyncio.create_task(carrier.run())
    await until(lambda: kept(work).attempts == 1)
    assert 900_000 < kept(work).next_at - work.now() <= 1_000_000
    offer(hub, IMAGE)
    carrier.hurry()
    await until(lambda: kept(work).state is BlobState.HERE)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_a_clock_that_was_set_back_does_not_make_it_wait_for_days(
    hub: FakeHub, client: Hub, work: WorkFile
) -> None:
    offer(hub, IMAGE)
    name(work, IMAGE)
    work.write(lambda tx: tx.db.execute("UPDATE blobs SET next_at = ?", (tx.now + 10**9,)))
    async with carrying(client, work):
        await until(lambda: kept(work).state is BlobState.HERE)


async def test_an_image_named_while_all_was_quiet_is_fetched_when_woken(
    hub: FakeHub, client: Hub, work: WorkFile
) -> None:
    offer(hub, IMAGE)
    async with carrying(client, work) as carrier:
        await asyncio.sleep(0.05)
        name(work, IMAGE)
        carrier.wake()
        await until(lambda: kept(work).state is BlobState.HERE)


async def test_a_photo_is_sent_up_once_and_stays_here(hub: FakeHub, client: Hub, work: WorkFile) -> None:
    work.write(lambda tx: blobs.keep(tx, "o1", IMAGE))
    hub.not_taking = problem(404, "no_such_order", "this order has not come yet")
    async with carrying(client, work):
        await until(lambda: kept(work).attempts >= 2)
        hub.not_taking = None
        await until(lambda: kept(work).state is BlobState.SENT)
    assert hub.put == {digest(IMAGE): ("o1", IMAGE)}
    assert content_of(work) == IMAGE


async def test_a_photo_that_is_refused_for_good_holds_back_nothing(hub: FakeHub, client: Hub, work: WorkFile) -> None:
    work.write(lambda tx: blobs.keep(tx, "o1", IMAGE))
    hub.not_taking = problem(413, "too_large", "no photo is so large")
    offer(hub, IMAGE[:99])
    name(work, IMAGE[:99])
    async with carrying(client, work):
        await until(lambda: kept(work).state is BlobState.REFUSED)
        await until(lambda: kept(work, IMAGE[:99]).state is BlobState.HERE)
    assert "no photo is so large" in kept(work).why


async def test_who_is_refused_for_good_stops(hub: FakeHub, client: Hub, work: WorkFile) -> None:
    name(work, IMAGE)
    hub.refuse = REVOKED
    with pytest.raises(Revoked):
        await asyncio.wait_for(Carrier(client, work, patience=HURRIED, spread=lambda low, high: low).run(), 30)


async def test_whoever_is_erased_on_the_way_is_not_kept(hub: FakeHub, client: Hub, work: WorkFile) -> None:
    offer(hub, IMAGE)
    name(work, IMAGE)
    hub.blob_pace = 0.02
    async with carrying(client, work):
        await until(lambda: hub.blob_ranges)
        await asyncio.sleep(0.05)
        await work.awrite(lambda tx: personal.erase(tx, "o1"))
        await asyncio.sleep(0.8)
    left = work.read(lambda reading: reading.db.execute("SELECT count(*) FROM blob_pieces").fetchone()[0])
    assert left == 0
    assert work.read(lambda reading: personal.known_key(reading, "o1")) is None


def _asked_again(hub: FakeHub, times: int) -> bool:
    return len(hub.blob_ranges) > times


async def test_killed_again_and_again_it_goes_on_where_it_was(hub: FakeHub, work: WorkFile) -> None:
    """kill -9 in the midst of fetching: what was here stays, and in the end it is the image."""
    image = Random(2).randbytes(8 * PIECE)
    offer(hub, image)
    name(work, image)
    hub.blob_pace = 0.01
    work.close()
    random, lives, longest = Random(11), 0, 0.15
    while lives < 3 or hub.blob_ranges[-1] == 0:  # a slow machine may not have kept a piece by then
        lives, longest = lives + 1, 1.3 * longest
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.agent.blobs.fetching", str(work.path), hub.url),
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None and await process.stdout.readline() == b"HERE\n"
        await until(partial(_asked_again, hub, len(hub.blob_ranges)))
        await asyncio.sleep(random.uniform(0.05, longest))
        process.kill()
        await process.wait()
    hub.blob_pace = 0.0
    with WorkFile(work.path, master_key=MASTER_KEY) as again:
        client = Hub(hub.url, speaking())
        async with carrying(client, again):
            await until(lambda: kept(again, image).state is BlobState.HERE)
        assert content_of(again, image) == image
        await client.close()
    assert hub.blob_ranges == sorted(hub.blob_ranges), "nothing that was here was fetched again"
    assert hub.blob_ranges[-1] > 0
