"""How far each agent of a store was heard: whatever the hub says of stock contains so much of what they did."""

from sqlalchemy import Connection

from cloud.statements import Sql

_HEARD = Sql(
    """SELECT incarnation, (SELECT max(o.number) FROM operations AS o WHERE o.chain = a.chain AND o.store = a.store
    AND o.device = a.device AND o.incarnation = a.incarnation)
    FROM agents AS a WHERE chain = ? AND store = ? AND revoked_at IS NULL AND incarnation <> '' ORDER BY incarnation"""
)


def by_incarnation(connection: Connection, chain: str, store: str) -> dict[str, int]:
    """The number of the newest operation of each life that an agent of the store is in now. Whoever changes stock asks
    once its rows are locked: then nothing that moved them is on its way."""
    return {incarnation: number or 0 for incarnation, number in _HEARD.rows(connection, chain, store)}
