"""From a scan's last byte to its verdict on disk: a real agent, four serial scanners at five scans a second, orders of
five packs one after the other, a million codes sold before in the store's file and a million that other stores of the
chain sold in the list that headquarters tells. One scan in six is a sold code, in turn of here and of elsewhere.

Measured at the listener of the page's event stream: the agent tells a verdict there after its commit, so each time is
a little longer than the disk needed. Beside it the same with no sold codes, and one row written to SQLite by nobody
but a loop. Then kill -9 in the midst of scanning, again and again: `lost_after_kill` counts verdicts that somebody
heard and that are not in the file; `unheard` scans of the measurement that nobody heard of.
"""

import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import ProxyHandler, Request, build_opener

import msgspec

from agent import code_lists
from agent.access.token import TOKEN_FILE
from agent.apply import apply_page
from agent.config import load
from agent.engine import sqlite3
from agent.files import CACHE, WORK, CacheFile, DataFile, WorkFile
from agent.secrets import open_secrets
from agent.transactions import Transaction
from benchmarks import figures
from domain.code_lists import CodeList, ListedCode
from domain.events import CATALOGUE, CodesListed, Event, EventBody, OrderPlaced, ProductPut, encode_body, store_log
from domain.ids import CROCKFORD
from domain.orders import Order, OrderLine, OrderState, RiderState
from domain.products import Product
from domain.protocol import Head, Page
from domain.quantity import units
from domain.rules import Rule
from drivers.virtual.scanner import VirtualScanner

SCANNERS, PER_SECOND, PACKS = 4, 5.0, 5
"""`PACKS`: of one order."""
SOLD, SOLD_SHORT = 1_000_000, 20_000
SECONDS, SECONDS_SHORT = 60.0, 2.0
KILLS, KILLS_SHORT = 10, 1
SOLD_EACH = 6
MOST_OLD = 1_000
"""Pairs of sold codes that one scanner reads: more than the longest run wants."""
ELSEWHERE, STORES, IN_ONE_EVENT = 10**12, 500, 500
"""Where the numbers of codes begin that other stores sold; how many stores the chain has."""
READY_S, HEARD_S = 30.0, 5.0
PREFIX = "8123456"
PRODUCT = Product("AMX", "阿莫西林胶囊", "0.25g*24粒", "盒", "联邦", ("6901234567892",), (PREFIX,))
STORE = "S1"
_DIRECT = build_opener(ProxyHandler({}))


class Heard(msgspec.Struct):
    """A verdict as the page hears it."""

    code: str
    rule: str
    good: bool


class ScannerSeen(msgspec.Struct):
    state: str


class ScannersSeen(msgspec.Struct):
    scanners: tuple[ScannerSeen, ...]


_decode_scanners = msgspec.json.Decoder(ScannersSeen).decode


@dataclass(slots=True)
class Run:
    """What was sent and heard, by code; times are monotonic seconds. A code is sent once."""

    sent: dict[str, float] = field(default_factory=dict)
    heard: dict[str, float] = field(default_factory=dict)
    verdicts: list[Heard] = field(default_factory=list)

    def ms(self) -> list[float]:
        return [(self.heard[code] - at) * 1000 for code, at in self.sent.items() if code in self.heard]


def code_of(number: int) -> str:
    return f"{PREFIX}{number:013d}"


def order_code(number: int) -> str:
    return "YO" + "".join(CROCKFORD[number >> 5 * place & 31] for place in reversed(range(12)))


def furnish(folder: Path, sold: int, orders: int) -> None:
    """The store's files as years of selling leave them."""
    settings = load(folder / "agent.toml")
    settings.folder.mkdir()
    key = open_secrets(settings.secrets, settings.folder).master_key(may_make=True)
    with WorkFile(settings.folder / WORK, master_key=key) as work, CacheFile(settings.folder / CACHE) as cache:
        tell(cache, CATALOGUE, [ProductPut(PRODUCT)])
        cache.write(lambda tx: list_codes(tx, sold))
        tell(work, store_log(STORE), [OrderPlaced(order(number)) for number in range(orders)])
        work.write(lambda tx: sell(tx, sold))


def sell(tx: Transaction, sold: int) -> None:
    dice = random.Random(3)
    rows = ((code_of(number), "sale", dice.randrange(tx.now)) for number in dice.sample(range(10 * sold or 1), sold))
    tx.db.executemany("INSERT INTO sold (code, source, sold_at) VALUES (?, ?, ?)", rows)


def list_codes(tx: Transaction, listed: int) -> None:
    """As events of five hundred bring them, in the order of the codes, as a snapshot does."""
    dice, at = random.Random(4), tx.now
    for first in range(0, listed, IN_ONE_EVENT):
        numbers = range(first, min(first + IN_ONE_EVENT, listed))
        codes = tuple(ListedCode(listed_code(n), f"S{dice.randrange(2, STORES)}", dice.randrange(at)) for n in numbers)
        code_lists.put(tx, CodesListed(CodeList.SOLD, codes))


def listed_code(number: int) -> str:
    return code_of(ELSEWHERE + 10 * number)


def tell(file: DataFile, log: str, bodies: Sequence[EventBody]) -> None:
    events = tuple(
        Event(log, seq, body.kind, body.version, 1, msgspec.Raw(encode_body(body)), getattr(body, "order_id", None))
        for seq, body in enumerate(bodies, 1)
    )
    page = Page(Head(log, "benchmark", len(events)), events)
    applied = file.write(lambda tx: apply_page(tx, page))
    if applied.applied != len(events):
        raise RuntimeError(f"{applied.quarantined} of {len(events)} events were set aside")


def order(number: int) -> Order:
    wanted = OrderLine(1, "c-AMX", PRODUCT.sku, PRODUCT.name, PRODUCT.spec, PRODUCT.unit, units(PACKS), 1500)
    return Order(
        order_id=f"o{number}", channel="meituan", channel_order_id=f"3{number:09d}", shown_id=f"27{number:08d}",
        day_number=number + 1, store=STORE, code=order_code(number), state=OrderState.ACCEPTED, rider=RiderState.NONE,
        placed_at=1, promised_at=None, booked=False, prescription=False, pick_up=False, total=1500, lines=(wanted,),
    )  # fmt: skip


@contextmanager
def agent(folder: Path, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    with (folder / "agent.log").open("ab") as said:
        command = [sys.executable, "-m", "agent.cli", "--config", str(folder / "agent.toml"), "run"]
        process = subprocess.Popen(command, stdout=said, stderr=said)
    try:
        wait_ready(process, folder, port)
        yield process
    finally:
        process.kill()
        process.wait()


def wait_ready(process: "subprocess.Popen[bytes]", folder: Path, port: int) -> None:
    """Until it reads every scanner: what one sends before its port is opened is nobody's."""
    until = time.monotonic() + READY_S
    while time.monotonic() < until and process.poll() is None:
        try:
            with _DIRECT.open(asking(folder, port, "/api/scanners"), timeout=1) as answer:
                states = [scanner.state for scanner in _decode_scanners(answer.read()).scanners]
            if states.count("ready") == SCANNERS:
                return
        except OSError:
            pass  # it does not listen yet
        time.sleep(0.05)
    raise RuntimeError("the agent did not start; its log says why")


def asking(folder: Path, port: int, path: str) -> Request:
    """Raises `OSError` before the agent has made its token."""
    token = (load(folder / "agent.toml").folder / TOKEN_FILE).read_text().strip()
    return Request(f"http://127.0.0.1:{port}{path}", headers={"Authorization": f"Bearer {token}"})


@contextmanager
def listening(folder: Path, port: int, run: Run) -> Iterator[None]:
    """Hears verdicts in a thread of its own until the agent ends; from its first sign of life on, it misses none."""
    stream = _DIRECT.open(asking(folder, port, "/api/changes"), timeout=60)
    decode, hears = msgspec.json.Decoder(Heard).decode, threading.Event()

    def hear() -> None:
        event = b""
        try:
            for line in stream:
                now = time.monotonic()
                if line.startswith(b"event: "):
                    event = line[7:].strip()
                    hears.set()
                elif line.startswith(b"data: ") and event == b"verdict":
                    verdict = decode(line[6:])
                    run.heard.setdefault(verdict.code, now)
                    run.verdicts.append(verdict)
        except OSError:
            return  # the agent was killed: that is what this is about

    thread = threading.Thread(target=hear, daemon=True)
    thread.start()
    hears.wait(HEARD_S)
    yield
    thread.join(HEARD_S)


def scan_away(scanner: VirtualScanner, texts: Iterator[str], run: Run, seconds: float, seed: int) -> None:
    """As a hand does: five a second, give or take a half."""
    dice, until = random.Random(seed), time.monotonic() + seconds
    while time.monotonic() < until:
        text = next(texts)
        scanner.scan(text)
        run.sent[text] = time.monotonic()
        time.sleep(dice.uniform(0.5, 1.5) / PER_SECOND)


def sold_codes(scanner: int, sold: int) -> list[str]:
    """Those that this scanner reads, in turn of here and of elsewhere. Drawn before anything is measured: drawing from
    a million holds up every thread of this process, the one that listens too."""
    here = random.Random(3).sample(range(10 * sold or 1), sold)[scanner::SCANNERS]
    elsewhere = random.Random(scanner).sample(range(scanner, sold, SCANNERS), len(here))
    pairs = list(zip(map(code_of, here), map(listed_code, elsewhere), strict=True))[:MOST_OLD]
    return [code for pair in pairs for code in (pair if scanner % 2 else reversed(pair))]


def texts_of(scanner: int, orders: Iterator[int], codes: Sequence[str]) -> Iterator[str]:
    """Slip, five packs, slip, five packs …, and now and then a code that was sold years ago."""
    old = iter(codes)
    fresh = scanner
    while True:
        yield order_code(next(orders))
        for _ in range(PACKS):
            if codes and fresh // SCANNERS % SOLD_EACH == SOLD_EACH - 1:
                yield next(old)
            yield code_of(10 * SOLD + 10 + fresh)
            fresh += SCANNERS


def all_scan(scanners: Sequence[VirtualScanner], texts: Sequence[Iterator[str]], run: Run, seconds: float) -> None:
    hands = [
        threading.Thread(target=scan_away, args=(scanner, said, run, seconds, seed))
        for seed, (scanner, said) in enumerate(zip(scanners, texts, strict=True))
    ]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()


def measure(sold: int, seconds: float, kills: int) -> tuple[Run, int, int]:
    """The run, verdicts heard but not kept in all kills, and verdicts heard before them."""
    run, lost, heard = Run(), 0, 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="yaolink-scan-verdict-")))
        scanners = [stack.enter_context(VirtualScanner()) for _ in range(SCANNERS)]
        port = free_port()
        lines = "".join(f'[[scanners]]\npath = "{scanner.path}"\n' for scanner in scanners)
        head = f'data = "data"\npage_port = {port}\nsecrets = "file"\n[voice]\nplayer = "off"\n'
        (folder / "agent.toml").write_text(head + lines)
        furnish(folder, sold, orders=int(SCANNERS * PER_SECOND * (seconds + 2 * kills + 5) / PACKS) + SCANNERS)
        orders = iter(range(10**9))
        texts = [texts_of(number, orders, sold_codes(number, sold)) for number in range(SCANNERS)]
        with agent(folder, port) as process, listening(folder, port, run):
            all_scan(scanners, texts, run, seconds)
            wait_heard(run)
            process.kill()
        for number in range(kills):
            cut = Run()
            with agent(folder, port) as process, listening(folder, port, cut):
                after = random.Random(number).uniform(0.5, 1.5)
                threading.Timer(after, process.kill).start()
                all_scan(scanners, texts, cut, after + 0.2)
            heard += len(cut.verdicts)
            lost += missing(folder, cut.verdicts)
        lost += missing(folder, run.verdicts)
    return run, lost, heard


def wait_heard(run: Run) -> None:
    until = time.monotonic() + HEARD_S
    while time.monotonic() < until and len(run.ms()) < len(run.sent):
        time.sleep(0.05)


def missing(folder: Path, verdicts: Sequence[Heard]) -> int:
    """Of what was heard: how much is not in the file, as another program reads it after the kill."""
    db = sqlite3.connect(load(folder / "agent.toml").folder / WORK)
    kept = {(bytes(raw).decode(), rule) for raw, rule in db.execute("SELECT raw, rule FROM scans")}
    db.close()
    return sum((verdict.code, verdict.rule) not in kept for verdict in verdicts)


def bare(rows: int) -> list[float]:
    """One row, one commit, as safely as the agent writes."""
    with tempfile.TemporaryDirectory() as folder:
        db = sqlite3.connect(Path(folder) / "bare.db", isolation_level=None)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute("CREATE TABLE scans (raw BLOB, rule TEXT)")
        took = []
        for number in range(rows):
            began = time.monotonic()
            db.execute("INSERT INTO scans VALUES (?, 'ok')", (code_of(number).encode(),))
            took.append((time.monotonic() - began) * 1000)
            time.sleep(0.01)
        db.close()
    return took


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def main() -> int:
    chosen = figures.options("scan_verdict", __doc__)
    short = chosen.short
    sold, seconds = (SOLD_SHORT, SECONDS_SHORT) if short else (SOLD, SECONDS)
    run, lost, heard = measure(sold, seconds, KILLS_SHORT if short else KILLS)
    took, alone = run.ms(), bare(50 if short else 500)
    result: dict[str, float | int | str] = {
        "scans": len(run.sent),
        "sold_codes": sold,
        "listed_codes": sold,
        "sold_elsewhere": sum(verdict.rule == Rule.SOLD_IN_CHAIN for verdict in run.verdicts),
        "good": sum(verdict.good for verdict in run.verdicts),
        "unheard": len(run.sent) - len(took),
        "p50_ms": figures.percentile(took, 0.5),
        "p99_ms": figures.percentile(took, 0.99),
        "worst_ms": max(took),
        "bare_p50_ms": figures.percentile(alone, 0.5),
        "bare_p99_ms": figures.percentile(alone, 0.99),
        "kills": KILLS_SHORT if short else KILLS,
        "heard_before_kills": heard,
        "lost_after_kill": lost,
    }
    if not short:
        without, _, _ = measure(0, seconds / 2, 0)
        result["without_sold_p50_ms"] = figures.percentile(without.ms(), 0.5)
        result["without_sold_p99_ms"] = figures.percentile(without.ms(), 0.99)
    figures.report(result, quiet=chosen.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
