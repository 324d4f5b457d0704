"""Recalls in the operator's API."""

from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from cloud.recalls import Affected, Recalls, WantedRecall
from domain.recalls import Recall

AtRecalls = NamedDependency[Recalls]


@get("/recalls")
async def recalls_known(recalls: AtRecalls) -> tuple[Recall, ...]:
    """All there ever were, the newest first."""
    return await recalls.known()


@put("/recalls", status_code=200)
async def put_recall(recalls: AtRecalls, data: JSONBody[WantedRecall]) -> Recall:
    """New or changed; every store is told at once."""
    return await recalls.put(data)


@post("/recalls/{recall_id:str}/end", status_code=204)
async def end_recall(recalls: AtRecalls, recall_id: FromPath[str]) -> None:
    await recalls.end(recall_id)


@get("/recalls/{recall_id:str}/affected")
async def affected_orders(recalls: AtRecalls, recall_id: FromPath[str]) -> tuple[Affected, ...]:
    """Orders whose packs are of it, or may be."""
    return await recalls.affected(recall_id)


HANDLERS = [recalls_known, put_recall, end_recall, affected_orders]
