"""Images that come late, fail, come twice or never: fetched again and again, and said why they are not here."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from cloud import erasing, tables
from cloud.channels.base import Cancelled, ChannelError, Placed
from cloud.patience import wait
from cloud.prescriptions import images
from cloud.prescriptions.fetching import NOT_THERE_YET, Fetching
from cloud.writer import Writer
from domain.times import HOUR, MINUTE, SECOND
from tests.cloud.hub import CHAIN, Hub, pushed
from tests.cloud.prescriptions import rx
from tests.cloud.prescriptions.rx import picture
from tests.cloud.shell.carrying import Platform

FRONT, BACK = picture("front"), picture("back")


class Down(ChannelError):
    retryable = True


class Far(Platform):
    """A channel that keeps its pictures elsewhere."""

    name = "meituan"

    def __init__(self) -> None:
        super().__init__()
        self.failing: list[ChannelError] = []

    async def picture(self, reference: str) -> bytes:
        if self.failing:
            raise self.failing.pop()
        return self.pictures[reference]


class World:
    def __init__(self, hub: Hub, writer: Writer) -> None:
        self.hub, self.platform = hub, Far()
        self._fetching = Fetching({"meituan": self.platform}, chain=CHAIN, writer=writer, clock=hub.clock)

    def order(self, number: int = 1) -> str:
        (accepted,) = self.hub.accept(pushed(number, Placed(rx.medicine(number)), f"paid:{number}"))
        assert accepted.order_id is not None
        return accepted.order_id

    async def fetch(self, later: int = 0) -> None:
        self.hub.now += later
        await self._fetching.fetch()

    def said(self) -> list[tuple[int, str, str]]:
        return sorted((row.place, row.state, row.why) for row in self.hub.rows(tables.prescription_images))

    def digests(self, order_id: str) -> list[str]:
        return [image.digest for image in rx.now(self.hub, order_id).images]


@pytest_asyncio.fixture
async def world(hub: Hub) -> AsyncIterator[World]:
    writer = hub.writer()
    await writer.start()
    yield World(hub, writer)
    await writer.stop()


async def test_images_come_and_the_store_is_told(world: World) -> None:
    world.platform.images["1"] = ("front", "back")
    world.platform.pictures = {"front": FRONT, "back": BACK}
    order_id = world.order()
    await world.fetch()
    assert world.digests(order_id) == [rx.sha(FRONT), rx.sha(BACK)]
    assert rx.told(world.hub, order_id)[-1] == rx.now(world.hub, order_id)
    asked = len(rx.told(world.hub, order_id))
    await world.fetch(HOUR)
    assert len(rx.told(world.hub, order_id)) == asked, "nothing is left to ask"


async def test_a_late_image_is_asked_for_until_it_is_there(world: World) -> None:
    world.platform.images["1"] = ()
    order_id = world.order()
    await world.fetch()
    assert world.said() == [(0, "waiting", NOT_THERE_YET)]
    await world.fetch()
    assert world.hub.row(tables.prescription_images).attempts == 1, "not before its time"
    for attempt in range(2, 5):
        await world.fetch(images.LONGEST_WAIT)
        assert world.hub.row(tables.prescription_images).attempts == attempt
    world.platform.images["1"], world.platform.pictures = ("front",), {"front": FRONT}
    await world.fetch(images.LONGEST_WAIT)
    assert world.digests(order_id) == [rx.sha(FRONT)]


async def test_a_picture_that_fails_is_fetched_again(world: World) -> None:
    world.platform.images["1"], world.platform.pictures = ("front",), {"front": FRONT}
    world.platform.failing = [Down("HTTP 503"), Down("HTTP 503"), Down("HTTP 503")]
    order_id = world.order()
    await world.fetch()
    assert world.said()[1] == (1, "waiting", "HTTP 503")
    for _ in range(3):
        await world.fetch(images.LONGEST_WAIT)
    assert world.digests(order_id) == [rx.sha(FRONT)]


async def test_what_the_platform_asks_for_is_waited(world: World) -> None:
    error = Down("711 throttled")
    error.retry_after = 1000.0
    world.platform.images["1"], world.platform.pictures, world.platform.failing = ("front",), {"front": FRONT}, [error]
    order_id = world.order()
    await world.fetch()
    await world.fetch(900 * SECOND)
    assert world.digests(order_id) == []
    await world.fetch(200 * SECOND)
    assert world.digests(order_id) == [rx.sha(FRONT)]


@pytest.mark.parametrize("content", [b"<html>404</html>", b"\x89PNG\r\n\x1a\n" + bytes(8 * 1024 * 1024)])
async def test_what_is_no_picture_fails_for_good_and_a_person_may_ask_again(world: World, content: bytes) -> None:
    world.platform.images["1"], world.platform.pictures = ("front",), {"front": content}
    order_id = world.order()
    await world.fetch()
    place, state, why = world.said()[1]
    assert (place, state) == (1, "failed") and why
    world.platform.pictures = {"front": FRONT}
    await world.fetch(HOUR)
    assert world.digests(order_id) == []
    prescription_id = rx.now(world.hub, order_id).prescription_id
    with world.hub.transaction() as tx:
        images.again(tx, prescription_id)
    await world.fetch()
    assert world.digests(order_id) == [rx.sha(FRONT)]


async def test_asking_again_brings_what_is_new_and_nothing_twice(world: World) -> None:
    world.platform.images["1"], world.platform.pictures = ("front",), {"front": FRONT, "back": BACK}
    order_id = world.order()
    await world.fetch()
    world.platform.images["1"] = ("front", "back")
    prescription_id = rx.now(world.hub, order_id).prescription_id
    with world.hub.transaction() as tx:
        images.again(tx, prescription_id)
    await world.fetch()
    assert world.digests(order_id) == [rx.sha(FRONT), rx.sha(BACK)]


async def test_images_that_come_by_themselves_are_not_asked_for(world: World) -> None:
    world.order()
    await world.fetch()
    assert world.said() == [(0, "answered", "")]


async def test_a_cancelled_order_is_not_asked_for_any_more(world: World) -> None:
    world.platform.images["1"] = ()
    world.order()
    world.hub.say(1, Cancelled("1", "customer", ""), "cancelled:1")
    await world.fetch()
    assert world.said() == [(0, "failed", "its order was cancelled")]


async def test_an_erased_order_gets_no_image(world: World) -> None:
    world.platform.images["1"], world.platform.pictures = ("front",), {"front": FRONT}
    world.platform.failing = [Down("HTTP 503")]
    order_id = world.order()
    await world.fetch()
    with world.hub.transaction() as tx:
        erasing.erase(tx, order_id, by="operator")
    await world.fetch(HOUR)
    assert world.said()[1][:2] == (1, "failed")
    assert world.hub.rows(tables.blobs) == []


async def test_one_that_is_being_fetched_is_not_fetched_twice_until_its_lease_ends(world: World) -> None:
    world.platform.images["1"] = ("front",)
    world.order()
    with world.hub.transaction() as tx:
        assert len(images.due(tx, 10)) == 1
    with world.hub.transaction() as tx:
        assert images.due(tx, 10) == []
    world.hub.now += images.LEASE
    with world.hub.transaction() as tx:
        assert len(images.due(tx, 10)) == 1


async def test_an_image_of_two_orders_is_the_firsts(world: World) -> None:
    for number in ("1", "2"):
        world.platform.images[number] = ("front",)
    world.platform.pictures = {"front": FRONT}
    first, second = world.order(1), world.order(2)
    await world.fetch()
    used = {order_id: rx.now(world.hub, order_id).used_by for order_id in (first, second)}
    assert sorted(map(bool, used.values())) == [False, True]
    assert {used[first], used[second]} <= {"", first, second} and used[first] != first


def test_waits_grow_and_are_spread(hub: Hub) -> None:
    waits = []
    for attempts in (0, 3, 20):
        with hub.transaction() as tx:
            waits.append([wait(tx, attempts, 5 * SECOND, 5 * MINUTE, None) for _ in range(50)])
    assert max(waits[0]) <= 5 * SECOND < max(waits[1]) <= 40 * SECOND < max(waits[2]) <= 5 * MINUTE
    assert len(set(waits[2])) > 40
