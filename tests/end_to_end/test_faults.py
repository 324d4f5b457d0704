"""What dies, and what may not: kill -9 of real processes at the worst moments, paper out, a crowd at the last box."""

import threading
import time

import httpx
import pytest

from benchmarks import pushes
from installer.demo.processes import Program
from installer.demo.world import World
from tests.end_to_end.meituan import Meituan
from tests.end_to_end.shop import Shop
from tests.end_to_end.store_page import HubDesk
from tests.end_to_end.test_one_order import at_hub
from tests.waiting import eventually, never


def test_agent_killed_between_receiving_and_printing(shop: Shop, meituan: Meituan) -> None:
    shop.printer.fault("paper_out")
    placed = meituan.order("S001", ("M0001", 1))
    eventually(lambda: shop.order(placed["day_seq"])["card"]["slip"] == "held", "the slip is held")
    shop.agent.kill()
    shop.printer.fault(None)
    never(lambda: shop.slips_of(placed["day_seq"]), "paper without an agent", for_=0.5)
    shop.agent.start()
    shop.agent.wait_ready()
    eventually(lambda: shop.slips_of(placed["day_seq"]), "the slip after the restart")
    never(lambda: len(shop.slips_of(placed["day_seq"])) > 1, "a second slip", for_=1.0)


def test_agent_killed_while_its_slip_is_on_the_way_asks_instead_of_printing_twice(shop: Shop, meituan: Meituan) -> None:
    shop.printer.fault("paper_out", after_lines=3)
    placed = meituan.order("S001", ("M0001", 1))
    eventually(lambda: shop.order(placed["day_seq"])["card"]["slip"] == "confirming", "the slip on its way")
    shop.agent.kill()
    shop.agent.start()
    shop.agent.wait_ready()
    eventually(lambda: shop.order(placed["day_seq"])["card"]["slip"] == "unknown", "nobody knows")
    shop.printer.fault(None)
    eventually(lambda: shop.slips_of(placed["day_seq"]), "the printer had it all the time")
    never(lambda: len(shop.slips_of(placed["day_seq"])) > 1, "a second slip", for_=1.5)
    shop.scan(shop.order(placed["day_seq"])["code"])
    eventually(lambda: shop.order(placed["day_seq"])["card"]["slip"] == "printed", "its own code proves it")


def test_paper_out_at_first_is_said_and_printing_resumes_by_itself(shop: Shop, meituan: Meituan) -> None:
    shop.printer.fault("paper_out")
    placed = meituan.order("S001", ("M0004", 1))
    eventually(lambda: shop.order(placed["day_seq"])["card"]["slip"] == "held", "held")
    printer = shop.page.get("/api/state")["printers"][0]
    assert (printer["state"], printer["cause"]) == ("blocked", "paper_out")
    shop.printer.fault(None)
    eventually(lambda: shop.slips_of(placed["day_seq"]), "printed")
    never(lambda: len(shop.slips_of(placed["day_seq"])) > 1, "a second slip", for_=1.0)


def test_hub_killed_between_commit_and_answer(world: World, shop: Shop, meituan: Meituan, desk: HubDesk) -> None:
    world.hub.stop()
    dying = Program(
        "dying hub",
        "tests.end_to_end.dying_hub",
        [*world.hub_config, "serve"],
        world.data / "logs/dying-hub.log",
        world.health,
    )
    dying.start()
    dying.wait_ready()
    placed = meituan.order("S001", ("M0004", 1), wait=False)
    eventually(lambda: not dying.running, "the hub died with the order committed")
    dying.stop()
    world.hub.start()
    world.hub.wait_ready()
    eventually(lambda: shop.slips_of(placed["day_seq"]), "the slip")
    eventually(
        lambda: meituan.seen(placed["order_id"])["push_answered"], "the platform's retry is answered", within=90.0
    )
    found = desk.get(f"/api/orders?store=S001&channel=meituan&day_number={placed['day_seq']}")["orders"]
    assert len(found) == 1
    never(lambda: len(shop.slips_of(placed["day_seq"])) > 1, "a second slip", for_=1.0)


def test_hub_gone_the_store_picks_on_and_tells_later(world: World, shop: Shop, meituan: Meituan, desk: HubDesk) -> None:
    placed = meituan.order("S001", ("M0006", 1))
    view = shop.order(placed["day_seq"])
    world.hub.kill()
    shop.scan(view["code"])
    shop.scan(shop.fresh_code("M0006"))
    shop.until_picked(placed["day_seq"])
    assert shop.page.get("/api/state")["outbox"]["depth"] > 0
    world.hub.start()
    world.hub.wait_ready()
    eventually(lambda: meituan.seen(placed["order_id"])["picked"], "the platform hears of it")
    order = at_hub(desk, "S001", placed["day_seq"])
    assert order is not None
    assert order["state"] == "picked"


def test_thirty_buyers_of_ten_boxes(world: World, clerks_shop: Shop, desk: HubDesk) -> None:
    clerks_shop.page.post("/api/counts", sku="M0010", counted=10_000, reason="盘点")
    eventually(lambda: not clerks_shop.page.get("/api/state")["outbox"]["depth"], "ten boxes at the hub")
    first = 920_000_000_000_000_000 + time.time_ns() % 10**12
    bodies = [push_body(world, "S002", first + buyer, [("M0010", 1)], 8000 + buyer) for buyer in range(30)]
    answers = send_at_once(world.manifest.channels.meituan.callback_urls["paid"], bodies)
    assert answers == ['{"data":"ok"}'] * 30
    orders = [at_hub(desk, "S002", 8000 + buyer) for buyer in range(30)]
    reserved = [
        line["reserved"] for order in orders if order for line in desk.get(f"/api/orders/{order['order_id']}")["lines"]
    ]
    assert len(reserved) == 30
    assert sum(reserved) == 10_000


def test_each_push_ten_times_shuffled_is_one_effect(world: World, clerks_shop: Shop, desk: HubDesk) -> None:
    first = 930_000_000_000_000_000 + time.time_ns() % 10**12
    bodies = [push_body(world, "S002", first + place, [("M0002", 1)], 9000 + place) for place in range(6)]
    send_at_once(world.manifest.channels.meituan.callback_urls["paid"], bodies * 10)
    for place in range(6):
        found = desk.get(f"/api/orders?store=S002&channel=meituan&day_number={9000 + place}")["orders"]
        assert len(found) == 1
        assert [line["reserved"] for line in desk.get(f"/api/orders/{found[0]['order_id']}")["lines"]] == [1000]


@pytest.mark.parametrize("secret", ["somebody else's"])
def test_a_bad_signature_makes_no_order(world: World, desk: HubDesk, secret: str) -> None:
    url = world.manifest.channels.meituan.callback_urls["paid"]
    form = pushes.paid(940_000_000_000_000_001, "shop_0001", [("M0001", 1)], day_seq=9900)
    body = pushes.signed(url, form, world.secrets.app_id, secret)
    answer = post(url, body)
    assert answer.status_code == 403
    assert at_hub(desk, "S001", 9900) is None
    assert desk.get("/api/rejections")


def push_body(world: World, store: str, order_id: int, lines: pushes.Lines, day_seq: int) -> bytes:
    meituan = world.manifest.channels.meituan
    form = pushes.paid(order_id, meituan.shop_ids[store], lines, day_seq=day_seq)
    return pushes.signed(meituan.callback_urls["paid"], form, meituan.app_id, meituan.secret)


def post(url: str, body: bytes) -> httpx.Response:
    return httpx.post(
        url, content=body, headers={"Content-Type": "application/x-www-form-urlencoded"}, timeout=30.0, trust_env=False
    )


def send_at_once(url: str, bodies: list[bytes]) -> list[str]:
    """One thread each, all let go at the same moment."""
    gate = threading.Barrier(len(bodies))
    answers: list[str] = []

    def send(body: bytes) -> None:
        gate.wait()
        answers.append(post(url, body).text)

    threads = [threading.Thread(target=send, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
