"""Takes the operations of one request, in their order: up to `TOGETHER` in one commit, each in its own savepoint.

One commit for several makes a long outbox drain fast (benchmarks/drain); they are few enough not to keep a platform's
push waiting. On PostgreSQL each has its own transaction: others would wait for the rows that several lock together.
"""

import logging
from collections.abc import Sequence
from functools import partial

from cloud import evidence, operations
from cloud.agents import Agent
from cloud.errors import HubError
from cloud.transaction import Transaction
from cloud.writer import Writer
from domain.operations import Operation
from domain.pieces import pieces
from domain.protocol import Outcome

log = logging.getLogger(__name__)

TOGETHER = 25


async def take(writer: Writer, agent: Agent, wanted: Sequence[Operation], confirmed: int = 0) -> list[Outcome]:
    """Returns one outcome for each. Raises `Forgotten` where the operation number `confirmed` is not here, and
    `HubError` where the hub cannot take any now; what was committed by then is answered alike when it comes again."""
    outcomes: list[Outcome] = []
    together = TOGETHER if writer.embedded else 1
    for some in pieces(wanted, together):
        outcomes += await _some(writer, agent, some, confirmed)
        confirmed = 0
    return outcomes


async def _some(writer: Writer, agent: Agent, some: Sequence[Operation], confirmed: int) -> list[Outcome]:
    """An error that nobody foresaw in one of them must not stop the others, nor the store's outbox: they are tried one
    by one, and the one at fault is only written down."""
    try:
        return await writer.run(partial(_apply_all, agent=agent, some=some, confirmed=confirmed))
    except HubError:
        raise
    except Exception as error:
        if len(some) == 1:
            log.exception("operation %s of store %s cannot be committed", some[0].key, agent.store)
            return [await writer.run(partial(operations.keep_only, agent=agent, operation=some[0], why=str(error)))]
        return [outcome for one in some for outcome in await _some(writer, agent, [one], confirmed)]


def _apply_all(tx: Transaction, agent: Agent, some: Sequence[Operation], confirmed: int) -> list[Outcome]:
    evidence.look_for(tx, agent, confirmed)
    return [operations.apply(tx, agent, one) for one in some]
