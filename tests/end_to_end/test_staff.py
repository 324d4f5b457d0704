"""A colleague's way through the chain: named at headquarters, known in the stores, gone with one word; a badge and a
PIN are written down nowhere."""

from typing import Any

import httpx

from installer.demo.world import World
from tests.contents import contents
from tests.end_to_end.shop import Shop
from tests.end_to_end.store_page import HubDesk
from tests.waiting import eventually

NAME, PIN, NEW_PIN = "诸葛青", "582947", "736251"


def knows_all(shop: Shop) -> bool:
    """The badge was told before the PIN."""
    staff: list[dict[str, Any]] = shop.page.get("/api/staff")["staff"]
    return any(one["name"] == NAME and one["pin"] for one in staff)


def refused(shop: Shop, proof: dict[str, str]) -> bool:
    try:
        shop.page.post("/api/staff/sign-in", proof=proof)
    except httpx.HTTPStatusError as error:
        return bool(error.response.json()["error"] == "wrong_proof")
    return False


def actor(shop: Shop) -> str:
    return str(shop.page.get("/api/staff")["actor"]["name"])


def test_from_the_first_badge_to_the_last_day(world: World, shop: Shop, clerks_shop: Shop, desk: HubDesk) -> None:
    desk.post("/api/staff", staff_id="zhuge", name=NAME, roles=["picker"])
    badge = desk.post("/api/staff/zhuge/badge")["code"]
    desk.post("/api/staff/zhuge/pin", pin=PIN)
    eventually(lambda: knows_all(shop) and knows_all(clerks_shop), "both stores know the colleague")
    shop.scan(badge)
    eventually(lambda: actor(shop) == NAME, "the scanner's badge signs in the page beside it")
    shop.page.post("/api/staff/sign-out")
    assert actor(shop) == ""
    clerks_shop.page.post("/api/staff/pin", proof={"staff_id": "zhuge", "pin": PIN}, pin=NEW_PIN)
    eventually(lambda: refused(shop, {"staff_id": "zhuge", "pin": PIN}), "the old PIN is dead in the other store")
    shop.page.post("/api/staff/sign-in", proof={"staff_id": "zhuge", "pin": NEW_PIN})
    assert actor(shop) == NAME
    told = [member["text"] for member in shop.page.post("/api/bundle")["bundle"]["members"]]
    desk.post("/api/staff/zhuge/remove")
    eventually(lambda: actor(shop) == "", "who left is signed out")
    assert refused(shop, {"badge": badge}) and refused(shop, {"staff_id": "zhuge", "pin": NEW_PIN})
    secrets = (badge, PIN, NEW_PIN, "$argon2id$")
    assert [secret for secret in secrets for text in told if secret in text] == [], "in the support bundle"
    leaks = [
        f"{path.relative_to(world.data)}: {secret}"
        for path, content in contents(world.data).items()
        for secret in secrets[:3]
        if secret.encode() in content
    ]
    assert leaks == []
