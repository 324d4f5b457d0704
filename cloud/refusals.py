"""From what went wrong to what the other side is told: one place for every door of the hub."""

import logging

import msgspec

from cloud import errors, requests
from cloud.asgi import App, BadRequest, ClientLeft, Message, Receive, Scope, Send, answer_problem
from cloud.erp import desk as erp_desk
from cloud.set_aside import entries, rerunning
from domain.protocol import FROZEN, REVOKED, SESSION_OVER, UNKNOWN_KEY

log = logging.getLogger(__name__)

_STATUS: dict[type[errors.HubError], tuple[int, str]] = {
    errors.UnknownStore: (404, "unknown_store"),
    errors.UnknownOrder: (404, "unknown_order"),
    errors.UnknownException: (404, "unknown_exception"),
    errors.UnknownPush: (404, "unknown_push"),
    errors.UnknownStaff: (404, "unknown_staff"),
    errors.UnknownRecall: (404, "unknown_recall"),
    errors.WrongProof: (403, "wrong_proof"),
    errors.LockedOut: (429, "locked_out"),
    errors.NotPermitted: (403, "not_permitted"),
    errors.UnknownPrescription: (404, "unknown_prescription"),
    errors.DecisionRefused: (409, "refused"),
    errors.MustBeKept: (409, "must_be_kept"),
    errors.BlobRefused: (422, "not_an_image"),
    requests.Refused: (409, "refused"),
    erp_desk.NothingToDo: (404, "nothing_to_do"),
    entries.NotThere: (404, "not_set_aside"),
    rerunning.NotRetried: (409, "not_retried"),
    errors.NotForThisAgent: (409, "not_for_this_agent"),
    errors.PairingRefused: (403, "pairing_refused"),
    errors.UnknownKey: (401, UNKNOWN_KEY),
    errors.SessionOver: (401, SESSION_OVER),
    errors.Frozen: (403, FROZEN),
    errors.Revoked: (403, REVOKED),
}


def refusal(error: Exception) -> BadRequest:
    """An unexpected error is logged with its traceback, and says nothing of itself to the outside."""
    if isinstance(error, BadRequest):
        return error
    if isinstance(error, msgspec.MsgspecError):
        return BadRequest(400, "not_understood", f"the body cannot be read: {error}")
    if isinstance(error, OverflowError):
        return BadRequest(400, "not_understood", "a number is beyond what the database keeps")
    if isinstance(error, errors.HubError):
        return _of_the_hub(error)
    log.error("a request failed", exc_info=error)
    return BadRequest(500, "failed", "the hub could not do this; its log says why", "try again later")


def _of_the_hub(error: errors.HubError) -> BadRequest:
    if error.retryable:
        log.warning("a request must come again: %s", error)
        return BadRequest(503, "try_again", str(error), error.hint)
    status, word = _STATUS.get(type(error), (422, "refused"))
    return BadRequest(status, word, str(error), error.hint)


def guarded(app: App) -> App:
    """Answers with a `Problem` whatever the app raises; a client that left is not answered."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await app(scope, receive, noting)
        except ClientLeft:
            return
        except Exception as error:  # the top of every raw request: nothing may end the connection without a word
            problem = refusal(error)
            if not begun:
                await answer_problem(send, problem)

    return serve
