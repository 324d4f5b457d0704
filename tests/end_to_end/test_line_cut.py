"""A store whose line is cut: it works on, says so, and when the line returns everything flows both ways by itself. What
collided meanwhile is an exception with its choices, never a refused fact.

One cut for all tests: a store tries its hub again within seconds at first, and less often the longer it is gone.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from installer.demo.world import World
from tests.end_to_end.meituan import Meituan
from tests.end_to_end.shop import Shop
from tests.end_to_end.store_page import HubDesk
from tests.end_to_end.test_one_order import at_hub
from tests.faults.lanes import Way
from tests.faults.proxy import FaultProxy
from tests.waiting import eventually, never

STORE = "S001"
BACK_S = 120.0


class Scene:
    """The store and the platform around the cut. Orders are as the platform placed them."""

    def __init__(self, world: World) -> None:
        self.world, self.shop, self.meituan = world, Shop(world, STORE), Meituan(world)
        self.desk = HubDesk(world.hub_url, world.manifest.hub.operator_token)
        self.meituan.switch(auto_rider=False, retry_delays=[0.5, 1.0, 2.0, 4.0])

    def close(self) -> None:
        self.shop.page.close()
        self.meituan.close()
        self.desk.close()

    def pick_and_hand_over(self, placed: dict[str, Any], *skus: str) -> str:
        """Returns the order's id."""
        number = placed["day_seq"]
        self.shop.scan(self.shop.order(number)["code"])
        for sku in skus:
            self.shop.scan(self.shop.fresh_code(sku))
        picked = self.shop.until_picked(number)
        order_id: str = picked["card"]["order_id"]
        self.shop.page.post(f"/api/orders/{order_id}/hand-over", boxed=False)
        return order_id

    def told(self) -> bool:
        """The line is there, and nothing waits to be sent."""
        state = self.shop.page.get("/api/state")
        return bool(state["line"]["state"] == "online" and state["outbox"]["depth"] == 0)

    def state_at_hub(self, placed: dict[str, Any]) -> str:
        order = at_hub(self.desk, STORE, placed["day_seq"])
        return "" if order is None else order["state"]

    def exception(self, order_id: str) -> dict[str, Any] | None:
        rows = self.desk.get("/api/exceptions")
        return next((row for row in rows if row["order_id"] == order_id), None)


@dataclass(frozen=True, slots=True)
class Cut:
    """What was done and said while the line was cut; by now it is back, and everything is told."""

    scene: Scene
    sold: dict[str, Any]
    sold_id: str
    steps: list[str]
    """Of that order, by their hashes, as the store wrote them down in the cut."""
    doomed_id: str
    later: dict[str, Any]
    last_box_id: str
    before: dict[tuple[str, str], int]
    meanwhile: dict[tuple[str, str], int]
    depth: int
    page: str
    tray: str
    back: tuple[str, str]
    """What both said when it was over."""


@pytest.fixture(scope="module")
def scene(world: World) -> Iterator[Scene]:
    opened = Scene(world)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def cut(scene: Scene, lines: dict[str, FaultProxy]) -> Cut:
    shop, meituan, line = scene.shop, scene.meituan, lines[STORE]
    shop.page.post("/api/counts", sku="M0012", counted=1000, reason="盘点")
    sold, doomed = meituan.order(STORE, ("M0006", 2)), meituan.order(STORE, ("M0009", 1))
    for placed in (sold, doomed):
        shop.order(placed["day_seq"])
    eventually(scene.told, "all is told before the cut", within=BACK_S)
    before = scene.world.on_hand()
    line.set(Way(refused=True))
    line.reset()
    try:
        eventually(lambda: shop.page.get("/api/state")["line"]["state"] == "offline", "the store knows")
        sold_id = scene.pick_and_hand_over(sold, "M0006", "M0006")
        doomed_id = scene.pick_and_hand_over(doomed, "M0009")
        shop.page.post("/api/sales", lines=[{"sku": "M0007", "quantity": 3000}, {"sku": "M0012", "quantity": 1000}])
        shop.page.post("/api/counts", sku="M0008", counted=17_000, reason="盘点")
        meituan.do(doomed["order_id"], "cancel")
        later, last_box = meituan.order(STORE, ("M0005", 1)), meituan.order(STORE, ("M0012", 1))
        promised = eventually(lambda: at_hub(scene.desk, STORE, last_box["day_seq"]), "the last box, promised")
        eventually(lambda: scene.state_at_hub(doomed) == "cancelled", "cancelled at the hub")
        never(lambda: shop.card(later["day_seq"]), "an order over a cut line", for_=0.3)
        eventually(lambda: "断开" in shop.page.get("/api/tray")["headline"], "it lasts and is told", within=120)
        tray = shop.page.get("/api/tray")
        done = partial(
            Cut,
            scene, sold, sold_id, trail(scene.world.data / "stores" / STORE / "work.db", sold_id), doomed_id, later,
            promised["order_id"], before, scene.world.on_hand(), shop.page.get("/api/state")["outbox"]["depth"],
            shop.page.text("/"), in_words(tray),
        )  # fmt: skip
    finally:
        line.heal()
    eventually(scene.told, "all of it is told", within=BACK_S)
    return done(back=(shop.page.text("/"), in_words(shop.page.get("/api/tray"))))


def test_page_and_tray_say_since_when_and_how_much_waits(cut: Cut) -> None:
    assert cut.depth >= 6
    for said in (cut.page, cut.tray):
        assert "与总部断开，门店照常工作" in said
        assert f"{cut.depth} 条待上传" in said
        assert "现在不行：收新订单" in said and "全部保存在本机" in said and "交接 2" in said


def test_page_and_tray_say_that_it_is_over_and_what_was_sent(cut: Cut) -> None:
    for said in cut.back:
        found = re.search(r"与总部的连接已恢复（断开了 \d+ 分钟），(\d+) 条已补传完", said)
        assert found is not None and int(found[1]) >= cut.depth


def test_everything_flows_both_ways_when_the_line_returns(cut: Cut) -> None:
    scene, after = cut.scene, cut.scene.world.on_hand()
    assert cut.meanwhile == cut.before, "the hub had not heard of anything"
    assert eventually(lambda: scene.shop.slips_of(cut.later["day_seq"]), "the order that came meanwhile prints")
    assert scene.state_at_hub(cut.sold) == "handed_over"
    assert after[STORE, "M0006"] == cut.before[STORE, "M0006"] - 2
    assert after[STORE, "M0007"] == cut.before[STORE, "M0007"] - 3
    assert after[STORE, "M0008"] == 17


def test_headquarters_sees_what_happened_in_its_order(cut: Cut) -> None:
    told = trail(cut.scene.world.hub_folder / "hub.db", cut.sold_id)
    assert len(cut.steps) >= 4
    assert told == cut.steps


def test_cancelled_after_it_was_handed_over_is_an_exception(cut: Cut) -> None:
    exception = eventually(lambda: cut.scene.exception(cut.doomed_id), "a person at headquarters is asked")
    assert (exception["kind"], exception["choices"]) == ("cancelled_late", ["seen"])
    clerks = eventually(lambda: cut.scene.shop.page.get(f"/api/orders/{cut.doomed_id}")["exceptions"], "in the store")
    assert clerks[0]["exception"]["kind"] == "cancelled_late"
    assert "已被取走就向平台申诉" in cut.scene.desk.text("/exceptions")
    assert "骑手已取走就报总部" in cut.scene.shop.page.text(f"/orders/{cut.doomed_id}")
    lines = cut.scene.desk.get(f"/api/orders/{cut.doomed_id}")["lines"]
    assert len(lines[0]["codes"]) == 1, "what went out of the house is known"


def test_the_last_box_sold_twice_is_an_exception(cut: Cut) -> None:
    exception = eventually(lambda: cut.scene.exception(cut.last_box_id), "somebody decides")
    assert exception["kind"] == "oversold"
    assert set(exception["choices"]) == {"found", "part_refund", "cancel"}
    eventually(lambda: cut.scene.shop.page.get(f"/api/orders/{cut.last_box_id}")["exceptions"], "in the store")
    assert "订单占用的货已被门店卖掉" in cut.scene.desk.text("/exceptions")
    assert "货架上还有就填实数" in cut.scene.shop.page.text(f"/orders/{cut.last_box_id}")


def test_headquarters_sees_the_store_and_has_it_examine_itself(cut: Cut) -> None:
    desk, path = cut.scene.desk, f"/api/fleet/{STORE}"
    before = desk.get(path)["member"]["diagnosed_at"] or 0
    desk.post(f"{path}/diagnose")
    fresh = eventually(
        lambda: found if ((found := desk.get(path))["member"]["diagnosed_at"] or 0) > before else None,
        "the store examined itself and reported", within=120,
    )  # fmt: skip
    assert (fresh["member"]["standing"], fresh["asked"]) == ("online", None)
    assert "doctor" in {job["name"] for job in fresh["report"]["jobs"]}


def test_no_fact_of_the_cut_was_refused(cut: Cut) -> None:
    with reading(cut.scene.world.data / "stores" / STORE / "work.db") as db:
        assert db.execute("SELECT kind, reason FROM outbox WHERE state NOT IN ('pending', 'done')").fetchall() == []
        assert db.execute("SELECT count(*) FROM outbox").fetchone()[0] >= cut.depth


def in_words(tray: dict[str, Any]) -> str:
    return "\n".join([tray["headline"], *tray["lines"]])


def trail(path: Path, order_id: str) -> list[str]:
    """Until it was handed over: what is printed after that is told with whatever comes next."""
    query = """SELECT hash FROM trail WHERE order_id = ?1
        AND seq <= (SELECT max(seq) FROM trail WHERE order_id = ?1 AND kind = 'handed_over') ORDER BY seq"""
    with reading(path) as db:
        return [row[0] for row in db.execute(query, (order_id,))]


def reading(path: Path) -> "closing[sqlite3.Connection]":
    return closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True))
