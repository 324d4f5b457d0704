"""Evidence from an agent that the hub was restored from a backup, where the hub itself noticed nothing because its
marks (`cloud.high_water`) were restored with it.

The evidence is something that the hub itself gave out after the backup was made and has forgotten: it confirmed an
operation, or counted a session. Either makes all logs begin anew, and only once: afterwards it proves nothing more.
"""

from collections.abc import Sequence

from cloud import eventlog, restoring, sessions
from cloud.agents import Agent
from cloud.errors import HubError
from cloud.tokens import TOKEN_LIFE, Token
from cloud.transaction import Transaction
from domain.events import store_log
from domain.protocol import Cursor


class Forgotten(HubError):
    """The agent had an operation confirmed that is not here. It must begin another session: then it sends again what is
    missing."""


def of_operations(tx: Transaction, agent: Agent, confirmed: int, cursors: Sequence[Cursor]) -> bool:
    """True, and the logs begin anew: the hub has confirmed an operation to the agent that is not here.

    Only for an agent that follows the present incarnation of its log: any other is told to load a snapshot anyway.
    """
    own = store_log(agent.store)
    now = {head.log_id for head in eventlog.heads(tx.connection, tx.chain, [own])}
    number, _ = sessions.newest_operation(tx.connection, agent)
    if number >= confirmed or not any(one.log == own and one.log_id in now for one in cursors):
        return False
    restoring.begin_anew(tx, f"store {agent.store} has operation {confirmed} confirmed, the hub knows {number}")
    return True


def look_for(tx: Transaction, agent: Agent, confirmed: int) -> None:
    """Raises `Forgotten` where operation `confirmed` of this agent is not here. Call it before anything newer of the
    agent is taken: its higher number would hide that an earlier one is missing."""
    if confirmed and (number := sessions.newest_operation(tx.connection, agent)[0]) < confirmed:
        raise Forgotten(f"operation {confirmed} was confirmed, the hub knows {number}", hint="Begin another session.")


def of_token(tx: Transaction, token: Token) -> bool:
    """True, and the logs begin anew: the hub gave this token out in a later session than it has counted.

    A token from before the logs last began anew proves nothing. Its time tells, by the hub's clock; that may be another
    machine's by now, so the count of sessions also jumps ahead whenever the logs begin anew (`sessions.end_all`).
    """
    known = sessions.standing(tx.connection, tx.chain, token.device, token.paired_at)
    store, given_at = known.agent.store, token.expires_at - TOKEN_LIFE
    if token.sessions <= known.sessions or restoring.restored_at(tx, store_log(store)) >= given_at:
        return False
    restoring.begin_anew(tx, f"store {store} is in session {token.sessions}, the hub knows {known.sessions}")
    return True
