"""What a store tells of its ERP, as far as it takes more than handing it on to `cloud.erp.feeds`."""

from cloud.agents import Agent
from cloud.erp import documents, feeds, handing_back, writing
from cloud.facts import overtaken
from cloud.transaction import Transaction
from domain.erp import UNNUMBERED
from domain.operations import ErpAnswered, ErpCounted, ErpDocumented, ErpReceived, ErpSold, Operation
from domain.quantity import Quantity


def counted(tx: Transaction, agent: Agent, fact: ErpCounted, operation: Operation) -> None:
    """The count may only lower where not everything is known that it does not include: something that the store did
    later came first, or a document that the store had written before is not here yet."""
    late = overtaken(tx, agent, operation) or documents.last_number(tx, agent.store) < fact.written
    feeds.counted(tx, agent.store, fact.count, by=agent.device, part=fact.part, only_down=late)


def documented(tx: Transaction, agent: Agent, fact: ErpDocumented) -> None:
    """A document that a store wrote; headquarters hands over one without a number."""
    if fact.document.number == UNNUMBERED:
        writing.told(tx, agent.store, fact.document)
    elif documents.write_stores(tx, agent.store, fact.document, by=agent.device):
        handing_back.heard(tx, agent.store)


def answered(tx: Transaction, agent: Agent, fact: ErpAnswered) -> None:
    documents.answer(
        tx, agent.store, fact.document_id, fact.number, fact.state,
        by=agent.device, reason=fact.reason, reference=fact.reference,
    )  # fmt: skip


def quantities(body: ErpSold | ErpCounted | ErpReceived | ErpDocumented) -> list[Quantity]:
    """Every one that a sane store could not say below nothing or above what can be counted. An ERP's own stock may be
    below nothing: it sold what it had not yet received."""
    match body:
        case ErpSold(sale=sale):
            return [line.quantity for line in sale.lines]
        case ErpCounted(count=count):
            return [abs(level.on_hand) for level in count.levels]
        case ErpReceived(receipt=receipt):
            return [line.quantity for line in receipt.lines]
        case ErpDocumented(document=document):
            return [line.quantity for line in document.lines]
