"""How far each agent of a store was heard: whatever the hub says of stock contains so much of what they did."""

from collections import defaultdict

from sqlalchemy import Connection

from cloud.statements import Sql

_HEARD = Sql(
    """SELECT incarnation, (SELECT max(o.number) FROM operations AS o WHERE o.chain = a.chain AND o.store = a.store
    AND o.device = a.device AND o.incarnation = a.incarnation)
    FROM agents AS a WHERE chain = ? AND store = ? AND revoked_at IS NULL AND incarnation <> '' ORDER BY incarnation"""
)

_LEFT_OUT = Sql(
    """SELECT s.incarnation, s.number FROM set_aside AS s JOIN agents AS a ON a.chain = s.chain AND a.store = s.store
    AND a.device = s.device AND a.incarnation = s.incarnation WHERE s.chain = ? AND s.store = ? AND s.state = 'open'
    AND s.reason <> 'key_reused' AND a.revoked_at IS NULL AND a.incarnation <> '' ORDER BY s.incarnation, s.number"""
)


def by_incarnation(connection: Connection, chain: str, store: str) -> dict[str, int]:
    """The number of the newest operation of each life that an agent of the store is in now. Whoever changes stock asks
    once its rows are locked: then nothing that moved them is on its way."""
    return {incarnation: number or 0 for incarnation, number in _HEARD.rows(connection, chain, store)}


def left_out(connection: Connection, chain: str, store: str) -> dict[str, tuple[int, ...]]:
    """The numbers of what waits set aside, of the same lives: it took no effect yet, though later operations did. What
    a person settled otherwise is contained as that person saw to it."""
    found: dict[str, list[int]] = defaultdict(list)
    for incarnation, number in _LEFT_OUT.rows(connection, chain, store):
        found[incarnation].append(number)
    return {incarnation: tuple(numbers) for incarnation, numbers in found.items()}
