"""Which files of headquarters' watched folder were taken or refused, by what stands in them; how far a view was
read."""

import msgspec
from sqlalchemy import Connection, select

from cloud import tables
from cloud.transaction import Transaction
from cloud.upsert import upsert
from erp.books import LONGEST_NAME, MOST_FLAWS, FileState
from erp.rows import Flaw


def state_of(connection: Connection, chain: str, digest: str) -> FileState | None:
    f = tables.erp_files.c
    found = connection.execute(select(f.state).where(f.chain == chain, f.hash == digest)).scalar_one_or_none()
    return None if found is None else FileState(found)


def put(tx: Transaction, digest: str, name: str, state: FileState, rows: int, flaws: tuple[Flaw, ...]) -> None:
    name, kept = name[:LONGEST_NAME], msgspec.json.encode(flaws[:MOST_FLAWS]).decode()
    values = {"name": name, "state": state.value, "rows": rows, "flaws": kept, "at": tx.now, "seen_at": None}
    upsert(tx, tables.erp_files, {"hash": digest}, values)


def seen(tx: Transaction, digest: str) -> bool:
    f = tables.erp_files
    mine = f.update().where(f.c.chain == tx.chain, f.c.hash == digest, f.c.seen_at.is_(None))
    return tx.connection.execute(mine.values(seen_at=tx.now)).rowcount > 0


def position(connection: Connection, chain: str, view: str) -> str | None:
    p = tables.erp_positions.c
    found: str | None = connection.execute(
        select(p.position).where(p.chain == chain, p.view == view)
    ).scalar_one_or_none()
    return found


def keep_position(tx: Transaction, view: str, position: str) -> None:
    upsert(tx, tables.erp_positions, {"view": view}, {"position": position})
