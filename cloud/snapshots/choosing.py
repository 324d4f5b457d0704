"""Decides whether an agent begins with a snapshot though the log could be served from its cursor (facts/sync.md R6)."""

from sqlalchemy import Connection

from cloud import eventlog
from cloud.statements import Sql
from cloud.vault import Vault
from domain.events import STORE_LOGS
from domain.protocol import PAGE, Cursor, Head, Page

LONG_TAIL = 5_000
"""Events: an agent that was away for so many days that it missed these has less to load than to follow."""

_PRINTED = Sql("SELECT 1 FROM orders WHERE chain = ? AND store = ? AND printed_at IS NOT NULL LIMIT 1")


def page(connection: Connection, chain: str, vault: Vault, cursor: Cursor, limit: int = PAGE) -> Page:
    """As `cloud.eventlog.page`, but with `reset` also where a snapshot serves better than the tail of the log."""
    found = eventlog.page(connection, chain, vault, cursor, limit)
    if not found.reset and _better(connection, chain, cursor, found.head):
        return Page(found.head, reset=True)
    return found


def _better(connection: Connection, chain: str, cursor: Cursor, head: Head) -> bool:
    """Whether a snapshot serves better: the tail is long, or the agent is new in a store where another computer has
    printed. It must not print the same again: a log tells what was to be done, a snapshot also what was done."""
    if cursor.log_id:
        return head.seq - cursor.seq > LONG_TAIL
    if head.seq > PAGE:
        return True
    store = cursor.log.removeprefix(STORE_LOGS)
    return store != cursor.log and bool(_PRINTED.rows(connection, chain, store))
