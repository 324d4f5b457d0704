"""Printers on a network with cards, cables and leases: two network namespaces and a virtual cable. Needs root."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import pytest

from drivers.printers.finding.found import Found, Way

pytestmark = pytest.mark.system

ROOT = Path(__file__).parent.parent.parent
STORE, SHOP = f"yl-store-{os.getpid()}", f"yl-shop-{os.getpid()}"
CARD = "02:59:4c:00:00:50"
OURS, OLD, NEW = "10.99.7.1", "10.99.7.2", "10.99.7.5"

PRINTER = """
import signal, socket, sys
from drivers.virtual.printer import VirtualPrinter
from zeroconf import ServiceInfo, Zeroconf

host, how = sys.argv[1:]
kind = "_pdl-datastream._tcp.local."
with VirtualPrinter(host=host, port=9100):
    if how == "announced":
        address = socket.inet_aton(host)
        service = ServiceInfo(kind, f"till.{kind}", 9100, server="till.local.", addresses=[address])
        Zeroconf(interfaces=[host]).register_service(service)
    print("up", flush=True)
    signal.pause()
"""
SEARCH = """
import sys, msgspec
from drivers.printers.finding.interfaces import here
from drivers.printers.finding.search import Wish, search
sys.stdout.buffer.write(msgspec.json.encode(search(Wish(here(), scan=True)).printers))
"""
LOOKOUT = """
import sys
from drivers.printers.finding.whereabouts import Lookout
print(Lookout().find(sys.argv[1], sys.argv[2], ()))
"""


def run(*words: str) -> None:
    subprocess.run(words, check=True)


def said(program: str, *words: str) -> str:
    """What a Python program says that runs in the store's network."""
    line = ["ip", "netns", "exec", STORE, sys.executable, "-c", program, *words]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout


@pytest.fixture
def cable() -> Iterator[None]:
    """From the store's computer to the printer's network card."""
    try:
        for name in (STORE, SHOP):
            run("ip", "netns", "add", name)
            run("ip", "-n", name, "link", "set", "lo", "up")
        run("ip", "-n", STORE, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", SHOP)
        run("ip", "-n", SHOP, "link", "set", "eth0", "address", CARD)
        run("ip", "-n", STORE, "addr", "add", f"{OURS}/24", "dev", "eth0")
        for name in (STORE, SHOP):
            run("ip", "-n", name, "link", "set", "eth0", "up")
        yield
    finally:
        for name in (STORE, SHOP):
            subprocess.run(["ip", "netns", "del", name], check=False)


@contextmanager
def printer(host: str, *, announced: bool = False) -> Iterator[None]:
    """Leased this address, until it is switched off."""
    run("ip", "-n", SHOP, "addr", "add", f"{host}/24", "dev", "eth0")
    how = "announced" if announced else "silent"
    line = ["ip", "netns", "exec", SHOP, sys.executable, "-c", PRINTER, host, how]
    process = subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        yield
    finally:
        process.kill()
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=5)
        run("ip", "-n", SHOP, "addr", "del", f"{host}/24", "dev", "eth0")


def test_a_printer_is_known_by_its_card_and_found_at_its_next_lease(cable: None) -> None:
    with printer(OLD):
        found = msgspec.json.decode(said(SEARCH), type=list[Found])
        (seen,) = [each for each in found if Way.NETWORK in each.how]
        assert (seen.address, seen.identity) == (f"tcp://{OLD}:9100", f"mac:{CARD}")
    with printer(NEW, announced=True):
        assert said(LOOKOUT, f"mac:{CARD}", f"tcp://{OLD}:9100").strip() == f"tcp://{NEW}:9100"
        assert said(LOOKOUT, "mac:02:59:4c:00:00:51", f"tcp://{OLD}:9100").strip() == "None"


def test_the_systems_neighbours_are_enough_for_one_that_does_not_announce_itself(cable: None) -> None:
    with printer(NEW):
        said(f"import socket; socket.create_connection(('{NEW}', 9100)).close()")
        assert said(LOOKOUT, f"mac:{CARD}", f"tcp://{OLD}:9100").strip() == f"tcp://{NEW}:9100"
