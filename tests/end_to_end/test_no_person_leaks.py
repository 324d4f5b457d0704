"""Whatever the programs write while an order goes its way: nowhere does it say who bought."""

import base64
from collections.abc import Iterable
from typing import Any

from installer.demo.people import PEOPLE
from installer.demo.world import World
from tests.agent.prescriptions.drawing import prescription
from tests.contents import contents
from tests.end_to_end.meituan import Meituan
from tests.end_to_end.mini_program import order, post
from tests.end_to_end.shop import Shop
from tests.waiting import eventually

NAME, PHONE, STREET, WORDS = "欧阳朝霞", "13987654321", "密语街八十八号", "请从后门进来"
RIDER, RIDER_PHONE = "司马行空", "13712340987"
PAYS = "134567890123456789"
"""A customer's payment code on WeChat, held under the scanner by mistake."""
PATIENT, DIAGNOSIS, ALLERGY, HOSPITAL = "慕容复国", "隐疾三号", "秘密过敏原", "无名山庄医院"
IN_THE_IMAGE = "only the image of the prescription says this"


def test_no_file_says_who_bought(world: World, shop: Shop, meituan: Meituan) -> None:
    recipient = {"name": NAME, "phone": PHONE, "backup_phones": [PHONE], "address": STREET}
    placed = meituan.order("S001", ("M0005", 1), recipient=recipient, caution=f"{WORDS}，电话{PHONE}")
    slip = eventually(lambda: shop.slips_of(placed["day_seq"]), "the slip")[0]
    assert WORDS in slip.text, "a person's words did come this far, so there was something to leak"
    meituan.do(placed["order_id"], "rider", logistics_status=15, name=RIDER, mobile=RIDER_PHONE)
    meituan.do(placed["order_id"], "refund", reason=f"{NAME}不想要了")
    eventually(lambda: shop.order(placed["day_seq"])["card"]["pick"] == "paused", "the refund has come")
    eventually(lambda: shop.order(placed["day_seq"])["card"]["rider"] == "at_store", "the rider has come")
    shop.scan(PAYS)
    told = [*(member["text"] for member in shop.page.post("/api/bundle")["bundle"]["members"])]
    assert any("is paused" in text for text in told), "the log is among what support gets"
    known = (NAME, PHONE, STREET, WORDS, RIDER, RIDER_PHONE, PAYS)
    assert [secret for secret in known for text in told if secret in text] == []
    assert leaks(world, known) == []
    for text in (NAME, PHONE, STREET):
        assert text not in slip.text


def test_no_file_says_whose_prescription_it_was(world: World, shop: Shop) -> None:
    image = base64.b64encode(prescription() + IN_THE_IMAGE.encode()).decode()
    patient = {"name": PATIENT, "age": "61", "diagnosis": DIAGNOSIS, "allergies": ALLERGY, "identity_verified": True}
    told = {"patient": patient, "hospital": HOSPITAL, "images": [image]}
    lines = [{"sku": "M0001", "name": "阿莫西林胶囊", "quantity": 1, "price": 1580}]
    wanted = {**order(), "lines": lines, "prescription": told}
    number = wanted["day_number"]
    assert post(world, **wanted).json()["result"] == "understood"
    order_id = shop.order(number)["card"]["order_id"]

    def shown() -> dict[str, Any] | None:
        found = shop.page.get(f"/api/orders/{order_id}/prescriptions")["prescriptions"]
        return found[0] if found and not found[0]["unseen"] else None

    seen = eventually(shown, "the image in the store")
    wang = next(person for person in PEOPLE if person.staff_id == "wang")
    path = f"/api/prescriptions/{seen['prescription_id']}"
    shop.page.post(f"{path}/decide", approve=False, reason="患者信息不符", proof={"badge": wang.badge})
    eventually(lambda: shop.order(number)["card"]["review"] == "refused", "refused")
    page = shop.page.text(f"/prescriptions?order={order_id}")
    assert PATIENT in page and DIAGNOSIS in page, "it did come this far, so there was something to leak"
    secrets = (PATIENT, DIAGNOSIS, ALLERGY, HOSPITAL, IN_THE_IMAGE, wang.badge)
    members = [*(member["text"] for member in shop.page.post("/api/bundle")["bundle"]["members"])]
    assert [secret for secret in secrets for text in members if secret in text] == []
    assert leaks(world, secrets[:-1]) == []


def leaks(world: World, secrets: Iterable[str]) -> list[str]:
    """Which files, of which program ever, have one of them as it is."""
    return [
        f"{path.relative_to(world.data)}: {secret}"
        for path, content in contents(world.data).items()
        for secret in secrets
        if secret.encode() in content
    ]
