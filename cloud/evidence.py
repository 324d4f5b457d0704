"""What an agent shows a hub that was restored, marks and all, and noticed nothing: something that the hub itself said
since the backup. So the logs begin anew; and only once, as neither kind of evidence outlives that.
"""

from cloud import eventlog, restoring, sessions
from cloud.agents import Agent
from cloud.tokens import TOKEN_LIFE, Token
from cloud.transaction import Transaction
from domain.events import store_log
from domain.protocol import SessionRequest


def of_operations(tx: Transaction, agent: Agent, request: SessionRequest) -> bool:
    """The hub has confirmed an operation to it that is not here, and the agent follows the log as it is now: of a log
    that began anew since, it is told to take a snapshot anyway."""
    own = store_log(agent.store)
    now = {head.log_id for head in eventlog.heads(tx.connection, tx.chain, [own])}
    number, _ = sessions.newest_operation(tx, agent)
    if number >= request.confirmed or not any(one.log == own and one.log_id in now for one in request.cursors):
        return False
    restoring.begin_anew(tx, f"store {agent.store} has operation {request.confirmed} confirmed, the hub knows {number}")
    return True


def of_token(tx: Transaction, token: Token) -> bool:
    """The hub gave it out after more sessions than it has counted, and after the logs last began anew: by its clock,
    which may be another machine's since, and by the count, which skips as many then (`sessions.end_all`)."""
    known = sessions.standing(tx.connection, tx.chain, token.device, token.paired_at)
    store, given_at = known.agent.store, token.expires_at - TOKEN_LIFE
    if token.sessions <= known.sessions or restoring.restored_at(tx, store_log(store)) >= given_at:
        return False
    restoring.begin_anew(tx, f"store {store} is in session {token.sessions}, the hub knows {known.sessions}")
    return True
