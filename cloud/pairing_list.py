"""Pairing codes for many stores at once, on paper for whoever installs: a list, and a ready agent.toml per store.

A code is shown this once; the hub keeps its hash.
"""

import csv
import io
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import msgspec
from sqlalchemy import select

from cloud import agents, catalogue, tables
from cloud.agents import NewCode
from cloud.errors import HubError
from cloud.private_file import write_private
from cloud.toml import quoted
from cloud.transaction import Transaction
from domain.times import DAY, shown

DAYS, MOST_DAYS = 14, 90
COLUMNS = ("门店 store", "店名 name", "配对码 code", "有效期至 expires", "总部 hub", "命令 command")
_UNSAFE = re.compile(r"[^\w.-]")


class BadList(HubError):
    """The list cannot be made as asked; no code was made."""


class WantedCodes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`stores` None: every store. Those that have an agent are left out unless `again`: pairing would replace it."""

    stores: tuple[str, ...] | None = None
    days: Annotated[int, msgspec.Meta(ge=1, le=MOST_DAYS)] = DAYS
    again: bool = False


class PairingList(msgspec.Struct, frozen=True):
    codes: tuple[NewCode, ...]
    left_out: tuple[str, ...]
    """Stores that have an agent."""


def make(tx: Transaction, wanted: WantedCodes, *, by: str) -> PairingList:
    """All codes or none. Raises `UnknownStore`."""
    stores = catalogue.stores(tx) if wanted.stores is None else list(dict.fromkeys(wanted.stores))
    paired = set() if wanted.again else _paired(tx)
    codes = agents.new_codes(tx, [store for store in stores if store not in paired], life=wanted.days * DAY, by=by)
    return PairingList(tuple(codes), tuple(store for store in stores if store in paired))


def _paired(tx: Transaction) -> set[str]:
    a = tables.agents.c
    return set(tx.connection.execute(select(a.store).where(a.chain == tx.chain, a.revoked_at.is_(None))).scalars())


def as_csv(codes: Sequence[NewCode], hub_url: str) -> bytes:
    """Begins with a byte order mark, by which Excel knows it for UTF-8."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    for one in codes:
        command = f"yaolink-agent pair --hub {hub_url} --code {one.code}"
        rows.writerow((one.store, one.name, one.code, shown(one.expires_at, "%Y-%m-%d %H:%M"), hub_url, command))
    return text.getvalue().encode("utf-8-sig")


def read_stores(given: str) -> tuple[str, ...]:
    """S001,S002 or a file with one store a line; of a table the first column counts, a # begins a remark."""
    path = Path(given)
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines() if path.is_file() else given.split(",")
    except (OSError, UnicodeDecodeError) as error:
        raise BadList(f"{given} cannot be read: {error}") from error
    return tuple(name for line in lines if (name := line.partition("#")[0].partition(",")[0].strip()))


def read_template(path: Path) -> str:
    """An agent.toml for every store, without a pairing. Its keys are looked at where it is used: by the agent."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        values = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadList(f"{path} cannot be used as a template: {error}") from error
    if "pairing" in values:
        raise BadList(f"{path} has a table [pairing] already", hint="each store gets its own: take it out")
    return text


def write_configs(folder: Path, template: str, codes: Sequence[NewCode], hub_url: str) -> None:
    """STORE.toml for `yaolink-agent configure --from`, one for each code."""
    for one in codes:
        pairing = f"\n[pairing]\nhub = {quoted(hub_url)}\ncode = {quoted(one.code)}\n"
        head = f"# {one.store} {' '.join(one.name.split())}\n"
        write_private(folder / f"{file_name(one.store)}.toml", (head + template.rstrip("\n") + "\n" + pairing).encode())


def file_name(store: str) -> str:
    """What no file system can hold is written as in an address."""
    return _UNSAFE.sub(lambda found: quote(found[0], safe=""), store)
