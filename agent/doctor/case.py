"""What the checks look at: the settings, what the store's file tells, and, where the agent runs, its own views.

Gathered once, so that the checks agree with each other and each is a plain function of it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from agent import outbox, set_aside, store
from agent.config import Settings
from agent.cursors import cursor
from agent.engine import SAFE_WITH_READERS, sqlite3
from agent.erp.standing import Owed, owed
from agent.errors import AgentError
from agent.files import CACHE, WORK, system_clock
from agent.line import LineView
from agent.parts import Parts
from agent.scanners import known, sheet
from agent.set_aside import Counts
from agent.state import DeviceView, printers, scanners
from agent.storage import story
from agent.storage.looking_in import looking_in
from agent.storage.story import Told
from agent.store import Identity
from agent.transactions import Reading
from agent.vault import Vault
from agent.voice.voice import VoiceView
from domain.events import store_log
from domain.protocol import Cursor
from domain.scanner_sheet import Level
from domain.times import Clock, Millis
from erp.running import ConnectorView


@dataclass(frozen=True, slots=True)
class Records:
    """What the store's file tells. `first_order_at` and `last_order_at` are when they came here."""

    identity: Identity
    cursor: Cursor
    outbox_depth: int
    outbox_oldest_at: Millis | None
    aside: Counts
    first_order_at: Millis | None
    last_order_at: Millis | None
    scanner_grades: Mapping[str, Level]
    """By station, of those that read the whole set-up sheet."""
    erp: Owed | None = None
    """None from a file that the agent has not opened since its update."""
    happened: tuple[Told, ...] = ()
    """What befell the data files and nobody has seen."""


@dataclass(frozen=True, slots=True)
class Running:
    """The agent's own views, where it is the agent that examines itself."""

    line: LineView
    printers: tuple[DeviceView, ...]
    scanners: tuple[DeviceView, ...]
    voice: VoiceView
    enrolling: str
    """Why pairing by a prepared file has not succeeded."""
    erp: tuple[ConnectorView, ...] = ()
    erp_problem: str = ""
    """Why the connectors to the ERP do not run."""


@dataclass(frozen=True, slots=True)
class Case:
    """`records` is an error where the file cannot be read; `unanswered` why a running agent could not be asked."""

    settings: Settings
    config: Path | None
    version: str
    records: Records | AgentError
    running: Running | None
    clock: Clock = system_clock
    unanswered: AgentError | None = None
    safe_with_readers: bool = SAFE_WITH_READERS
    sqlite_version: str = sqlite3.sqlite_version

    @property
    def hub_url(self) -> str:
        """Empty before pairing, and where it cannot be known."""
        return self.records.identity.hub_url if isinstance(self.records, Records) else ""


def of_running(parts: Parts) -> Case:
    """Blocks: not in the event loop. The views of the agent's parts may be read from any thread."""
    return Case(
        settings=parts.settings,
        config=parts.settings_now.path,
        version=parts.version,
        records=_records(lambda: with_cache(parts.work.read(records), parts.cache.read(set_aside.of_cache))),
        running=Running(
            parts.line.view,
            printers(parts),
            scanners(parts),
            parts.voice.view,
            parts.enrolling.problem,
            parts.erp.views,
            parts.erp.problem,
        ),
    )


def standing_alone(settings: Settings, config: Path, version: str, *, unanswered: AgentError | None) -> Case:
    """While no agent answers: the files are read beside it, if at all."""

    def read() -> Records:
        with reading(settings.folder / WORK) as view:
            known = records(view)
        if not (settings.folder / CACHE).exists():
            return known
        try:
            with reading(settings.folder / CACHE) as view:
                return with_cache(known, _aside(view, set_aside.of_cache))
        except AgentError:  # what is wrong with that file its own check says; it hides nothing of the other
            return known

    return Case(settings, config, version, _records(read), None, unanswered=unanswered)


def records(reading: Reading) -> Records:
    identity = store.identity(reading)
    row = reading.db.execute("SELECT min(applied_at) AS first, max(applied_at) AS last FROM orders").fetchone()
    return Records(
        identity=identity,
        cursor=cursor(reading, store_log(identity.store)),
        outbox_depth=outbox.depth(reading),
        outbox_oldest_at=outbox.oldest_at(reading),
        aside=_aside(reading, set_aside.of_work),
        first_order_at=row["first"],
        last_order_at=row["last"],
        scanner_grades=_grades(reading),
        erp=_erp(reading),
        happened=_happened(reading),
    )


def with_cache(records: Records, of_cache: Counts) -> Records:
    return replace(records, aside=set_aside.together(records.aside, of_cache))


def _aside(reading: Reading, counts: Callable[[Reading], Counts]) -> Counts:
    """Nothing is known from a file that the agent has not opened since its update."""
    if reading.db.execute("SELECT 1 FROM sqlite_master WHERE name = 'stopped'").fetchone() is None:
        return Counts()
    return counts(reading)


def _erp(reading: Reading) -> Owed | None:
    if reading.db.execute("SELECT 1 FROM sqlite_master WHERE name = 'erp_documents'").fetchone() is None:
        return None
    return owed(reading)


def _happened(reading: Reading) -> tuple[Told, ...]:
    return story.unseen(reading) if _has(reading, "happenings") else ()


def _has(reading: Reading, table: str) -> bool:
    """Not in a file that the agent has not opened since its update."""
    return reading.db.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (table,)).fetchone() is not None


def _grades(reading: Reading) -> dict[str, Level]:
    if not _has(reading, "sheet_reads"):
        return {}
    grades = {station: sheet.graded(reads).level for station, reads in known.reads(reading).items()}
    return {station: level for station, level in grades.items() if level is not None}


@contextmanager
def reading(path: Path) -> Iterator[Reading]:
    """A view of a data file that cannot change it. Raises AgentError."""
    with looking_in(path) as db:
        yield Reading(db, system_clock(), Vault(None))


def _records(read: Callable[[], Records]) -> Records | AgentError:
    try:
        return read()
    except AgentError as error:
        return error
