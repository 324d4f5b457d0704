"""The pieces of a file or view, taken: several in one transaction; what cannot be is named, and the rest goes on."""

from collections.abc import Iterable, Sequence

from agent.erp import feeds
from agent.erp.feeds import BadFeed, Conflict
from agent.erp.rows import Flaw, Piece
from agent.transactions import Transaction


def possible(pieces: Iterable[Piece]) -> tuple[list[Piece], list[Flaw]]:
    """Those that `take_pieces` can take, and what is wrong with the others."""
    good, flaws = [], []
    for piece in pieces:
        try:
            feeds.check(piece.feed)
            good.append(piece)
        except BadFeed as error:
            flaws.append(Flaw(0, f"单据 {piece.feed.document_id}：{error}"))
    return good, flaws


def take_pieces(tx: Transaction, pieces: Sequence[Piece], source: str) -> list[Flaw]:
    """An id that comes with another body keeps back none of the others."""
    flaws = []
    for piece in pieces:
        taken = feeds.take(tx, piece.feed, source, piece.part)
        if isinstance(taken, Conflict):
            flaws.append(Flaw(0, f"单据号 {taken.document_id} 已经用过，内容不同；已留存，未入账"))
    return flaws
