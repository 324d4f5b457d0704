"""Images at the hub's doors: put by the chain's own program, fetched by the store's agent in pieces, photos sent up."""

import hashlib
from collections.abc import Iterator

import httpx
import msgspec
import pytest

from domain.blobs import LARGEST
from domain.events import PrescriptionChanged, decode_body
from domain.prescriptions import Prescription
from domain.protocol import Page
from tests.cloud.shell.serving import KEY, OTHER_STORE, RunningHub

IMAGE = b"\xff\xd8\xff" + bytes(range(256)) * 1000
IMAGES = "/channels/own/orders/A1/prescription/images"


@pytest.fixture
def own(hub: RunningHub) -> httpx.Client:
    return hub.client(KEY)


@pytest.fixture
def agent(hub: RunningHub) -> httpx.Client:
    return hub.client(hub.pair())


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def told(agent: httpx.Client) -> list[Prescription]:
    """What the agent's log says of prescriptions."""
    answer = agent.get("/edge/events", params={"after": "store:S1@:0"}).raise_for_status()
    events = msgspec.json.decode(answer.content, type=Page).events
    bodies = [decode_body(event) for event in events if event.kind == PrescriptionChanged.kind]
    return [body.prescription for body in bodies if isinstance(body, PrescriptionChanged)]


def path(content: bytes) -> str:
    return f"/edge/blobs/{digest(content)}"


def test_an_image_of_the_chains_own_program_reaches_the_store(
    hub: RunningHub, own: httpx.Client, agent: httpx.Client
) -> None:
    hub.order("A1", prescription=True).raise_for_status()
    assert [one.images for one in told(agent)] == [()]
    assert agent.get(path(IMAGE)).status_code == 404
    assert own.put(IMAGES, content=IMAGE).status_code == 204
    assert own.put(IMAGES, content=IMAGE).status_code == 204, "the same again"
    assert [[image.digest for image in one.images] for one in told(agent)] == [[], [digest(IMAGE)]]
    answer = agent.get(path(IMAGE))
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, "image/jpeg", IMAGE)


@pytest.mark.parametrize(
    ("asked", "begin", "end"),
    [
        ("bytes=0-", 0, len(IMAGE)),
        ("bytes=5-", 5, len(IMAGE)),
        ("bytes=5-9", 5, 10),
        ("bytes=70000-999999999", 70000, None),
    ],
)
def test_it_comes_from_where_the_agent_asks(
    hub: RunningHub, own: httpx.Client, agent: httpx.Client, asked: str, begin: int, end: int | None
) -> None:
    hub.order("A1", prescription=True)
    own.put(IMAGES, content=IMAGE)
    answer = agent.get(path(IMAGE), headers={"Range": asked})
    assert (answer.status_code, answer.content) == (206, IMAGE[begin:end])
    assert answer.headers["content-range"] == f"bytes {begin}-{(end or len(IMAGE)) - 1}/{len(IMAGE)}"


def test_a_range_beyond_its_end_and_one_we_do_not_serve(
    hub: RunningHub, own: httpx.Client, agent: httpx.Client
) -> None:
    hub.order("A1", prescription=True)
    own.put(IMAGES, content=IMAGE)
    assert agent.get(path(IMAGE), headers={"Range": f"bytes={len(IMAGE)}-"}).status_code == 416
    whole = agent.get(path(IMAGE), headers={"Range": "bytes=-5"})
    assert (whole.status_code, whole.content) == (200, IMAGE)


def test_nobody_else_gets_it(hub: RunningHub, own: httpx.Client, agent: httpx.Client) -> None:
    hub.order("A1", prescription=True)
    own.put(IMAGES, content=IMAGE)
    assert hub.client(hub.pair(OTHER_STORE, "device-2")).get(path(IMAGE)).status_code == 404
    assert hub.client().get(path(IMAGE)).status_code == 401
    assert agent.get("/edge/blobs/../secrets").status_code == 404
    assert agent.get("/edge/blobs/abc").status_code == 404


def test_an_erased_order_has_no_image(hub: RunningHub, own: httpx.Client, agent: httpx.Client) -> None:
    order_id = hub.order("A1", prescription=True).json()["hub_order_id"]
    own.put(IMAGES, content=IMAGE)
    assert hub.operator().post(f"/api/orders/{order_id}/erase").status_code == 204
    assert agent.get(path(IMAGE)).status_code == 404
    assert own.put(IMAGES, content=IMAGE).status_code == 204
    assert agent.get(path(IMAGE)).status_code == 404


def test_what_cannot_be_an_image_is_refused(hub: RunningHub, own: httpx.Client) -> None:
    hub.order("A1", prescription=True)
    hub.order("A2", {"M2": 1})
    assert own.put(IMAGES, content=b"<html>").json()["error"] == "not_an_image"
    assert own.put(IMAGES, content=bytes(LARGEST + 1)).status_code == 413
    assert own.put(IMAGES.replace("A1", "A9"), content=IMAGE).json()["error"] == "unknown_order"
    assert own.put(IMAGES.replace("A1", "A2"), content=IMAGE).json()["error"] == "unknown_prescription"
    assert own.put("/channels/own/orders/A1", content=IMAGE).status_code == 404
    assert hub.client("wrong").put(IMAGES, content=IMAGE).status_code == 403


def test_small_images_come_in_the_order(hub: RunningHub, agent: httpx.Client) -> None:
    said = {"number": "RX1", "patient": {"name": "李小花"}, "images": ["/9j/4AAQ"]}
    hub.order("A1", prescription=said).raise_for_status()
    (one,) = told(agent)
    assert one.number == "RX1" and [image.media_type for image in one.images] == ["image/jpeg"]


@pytest.fixture
def order_id(hub: RunningHub) -> Iterator[str]:
    yield hub.order("A1").json()["hub_order_id"]


def test_a_photo_of_the_store_is_kept_once(hub: RunningHub, agent: httpx.Client, order_id: str) -> None:
    for _ in range(2):
        answer = agent.put(path(IMAGE), params={"order_id": order_id}, content=IMAGE)
        assert (answer.status_code, answer.content) == (204, b"")
    assert agent.get(path(IMAGE)).content == IMAGE
    audit = hub.operator().get(f"/api/orders/{order_id}").json()["audit"]
    assert [one["detail"] for one in audit if one["action"] == "blob.kept"] == [
        f"{digest(IMAGE)}, {len(IMAGE)} bytes"
    ] * 2


def test_a_photo_is_refused_where_it_is_not_what_it_says(hub: RunningHub, agent: httpx.Client, order_id: str) -> None:
    assert agent.put(path(b"other"), params={"order_id": order_id}, content=IMAGE).json()["error"] == "other_bytes"
    assert agent.put(path(b"text"), params={"order_id": order_id}, content=b"text").json()["error"] == "not_an_image"
    assert agent.put(path(IMAGE), params={"order_id": "nobody"}, content=IMAGE).status_code == 404
    assert agent.put(path(IMAGE), content=IMAGE).status_code == 404
    other = hub.client(hub.pair(OTHER_STORE, "device-2"))
    assert other.put(path(IMAGE), params={"order_id": order_id}, content=IMAGE).status_code == 404
    assert agent.post(path(IMAGE), content=IMAGE).status_code == 405
