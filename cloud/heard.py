"""How much of a store's work the hub's stock levels include, as it is told with each level (`agent.contained` uses it):
the newest operation that was taken of each incarnation of the store's data, and those before it that are set aside."""

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
    """The number of the newest operation, for each incarnation that an agent of the store has now. Ask once the stock
    rows are locked: then no other transaction is just moving them."""
    return {incarnation: number or 0 for incarnation, number in _HEARD.rows(connection, chain, store)}


def left_out(connection: Connection, chain: str, store: str) -> dict[str, tuple[int, ...]]:
    """The numbers of operations that are set aside, for the same incarnations: they took no effect yet, though later
    ones did. One that a person has settled is not among them: that person saw to its stock."""
    found: dict[str, list[int]] = defaultdict(list)
    for incarnation, number in _LEFT_OUT.rows(connection, chain, store):
        found[incarnation].append(number)
    return {incarnation: tuple(numbers) for incarnation, numbers in found.items()}
