"""What an agent shows a hub that was restored, marks and all, and noticed nothing: something that the hub itself said
since the backup. So the logs begin anew; and only once, as neither kind of evidence outlives that.
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
    """The agent had an operation confirmed that is not here. With its next session it sends again what is missing."""


def of_operations(tx: Transaction, agent: Agent, confirmed: int, cursors: Sequence[Cursor]) -> bool:
    """The hub has confirmed an operation to it that is not here, and the agent follows the log as it is now: of a log
    that began anew since, it is told to take a snapshot anyway."""
    own = store_log(agent.store)
    now = {head.log_id for head in eventlog.heads(tx.connection, tx.chain, [own])}
    number, _ = sessions.newest_operation(tx.connection, agent)
    if number >= confirmed or not any(one.log == own and one.log_id in now for one in cursors):
        return False
    restoring.begin_anew(tx, f"store {agent.store} has operation {confirmed} confirmed, the hub knows {number}")
    return True


def look_for(tx: Transaction, agent: Agent, confirmed: int) -> None:
    """Before anything newer of this agent is taken, whose number would hide what is missing. Raises `Forgotten`."""
    if confirmed and (number := sessions.newest_operation(tx.connection, agent)[0]) < confirmed:
        raise Forgotten(f"operation {confirmed} was confirmed, the hub knows {number}", hint="Begin another session.")


def of_token(tx: Transaction, token: Token) -> bool:
    """The hub gave it out after more sessions than it has counted, and after the logs last began anew: by its clock,
    which may be another machine's since, and by the count, which skips as many then (`sessions.end_all`)."""
    known = sessions.standing(tx.connection, tx.chain, token.device, token.paired_at)
    store, given_at = known.agent.store, token.expires_at - TOKEN_LIFE
    if token.sessions <= known.sessions or restoring.restored_at(tx, store_log(store)) >= given_at:
        return False
    restoring.begin_anew(tx, f"store {store} is in session {token.sessions}, the hub knows {known.sessions}")
    return True
