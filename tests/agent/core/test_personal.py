"""Personal data: only in the sealed table, never in clear in any file, and masked wherever it is shown."""

import msgspec

from agent import personal
from agent.files import WorkFile
from agent.order_view import order_view
from agent.personal import MaskedRecipient, masked
from domain.events import OrderPlaced, RefundChanged
from domain.personal import Personal, Recipient, Rider, Words, refund_reason
from domain.refunds import Refund, RefundState
from tests.agent.core.conftest import MASTER_KEY
from tests.agent.core.hub import NOON, Hub, order, person

ZHANG = Recipient(
    "张三丰", "13812345678", "13987654321", "人民路一百号", "张三丰：138 1234-5678 请打电话，或 13700001111"
)
RIDER = Rider("李逍遥", "13611112222")
SECRETS = ("张三丰", "13812345678", "13987654321", "人民路", "李逍遥", "13611112222", "过敏", "13700001111")


def records() -> tuple[Personal, ...]:
    return (
        person("o1", ZHANG),
        Personal("o1", "rider", msgspec.Raw(msgspec.json.encode(RIDER))),
        Personal("o1", refund_reason("r1"), msgspec.Raw(msgspec.json.encode(Words("张三丰过敏 13812345678")))),
    )


def test_no_file_holds_it_in_clear(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderPlaced(order()), personal=records())
    found = {
        (path.name, secret)
        for path in work.path.parent.iterdir()
        for secret in SECRETS
        for coded in (secret.encode(), secret.encode("utf-16-le"), msgspec.json.encode(secret)[1:-1])
        if coded in path.read_bytes()
    }
    assert found == set()
    assert any(b"o1" in path.read_bytes() for path in work.path.parent.iterdir()), "the search does look into the files"


def test_shown_masked(hub: Hub, work: WorkFile) -> None:
    refund = RefundChanged(Refund("r1", "o1", True, RefundState.ASKED, 1, NOON))
    hub.tell(OrderPlaced(order()), refund, personal=records())
    view = work.read(lambda reading: order_view(reading, "o1"))
    assert view.person == MaskedRecipient("张**", "138****5678", "张**：138****5678 请打电话，或 137****1111")
    assert (view.rider.name, view.rider.phone) == ("李**", "136****2222")
    assert view.refunds[0].reason == "张**过敏 138****5678"
    assert not any(secret.encode() in msgspec.json.encode(view) for secret in SECRETS if secret != "过敏")


def test_a_privacy_number_is_shown_whole() -> None:
    assert masked(Recipient("测试", "13800000000_1234")).phone == "13800000000转1234"


def test_erasing_destroys_the_key_and_leaves_the_order(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderPlaced(order()), personal=records())
    work.write(lambda tx: personal.erase(tx, "o1"))
    assert work.read(lambda reading: order_view(reading, "o1")).person == MaskedRecipient()


def test_a_newer_record_replaces_the_older(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderPlaced(order()), personal=records())
    hub.tell(OrderPlaced(order("o2")), personal=(person("o1", Recipient("王五")),))
    assert work.read(lambda reading: personal.recipient(reading, "o1")).name == "王**"


def test_another_master_key_opens_nothing_and_stops_nothing(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderPlaced(order()), personal=records())
    work.close()
    with WorkFile(work.path, master_key=MASTER_KEY[::-1]) as stranger:
        assert stranger.read(lambda reading: order_view(reading, "o1")).person == MaskedRecipient()


def test_a_record_moved_to_another_order_does_not_open(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderPlaced(order()), OrderPlaced(order("o2")), personal=records())
    work.write(lambda tx: tx.db.execute("UPDATE personal SET order_id = 'o2'").rowcount)
    work.write(lambda tx: tx.db.execute("UPDATE personal_keys SET order_id = 'o2'").rowcount)
    assert work.read(lambda reading: personal.recipient(reading, "o2")) == MaskedRecipient()
