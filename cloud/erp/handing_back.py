"""Remembers the stores that may not have heard yet that they hand documents over themselves again, after headquarters
did it for a while.

What such a store packs while its line is cut makes no document there. So headquarters goes on writing them until the
store tells the first of its own: facts come in the order in which they were done, each with its document behind it.
"""

from cloud.statements import Sql
from cloud.transaction import Transaction
from domain.policy import ErpDelivery

_BEGIN = Sql(
    """INSERT INTO erp_handing_back (chain, store, since) SELECT chain, store, ? FROM stores WHERE chain = ?
    ON CONFLICT DO NOTHING"""
)
_OVER = Sql("DELETE FROM erp_handing_back WHERE chain = ?")
_HEARD = Sql("DELETE FROM erp_handing_back WHERE chain = ? AND store = ?")
_LASTS = Sql("SELECT 1 FROM erp_handing_back WHERE chain = ? AND store = ?")


def policy_set(tx: Transaction, before: ErpDelivery, now: ErpDelivery) -> None:
    if now is not ErpDelivery.STORE:
        _OVER.run(tx.connection, [(tx.chain,)])
    elif before is ErpDelivery.HEADQUARTERS:
        _BEGIN.run(tx.connection, [(tx.now, tx.chain)])


def heard(tx: Transaction, store: str) -> None:
    """Call it when the store told a document that it wrote itself."""
    _HEARD.run(tx.connection, [(tx.chain, store)])


def lasts(tx: Transaction, store: str) -> bool:
    return bool(_LASTS.rows(tx.connection, tx.chain, store))
