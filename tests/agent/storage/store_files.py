"""A store's work file of some days, and ways in which disks and people spoil one."""

import asyncio
import shutil
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from random import Random

from agent import outbox, picks, slips, store
from agent.engine import sqlite3
from agent.files import CacheFile, WorkFile
from agent.storage.opening import open_work, prepare
from agent.transactions import Reading, Transaction
from domain.events import OrderPlaced
from domain.operations import SaleLine, SaleRecorded
from domain.personal import Recipient
from domain.slips import SlipKind
from domain.times import MINUTE
from tests.agent.core.hub import NOON, Hub, line, order, person

MASTER_KEY = bytes(range(32))
PAGE = 4096
ORDERS, SALES = 60, 900


def clock() -> int:
    return NOON + 10 * MINUTE


def furnish(folder: Path) -> None:
    """Orders with persons, slips and sold codes, and an outbox of many pages; part of it in the WAL."""
    with (
        WorkFile(folder / "work.db", master_key=MASTER_KEY, clock=clock, randomness=Random(5).randbytes) as work,
        CacheFile(folder / "cache.db", clock=clock) as cache,
    ):
        work.write(lambda tx: store.pair(tx, hub_url="http://hub", chain="C", store="S1", name="人民路店"))
        hub = Hub(work, cache)
        for number in range(1, ORDERS + 1):
            placed = order(f"o{number}", line(1), line(2))
            hub.tell(OrderPlaced(placed), personal=(person(placed.order_id, Recipient("张三", "13800000000")),))
            work.write(partial(_work_on, number=number))
        for first in range(0, SALES, 100):
            work.write(partial(_sell, first=first))


def _work_on(tx: Transaction, number: int) -> None:
    picks.mark_sold(tx, [f"81234560000000{number:06d}"], f"o{number}")
    (slip,) = slips.of_order(tx, f"o{number}", SlipKind.PICKING)
    if number % 3:
        sent = slips.begin_sending(tx, slip.slip_id, "前台", slips.revision_of(tx, slip.order_id))
        assert sent is not None


def _sell(tx: Transaction, first: int) -> None:
    for number in range(first, first + 100):
        body = SaleRecorded(f"sale-{number}", (SaleLine("AMX", 1000, (f"82234560000000{number:06d}",)),))
        outbox.put(tx, body)


def copy(made: Path, folder: Path) -> Path:
    """As a power cut leaves it: with its WAL."""
    folder.mkdir()
    for file in made.iterdir():
        if file.is_file():
            shutil.copyfile(file, folder / file.name)
    return folder / "work.db"


def pending(path: Path) -> dict[str, bytes]:
    db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        return dict(db.execute("SELECT key, body FROM outbox WHERE state = 'pending'").fetchall())
    finally:
        db.close()


def page_of_each(path: Path, keys: Iterable[str]) -> dict[str, int]:
    """On which leaf of a checkpointed file each operation lies, by its key's own bytes."""
    content = path.read_bytes()
    leaves = [number for number in range(len(content) // PAGE) if content[number * PAGE] == 0x0D]
    found = dict[str, int]()
    for key in keys:
        (at,) = [number for number in leaves if key.encode() in content[number * PAGE : (number + 1) * PAGE]]
        found[key] = at
    return found


def flip(path: Path, random: Random) -> set[int]:
    """Some bits, anywhere. Returns the pages touched."""
    content = bytearray(path.read_bytes())
    places = [random.randrange(len(content)) for _ in range(random.choice((1, 5, 50)))]
    for place in places:
        content[place] ^= 1 << random.randrange(8)
    path.write_bytes(content)
    return {place // PAGE for place in places}


def zero(path: Path, random: Random) -> set[int]:
    return _overwrite(path, random, lambda: bytes(PAGE))


def noise(path: Path, random: Random) -> set[int]:
    return _overwrite(path, random, lambda: random.randbytes(PAGE))


def swap(path: Path, random: Random) -> set[int]:
    """Pages written to each other's place."""
    content = path.read_bytes()
    one, other = random.sample(range(len(content) // PAGE), 2)
    pages = [content[number * PAGE : (number + 1) * PAGE] for number in range(len(content) // PAGE)]
    pages[one], pages[other] = pages[other], pages[one]
    path.write_bytes(b"".join(pages))
    return {one, other}


def cut_off(path: Path, random: Random) -> set[int]:
    content = path.read_bytes()
    length = random.randrange(len(content))
    path.write_bytes(content[:length])
    return set(range(length // PAGE, len(content) // PAGE))


def first_page(path: Path, random: Random) -> set[int]:
    content = path.read_bytes()
    path.write_bytes(random.randbytes(PAGE) + content[PAGE:])
    return {0}


def header(path: Path, random: Random) -> set[int]:
    content = path.read_bytes()
    path.write_bytes(random.randbytes(100) + content[100:])
    return set()


def empty(path: Path, _: Random) -> set[int]:
    pages = set(range(path.stat().st_size // PAGE))
    path.write_bytes(b"")
    return pages


def _overwrite(path: Path, random: Random, page: Callable[[], bytes]) -> set[int]:
    content = bytearray(path.read_bytes())
    numbers = random.sample(range(len(content) // PAGE), random.choice((1, 2, 8)))
    for number in numbers:
        content[number * PAGE : (number + 1) * PAGE] = page()
    path.write_bytes(content)
    return set(numbers)


Damage = Callable[[Path, Random], set[int]]
DAMAGES: tuple[Damage, ...] = (flip, zero, noise, swap, cut_off, first_page, header, empty)


def opened(path: Path) -> WorkFile:
    """As the service opens it, up to the printers."""
    prepare(path.parent, clock)
    return asyncio.run(
        open_work(path.parent, clock, lambda: WorkFile(path, master_key=MASTER_KEY, clock=clock), version="1.0.0")
    )


def slip_states(reading: Reading) -> dict[str, str]:
    return {row["slip_id"]: row["state"] for row in reading.db.execute("SELECT slip_id, state FROM slips")}
