"""Against the platform's simulator as a real process, which makes and checks signatures with code of its own."""

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
import pytest_asyncio

from cloud.channels.base import (
    Advanced,
    Call,
    CallKind,
    CallResult,
    CallState,
    Cancelled,
    Message,
    Placed,
    Push,
    Refunded,
    RefundedLine,
    RiderCame,
    Urged,
)
from cloud.channels.meituan import MeituanChannel, Settings
from cloud.channels.meituan.errors import Later, Refused
from cloud.channels.meituan.prescriptions import allowed
from cloud.channels.meituan.settings import TOPICS
from domain.orders import OrderState, RiderState
from domain.refunds import RefundState
from domain.times import to_datetime
from tests.cloud.channels.meituan.forms import SECRET

WAIT = 60.0
DONE = CallResult(CallState.DONE)


class Hub:
    """Takes pushes as they come; `url` is what is registered."""

    def __init__(self) -> None:
        self.pushes: queue.Queue[Push] = queue.Queue()
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                path, _, query = self.path.partition("?")
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                hub.pushes.put(
                    Push("meituan", path.rpartition("/")[2], self.command, hub.url + path, query.encode(), body, {})
                )
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b'{"data":"ok"}')

            do_GET = do_POST

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    hub = Hub()
    thread = threading.Thread(target=hub.server.serve_forever, args=(0.02,))
    thread.start()
    yield hub
    hub.server.shutdown()
    thread.join()
    hub.server.server_close()


@pytest.fixture(scope="module")
def simulator(hub: Hub) -> Iterator[str]:
    """Its address."""
    medicine = {"app_medicine_code": "M1", "name": "阿莫西林胶囊", "upc": "6900000000014", "price_fen": 1250}
    config = {
        "app_id": "4012",
        "secret": SECRET,
        "control_token": "t",
        "shops": {"shop_0001": {"name": "店", "medicines": [medicine, medicine | {"app_medicine_code": "M2"}]}},
        "callback_urls": {topic: f"{hub.url}/channels/meituan/{topic}" for topic in TOPICS if topic != "shop"},
    }
    command = [sys.executable, "-m", "installer.simulators.meituan", "--port", "0", "--config", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdin and program.stdout
        program.stdin.write(json.dumps(config))
        program.stdin.close()
        yield json.loads(program.stdout.readline())["listening"]
        program.terminate()
        assert program.wait(WAIT) == 0


class World:
    """The channel, and what can be made to happen at its platform. One order at a time is listened to."""

    def __init__(self, channel: MeituanChannel, hub: Hub, simulator: str) -> None:
        self.channel, self._hub, self._order_id = channel, hub, ""
        self._control = httpx.Client(
            base_url=f"{simulator}/control/",
            headers={"Authorization": "Bearer t"},
            trust_env=False,
            timeout=30,
        )

    def do(self, path: str, **body: object) -> str:
        answer = self._control.post(path, json=body)
        assert answer.status_code == 200, answer.text
        return str(answer.json().get("order_id", ""))

    def heard(self) -> Message:
        while True:
            understood = self.channel.understand(self._hub.pushes.get(timeout=WAIT))
            if understood.channel_order_id == self._order_id:
                (message,) = understood.messages
                return message

    def order(self, **wish: object) -> str:
        lines = [{"app_medicine_code": "M1", "quantity": 2}, {"app_medicine_code": "M2"}]
        self._order_id = self.do("orders", shop="shop_0001", lines=lines, **wish)
        return self._order_id

    async def call(self, kind: CallKind, order_id: str, **more: object) -> CallResult:
        lines = (RefundedLine("M1", 1000),) if kind is CallKind.PART_REFUND else ()
        return await self.channel.call(Call(kind, "shop_0001", order_id, reason="缺货 & 100%+", lines=lines))

    def close(self) -> None:
        self._control.close()


@pytest_asyncio.fixture
async def world(hub: Hub, simulator: str) -> AsyncIterator[World]:

    settings = Settings(
        app_id="4012", secret=SECRET, base_url=f"{simulator}/api/v1/", picture_hosts=(simulator,), timeout_seconds=5.0
    )
    channel = MeituanChannel(settings, clock=lambda: int(time.time() * 1000))
    world = World(channel, hub, simulator)
    yield world
    world.close()
    await channel.close()


@pytest.mark.parametrize("encoding", ["twice", "once"])
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_paid_push_is_understood(world: World, encoding: str, method: str) -> None:
    gifts = [{"app_medicine_code": "M2", "quantity": 3}]
    order_id = world.order(gifts=gifts, encoding=encoding, method=method, caution="100%+ & =", prescription=True)
    message = world.heard()
    assert isinstance(message, Placed)
    order = message.order
    assert (order.channel_order_id, order.shop, order.prescription) == (order_id, "shop_0001", True)
    assert order.day_number > 0
    assert [(line.channel_sku, line.quantity, line.gift) for line in order.lines] == [
        ("M1", 2000, False),
        ("M2", 1000, False),
        ("M2", 3000, True),
    ]
    assert order.recipient.remark == "100%+ & ="
    assert to_datetime(order.placed_at).year >= 2026


async def test_our_calls_are_taken_and_come_back_as_pushes(world: World) -> None:
    order_id = world.order()
    world.heard()
    assert await world.call(CallKind.ACCEPT, order_id) == DONE
    confirmed = world.heard()
    assert isinstance(confirmed, Advanced)
    assert confirmed.state is OrderState.ACCEPTED
    assert (await world.call(CallKind.ACCEPT, order_id)).state is CallState.ALREADY
    assert await world.call(CallKind.PICKED, order_id) == DONE
    assert world.heard() == Advanced(order_id, OrderState.PICKED, None)
    assert await world.call(CallKind.CANCEL, order_id) == DONE
    cancelled = world.heard()
    assert isinstance(cancelled, Cancelled)
    assert cancelled.by == "store"
    assert (await world.call(CallKind.ACCEPT, "1")).state is CallState.REFUSED


@pytest.mark.parametrize(
    ("kind", "state"),
    [(CallKind.AGREE_REFUND, RefundState.AGREED), (CallKind.REFUSE_REFUND, RefundState.REFUSED)],
)
async def test_a_refund_is_answered(world: World, kind: CallKind, state: RefundState) -> None:
    order_id = world.order()
    world.heard()
    world.do(f"orders/{order_id}/refund", lines=[{"app_medicine_code": "M1", "quantity": 1}])
    asked = world.heard()
    assert isinstance(asked, Refunded)
    assert (asked.state, asked.full, asked.lines) == (RefundState.ASKED, False, (RefundedLine("M1", 1000),))
    assert await world.call(kind, order_id) == DONE
    answered = world.heard()
    assert isinstance(answered, Refunded)
    assert (answered.state, answered.refund_id) == (state, asked.refund_id)


async def test_a_part_refund_of_ours(world: World) -> None:
    order_id = world.order()
    world.heard()
    assert await world.call(CallKind.PART_REFUND, order_id) == DONE
    states = []
    for _ in range(2):
        message = world.heard()
        assert isinstance(message, Refunded)
        states.append((message.state, message.full))
    assert states == [(RefundState.AGREED, False), (RefundState.PAID, False)]


async def test_stock_is_told(world: World) -> None:
    stock = Call(CallKind.STOCK, "shop_0001", stock=(("M1", 7), ("M2", 0)))
    assert await world.channel.call(stock) == DONE
    unknown = Call(CallKind.STOCK, "shop_0001", stock=(("M1", 7), ("M9", 1)))
    assert await world.channel.call(unknown) == CallResult(CallState.DONE, "rows refused: 3004 ×1")


async def test_a_sweep_finds_what_no_push_brought(world: World) -> None:
    lost = world.order(push=False)
    found = [message async for message in world.channel.sweep("shop_0001", 0)]
    detail = await world.channel.detail(lost)
    assert detail is not None
    assert found.count(Placed(detail)) == 1


def test_riders_and_reminders(world: World) -> None:
    order_id = world.order()
    world.heard()
    world.do(f"orders/{order_id}/confirm", push=False)
    world.do(f"orders/{order_id}/rider", logistics_status=15)
    came = world.heard()
    assert isinstance(came, RiderCame)
    assert came.state is RiderState.AT_STORE
    world.do(f"orders/{order_id}/urge")
    assert world.heard() == Urged(order_id)


async def test_a_prescriptions_picture_is_found_and_fetched(world: World) -> None:
    order_id = world.order(prescription=True)
    (address,) = await world.channel.prescription_images("shop_0001", order_id)
    assert (await world.channel.picture(address)).startswith(b"\xff\xd8\xff")
    world.do("switches", picture_fails=1)
    with pytest.raises(Later):
        await world.channel.picture(address)
    assert await world.channel.prescription_images("shop_0001", world.order()) == ()
    with pytest.raises(Later, match="404"):
        await world.channel.picture(address.replace(order_id, "17"))
    with pytest.raises(Refused, match="picture_hosts"):
        await world.channel.picture("https://elsewhere.example.com/rp/1.jpg")


@pytest.mark.parametrize(
    ("url", "yes"),
    [
        ("https://p0.meituan.net/rp/1.jpg", True),
        ("https://meituan.net/rp/1.jpg", True),
        ("http://p0.meituan.net/rp/1.jpg", False),
        ("https://p0.meituan.net:8443/rp/1.jpg", False),
        ("https://evilmeituan.net/rp/1.jpg", False),
        ("https://meituan.net.evil.example/rp/1.jpg", False),
        ("https://meituan.net@evil.example/rp/1.jpg", False),
        ("https://user@p0.meituan.net/rp/1.jpg", False),
        ("http://127.0.0.1:8700/pictures/1.jpg", True),
        ("http://127.0.0.1:8701/pictures/1.jpg", False),
        ("https://127.0.0.1:8700/pictures/1.jpg", False),
        ("file:///etc/passwd", False),
        ("https://[::1", False),
        ("", False),
    ],
)
def test_pictures_come_from_allowed_hosts_only(url: str, yes: bool) -> None:
    assert allowed(url, ("meituan.net", "http://127.0.0.1:8700")) is yes
