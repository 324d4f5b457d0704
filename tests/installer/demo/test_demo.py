"""`yaolink-demo` as a newcomer runs it."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from tests.ports import free_port
from tests.waiting import eventually

DEMO = [sys.executable, "-m", "installer.demo.cli"]


@contextmanager
def running(data: Path, *options: str) -> Iterator["subprocess.Popen[str]"]:
    demo = subprocess.Popen(
        [*DEMO, "--data", str(data), *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield demo
    finally:
        demo.send_signal(signal.SIGINT)
        demo.communicate(timeout=90)


def manifest(data: Path, since: float) -> dict[str, Any]:
    path = data / "demo.json"

    def written() -> dict[str, Any]:
        """The last one's goes at the start: at any moment of our looking."""
        with suppress(FileNotFoundError):
            if path.stat().st_mtime >= since:
                found: dict[str, Any] = json.loads(path.read_bytes())
                return found
        return {}

    return eventually(written, "demo.json is written", within=90)


def orders(described: dict[str, Any]) -> list[str]:
    return [order["order_id"] for order in board(described)]


def board(described: dict[str, Any]) -> list[dict[str, Any]]:
    hub = described["hub"]
    answer = httpx.get(
        f"{hub['url']}/api/orders",
        headers={"Authorization": f"Bearer {hub['operator_token']}"},
        trust_env=False,
        timeout=30,
    )
    found: list[dict[str, Any]] = answer.raise_for_status().json()["orders"]
    return found


def place(described: dict[str, Any], order_id: str) -> None:
    own = described["channels"]["own"]
    body = {
        "order_id": order_id,
        "shop": described["stores"][0]["id"],
        "placed_at": "2026-11-21T08:00:00+08:00",
        "total": 600,
        "lines": [{"sku": "M0002", "name": "酒精", "quantity": 1, "price": 600}],
    }
    headers = {"Authorization": f"Bearer {own['api_key']}"}
    httpx.post(own["orders_url"], json=body, headers=headers, trust_env=False, timeout=30).raise_for_status()


def sell(described: dict[str, Any], sku: str) -> None:
    """One unit over the counter of the first store, until the hub knows it."""
    store = described["stores"][0]
    headers = {"Authorization": f"Bearer {Path(store['token_file']).read_text()}"}
    with httpx.Client(base_url=store["api_url"], headers=headers, trust_env=False, timeout=30) as client:
        client.post("/api/sales", json={"lines": [{"sku": sku, "quantity": 1000}]}).raise_for_status()
        deadline = time.monotonic() + 60
        while client.get("/api/state").json()["outbox"]["depth"]:
            assert time.monotonic() < deadline, "the sale did not reach the hub"
            time.sleep(0.1)


def test_it_starts_stops_whole_and_goes_on_where_it_was(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(data, "--hub-port", "0", "--no-simulator", "--quiet") as demo:
        first = manifest(data, 0.0)
        assert stat.S_IMODE((data / "demo.json").stat().st_mode) == 0o600
        assert set(first["channels"]["meituan"]["callback_urls"]) >= {"paid", "cancelled", "refund"}
        for store in first["stores"]:
            for _ in range(2):  # today and an hour later
                opened = httpx.get(store["page_url"], follow_redirects=True, trust_env=False, timeout=30)
                assert (opened.status_code, str(opened.url)) == (200, f"{store['api_url']}/")
            keyless = httpx.get(store["page_url"].partition("?")[0], trust_env=False, timeout=30)
            assert (keyless.status_code, "location" in keyless.headers) == (404, False)
            assert {"sku", "name", "barcode", "trace_prefix", "on_hand"} == set(store["skus"][0])
        place(first, "D1")
        sell(first, "M0001")
        before = orders(first)
        children = Path(f"/proc/{demo.pid}/task/{demo.pid}/children").read_text(encoding="ascii").split()
        assert len(children) == 3, "a hub and two agents"
    assert demo.returncode == 0
    assert not [child for child in children if Path(f"/proc/{child}").exists()]

    again_from = time.time()
    with running(data, "--hub-port", "0", "--no-simulator", "--quiet"):
        second = manifest(data, again_from)
        assert orders(second) == before
        on_hand = {sku["sku"]: sku["on_hand"] for sku in second["stores"][0]["skus"]}
        assert (on_hand["M0001"], on_hand["M0003"]) == (39, 40)
        place(second, "D2")
        assert len(orders(second)) == 2
        deadline = time.monotonic() + 60
        while not all(order["printed_at"] for order in board(second)):
            assert time.monotonic() < deadline, "the hub's new address did not reach the agents"
            time.sleep(0.1)


def test_a_killed_program_is_started_again(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(data, "--hub-port", "0", "--no-simulator") as demo:
        described = manifest(data, 0.0)
        children = Path(f"/proc/{demo.pid}/task/{demo.pid}/children").read_text(encoding="ascii").split()
        os.kill(int(children[0]), signal.SIGKILL)
        deadline = time.monotonic() + 60
        while True:
            try:
                assert orders(described) == []
                break
            except (httpx.HTTPError, AssertionError):
                assert time.monotonic() < deadline, "the hub did not come back"
                time.sleep(0.2)


def children_of(demo: "subprocess.Popen[str]") -> list[Path]:
    pids = Path(f"/proc/{demo.pid}/task/{demo.pid}/children").read_text(encoding="ascii").split()
    return [Path("/proc", pid) for pid in pids]


def test_a_killed_demo_leaves_nothing_behind_and_starts_again(tmp_path: Path) -> None:
    options = ("--hub-port", str(free_port()), "--no-simulator", "--quiet")
    with running(tmp_path, *options) as demo:
        place(manifest(tmp_path, 0.0), "D1")
        children = children_of(demo)
        demo.kill()
    again_from = time.time()
    with running(tmp_path, *options):
        assert len(orders(manifest(tmp_path, again_from))) == 1
        assert not [child for child in children if child.exists()]


def test_a_second_demo_on_the_same_data_is_refused(tmp_path: Path) -> None:
    with running(tmp_path, "--hub-port", "0", "--no-simulator", "--quiet"):
        manifest(tmp_path, 0.0)
        second = subprocess.run(
            [*DEMO, "--data", str(tmp_path), "--hub-port", "0"], capture_output=True, text=True, timeout=90, check=False
        )
    assert second.returncode == 2
    assert second.stderr == (
        f"yaolink-demo: another demo runs on {tmp_path}: stop it, or choose another folder with --data\n"
    )


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [*DEMO, "--data", str(tmp_path), "--hub-port", port],
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == (
        f"yaolink-demo: port {port} is in use by another program: stop it, or choose another with --hub-port\n"
    )


def test_help_is_for_strangers() -> None:
    done = subprocess.run([*DEMO, "--help"], capture_output=True, text=True, timeout=90, check=True)
    for option in ("--data", "--hub-port", "--printer", "--no-simulator", "--quiet"):
        assert option in done.stdout
