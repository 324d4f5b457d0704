"""How this store's slips look: as headquarters set it, else as was set here, else as they come.

What is kept was checked when it came; the record is the whole of it, so that a later default changes nothing of it.
"""

import logging
from enum import StrEnum

import msgspec

from agent.engine import sqlite3
from agent.errors import NotNow, WorkRefused
from agent.transactions import Reading, Topic, Transaction
from domain.slips import SlipKind
from domain.templates import SlipTemplates
from domain.times import Millis
from drivers.errors import Unprintable
from drivers.printers.picture import logo

log = logging.getLogger(__name__)


class Source(StrEnum):
    HEADQUARTERS = "headquarters"
    STORE = "store"
    NOBODY = ""
    """Nobody set anything: as they come."""


class InForce(msgspec.Struct, frozen=True):
    templates: SlipTemplates
    source: Source
    set_at: Millis | None = None


def in_force(reading: Reading) -> InForce:
    rows = {row["source"]: row for row in reading.db.execute("SELECT source, body, set_at FROM slip_templates")}
    for source in (Source.HEADQUARTERS, Source.STORE):
        if source in rows:
            return _decoded(rows[source])
    return InForce(SlipTemplates(), Source.NOBODY)


def prints_by_itself(reading: Reading, kind: SlipKind) -> bool:
    return kind in in_force(reading).templates.automatic


def put(tx: Transaction, source: Source, templates: SlipTemplates | None) -> None:
    """None takes it back. Whoever calls it has unsent slips read anew."""
    tx.db.execute("DELETE FROM slip_templates WHERE source = ?", (source,))
    if templates is not None:
        tx.db.execute(
            "INSERT INTO slip_templates (source, body, set_at) VALUES (?, ?, ?)",
            (source, msgspec.json.encode(templates), tx.now),
        )
    tx.touch(Topic.STORE)


def set_here(tx: Transaction, templates: SlipTemplates | None) -> None:
    """Raises NotNow where headquarters decides, WorkRefused for a logo that cannot be drawn. None: as slips come."""
    if in_force(tx).source is Source.HEADQUARTERS:
        raise NotNow("小票样式由总部统一设置，本店不能修改；可以试看，并把样式复制给总部")
    if templates is not None and (wrong := why_no_logo(templates.logo)):
        raise WorkRefused(f"标志图片不能打印：{wrong}")
    put(tx, Source.STORE, templates)
    tx.note(log, "this store %s", "set how slips look" if templates is not None else "lets slips look as they come")


def why_no_logo(png: bytes) -> str:
    """Why it cannot be drawn; empty for one that can, and for none."""
    try:
        if png:
            logo(png)
    except Unprintable as error:
        return str(error)
    return ""


def _decoded(row: sqlite3.Row) -> InForce:
    templates = msgspec.json.decode(row["body"], type=SlipTemplates)
    return InForce(templates, Source(row["source"]), row["set_at"])
