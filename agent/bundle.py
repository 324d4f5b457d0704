"""The support bundle: what somebody far away needs to see, as texts that are shown before they are saved.

Nothing in it comes from an order but ids, states and times; no settings but those of agent.toml, no comments of its
file; and all of it goes through the net that is under the log (`domain/redaction.py`).
"""

import importlib.metadata
import io
import sys
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from agent.doctor.amounts import size
from agent.doctor.case import Case, Records, reading
from agent.doctor.findings import Finding
from agent.engine import Connection
from agent.errors import AgentError
from agent.files import CACHE, WORK
from agent.journal import CRASH, EARLIER_CRASH, EARLIER_FILES, FILE, FOLDER
from agent.state import StateView
from agent.system import surroundings
from domain.redaction import redacted
from domain.times import shown

NEWEST_ROWS = 300
"""Of slips, and of operations."""
LONGEST_LOG = 600_000
"""Characters of one log file; its end is kept."""
PACKAGES = (
    "yaolink",
    "httpx",
    "litestar",
    "msgspec",
    "uvicorn",
    "keyring",
    "cryptography",
    "python-escpos",
    "pyserial",
)


class Member(msgspec.Struct, frozen=True):
    name: str
    text: str


class Bundle(msgspec.Struct, frozen=True):
    """`file` is the name to save it under."""

    file: str
    members: tuple[Member, ...]


def collect(case: Case, findings: Sequence[Finding], state: StateView | None) -> Bundle:
    """Reads the files beside the running agent; blocks. What cannot be read is said in its place."""
    folder = case.settings.folder
    members = [
        Member("about.json", _json(_about(case))),
        Member("doctor.json", _json(findings)),
        Member("settings.json", _json(case.settings)),
        *([Member("state.json", _json(state))] if state is not None else []),
        *(_data(case, folder / name, queries) for name, queries in ((WORK, _OF_WORK), (CACHE, _OF_CACHE))),
        *_logs(folder / FOLDER),
    ]
    store = case.records.identity.store if isinstance(case.records, Records) else ""
    file = f"yaolink-{_file_name(store) or 'unpaired'}-{shown(case.clock(), '%Y%m%d-%H%M%S')}.zip"
    return Bundle(file, tuple(Member(member.name, _clean(member.text)) for member in members))


def zipped(bundle: Bundle) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in bundle.members:
            archive.writestr(member.name, member.text)
    return into.getvalue()


def _about(case: Case) -> dict[str, object]:
    return {
        "made_at": shown(case.clock(), "%Y-%m-%d %H:%M:%S UTC+8"),
        "system": surroundings.system_name(),
        "python": sys.version,
        "sqlite": case.sqlite_version,
        "frozen": bool(getattr(sys, "frozen", False)),
        "packages": {name: _version(name) for name in PACKAGES},
    }


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "?"


_Query = Callable[[Connection], object]


def _rows(sql: str) -> _Query:
    return lambda db: [dict(row) for row in db.execute(sql)]


def _counts(db: Connection) -> dict[str, int]:
    tables = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall()
    return {row["name"]: db.execute(f'SELECT count(*) FROM "{row["name"]}"').fetchone()[0] for row in tables}


_OF_CACHE: dict[str, _Query] = {
    "rows": _counts,
    "cursors": _rows("SELECT * FROM cursors"),
    "set_aside": _rows("SELECT log, seq, kind, v, order_id, set_aside_at FROM quarantine ORDER BY set_aside_at"),
}
_OF_WORK: dict[str, _Query] = {
    **_OF_CACHE,
    "orders": _rows("SELECT channel, state, count(*) AS count FROM orders GROUP BY channel, state"),
    "picks": _rows("SELECT state, count(*) AS count FROM picks GROUP BY state"),
    "slips": _rows("SELECT kind, state, cause, evidence, count(*) AS count FROM slips GROUP BY 1, 2, 3, 4"),
    "outbox": _rows("SELECT kind, state, count(*) AS count FROM outbox GROUP BY kind, state"),
    "scans": _rows("SELECT device, rule, count(*) AS count FROM scans GROUP BY device, rule"),
    "newest_slips": _rows(
        "SELECT slip_id, order_id, kind, issue, state, cause, evidence, printer, due_at, created_at, changed_at"
        f" FROM slips ORDER BY number DESC LIMIT {NEWEST_ROWS}"
    ),
    "newest_operations": _rows(
        "SELECT number, key, kind, v, at, order_id, state, settled_at"
        f" FROM outbox ORDER BY number DESC LIMIT {NEWEST_ROWS}"
    ),
}


def _data(case: Case, path: Path, queries: dict[str, _Query]) -> Member:
    told: dict[str, object]
    if case.running is not None and not case.safe_with_readers:
        return Member(
            f"{path.stem}.json", _json({"error": "not read: this SQLite is not safe with a second connection"})
        )
    try:
        told = {"size": size(path.stat().st_size)}
        with reading(path) as view:
            told |= {name: query(view.db) for name, query in queries.items()}
    except (AgentError, OSError) as error:
        told = {"error": str(error)}
    return Member(f"{path.stem}.json", _json(told))


def _logs(folder: Path) -> Iterable[Member]:
    names = (FILE, *(f"{FILE}.{number}" for number in range(1, EARLIER_FILES + 1)), CRASH, EARLIER_CRASH)
    for name in names:
        path = folder / name
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            continue
        except OSError as error:
            text = f"cannot be read: {error}"
        if text:
            yield Member(f"logs/{name}", text if len(text) <= LONGEST_LOG else f"…{text[-LONGEST_LOG:]}")


def _json(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def _clean(text: str) -> str:
    return "\n".join(redacted(line) for line in text.splitlines())


def _file_name(store: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in store)
