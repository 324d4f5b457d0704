"""Whatever the programs write while an order goes its way: nowhere does it say who bought."""

from installer.demo.world import World
from tests.end_to_end.meituan import Meituan
from tests.end_to_end.shop import Shop
from tests.end_to_end.waiting import eventually

NAME, PHONE, STREET, WORDS = "欧阳朝霞", "13987654321", "密语街八十八号", "请从后门进来"
RIDER, RIDER_PHONE = "司马行空", "13712340987"
PAYS = "134567890123456789"
"""A customer's payment code on WeChat, held under the scanner by mistake."""


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
    secrets = [text.encode() for text in known]
    leaks = [
        f"{path.relative_to(world.data)}: {secret.decode()}"
        for path in world.data.rglob("*")
        if path.is_file()
        for secret in secrets
        if secret in path.read_bytes()
    ]
    assert leaks == []
    for text in (NAME, PHONE, STREET):
        assert text not in slip.text
