"""How the store and its ERP stand: what is owed, what was refused, which files and ids need a person."""

import msgspec

from agent import policy
from agent.erp import documents, feeds, files_taken
from agent.erp.documents import IS_OWED, Document
from agent.erp.feeds import Conflict
from agent.erp.files_taken import TakenFile
from agent.parts import Parts
from agent.transactions import Reading
from domain.policy import ErpDelivery
from domain.times import MINUTE, Millis
from erp.running import ConnectorView

STUCK: Millis = 30 * MINUTE
"""A document that the ERP has not answered for so long needs a look."""


class Owed(msgspec.Struct, frozen=True):
    """What is owed, by the data file: to the ERP `count` documents, of which `stuck` are older than `STUCK`; to people
    a look at what was refused or kept aside. `heard_at`: when the ERP last told us anything, by kind of feed."""

    count: int
    oldest_at: Millis | None
    stuck: int
    refused: tuple[Document, ...]
    conflicts: tuple[Conflict, ...]
    files: tuple[TakenFile, ...]
    heard_at: dict[str, Millis]
    latest: tuple[Document, ...] = ()


class Standing(msgspec.Struct, frozen=True):
    """`problem`: why the connectors of agent.toml cannot run."""

    delivery: ErpDelivery
    api: bool
    owed: Owed
    connectors: tuple[ConnectorView, ...]
    problem: str = ""


async def standing(parts: Parts) -> Standing:
    delivery = await parts.work.aread(lambda reading: policy.in_force(reading).erp)
    found = await parts.work.aread(owed)
    return Standing(delivery, parts.settings.erp.api, found, parts.erp.views, parts.erp.problem)


def stuck(reading: Reading) -> int:
    """Documents that a person should look at."""
    row = reading.db.execute(
        "SELECT (SELECT count(*) FROM erp_documents WHERE state = 'refused')"
        f" + (SELECT count(*) FROM erp_documents WHERE {IS_OWED} AND written_at < ?)",
        (reading.now - STUCK,),
    ).fetchone()
    return int(row[0])


def owed(reading: Reading) -> Owed:
    row = reading.db.execute(
        "SELECT count(*) AS count, min(written_at) AS oldest, coalesce(sum(written_at < ?), 0) AS stuck"
        f" FROM erp_documents WHERE {IS_OWED}",
        (reading.now - STUCK,),
    ).fetchone()
    return Owed(
        count=row["count"],
        oldest_at=row["oldest"],
        stuck=row["stuck"],
        refused=documents.refused(reading),
        conflicts=feeds.conflicts(reading),
        files=files_taken.with_flaws(reading),
        heard_at=feeds.heard_at(reading),
        latest=documents.latest(reading, 20),
    )
