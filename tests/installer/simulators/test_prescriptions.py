"""Pictures of prescriptions: drawn for every order, late and failing where the switches say so."""

import io

from PIL import Image

from tests.installer.simulators.receiver import Caller, error_code


async def addresses(caller: Caller, *order_ids: str) -> dict[str, list[str]]:
    answer = await caller.get("gw/rp/picture/list", app_poi_code="shop_0001", order_ids=",".join(order_ids))
    assert error_code(answer) is None
    return {str(row["order_id"]): row["rp_url_list"] for row in answer.json()["data"]}


async def test_each_order_has_a_picture_of_its_own(caller: Caller) -> None:
    first, second = [await caller.order(prescription=True) for _ in range(2)]
    found = await addresses(caller, first, second)
    pictures = [(await caller.client.get(urls[0])).content for urls in found.values()]
    assert [Image.open(io.BytesIO(picture)).format for picture in pictures] == ["JPEG", "JPEG"]
    assert pictures[0] != pictures[1]
    assert (await caller.client.get(found[first][0])).content == pictures[0], "the same bytes each time"


async def test_an_order_without_a_prescription_has_none(caller: Caller) -> None:
    assert await addresses(caller, await caller.order(), "17", "x") == {}
    assert (await caller.client.get(f"{caller.url}/pictures/rp/17_1.jpg")).status_code == 404
    assert (await caller.client.get(f"{caller.url}/pictures/rp/x.jpg")).status_code == 404


async def test_a_picture_may_be_late(caller: Caller) -> None:
    await caller.make("switches", picture_late_seconds=3600)
    order_id = await caller.order(prescription=True)
    assert await addresses(caller, order_id) == {}
    await caller.make("switches", picture_late_seconds=0)
    assert list(await addresses(caller, order_id)) == [order_id]


async def test_a_picture_may_fail_some_times(caller: Caller) -> None:
    order_id = await caller.order(prescription=True)
    (url,) = (await addresses(caller, order_id))[order_id]
    await caller.make("switches", picture_fails=2)
    assert [(await caller.client.get(url)).status_code for _ in range(3)] == [503, 503, 200]


async def test_a_customer_may_send_the_same_again(caller: Caller) -> None:
    first = await caller.order(prescription=True)
    second = await caller.order(prescription=True, prescription_of=int(first))
    found = await addresses(caller, first, second)
    assert found[first] == found[second]


async def test_a_medicine_that_needs_it_marks_its_order(caller: Caller) -> None:
    ordered = await caller.order("M0003", insurance=True)
    answer = await caller.get("order/getOrderDetail", order_id=ordered)
    assert answer.json()["data"]["order_tag_list"] == [8, 23]
