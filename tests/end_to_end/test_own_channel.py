"""The chain's own mini-program: a second channel through the same seam."""

from installer.demo.world import World
from tests.end_to_end.mini_program import order, post
from tests.end_to_end.shop import Shop
from tests.end_to_end.store_page import HubDesk
from tests.waiting import eventually


def test_an_order_of_the_mini_program_prints_and_is_cancelled(world: World, shop: Shop, desk: HubDesk) -> None:
    wanted = order()
    number = wanted["day_number"]
    assert post(world, **wanted).json()["result"] == "understood"
    assert post(world, **wanted).json()["result"] == "repeated"
    eventually(lambda: shop.slips_of(number, "小程序"), "the slip")
    assert post(world, f"/{wanted['order_id']}/cancel", by="customer").status_code == 200
    eventually(lambda: shop.order(number)["card"]["state"] == "cancelled", "cancelled in the store")
    eventually(lambda: len(shop.slips_of(number, "小程序")) == 2, "the stop slip")


def test_a_wrong_key_and_a_misspelt_field_are_told_apart(world: World) -> None:
    assert post(world, key="wrong", **order()).status_code == 403
    misspelt = post(world, **{**order(), "totall": 1})
    assert misspelt.status_code == 422
    assert "totall" in misspelt.json()["message"]
