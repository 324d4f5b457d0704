"""Which request a push is, and its body, strictly read. Errors name the field and never its value."""

from typing import TypeVar
from urllib.parse import unquote, urlsplit

import msgspec

from cloud.channels.base import NotUnderstood, Push

Body = TypeVar("Body", bound=msgspec.Struct)

PREFIX = "/channels/own/"
ORDERS = "orders"


def route(push: Push) -> tuple[str, str]:
    """The action and the order id of the path: orders/ID/cancel is ("cancel", ID), orders is ("orders", "").

    The topic is the whole path behind `PREFIX`, decoded, or its last word; then the rest stands in the URL.
    """
    whole = "/" in push.topic or push.topic == ORDERS
    path = push.topic if whole else unquote(urlsplit(push.url).path).partition(PREFIX)[2]
    match path.split("/"):
        case ["orders"]:
            return ORDERS, ""
        case ["orders", order_id, action]:
            return action, order_id
    raise NotUnderstood(f"{push.topic}: the path is neither orders nor orders/ID/ACTION")


def body(push: Push, shape: type[Body]) -> Body:
    try:
        return msgspec.json.decode(push.body or b"{}", type=shape)
    except msgspec.ValidationError as error:
        raise NotUnderstood(_in_words(str(error))) from error
    except UnicodeDecodeError as error:
        raise NotUnderstood("the body is not UTF-8") from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise NotUnderstood(f"the body is not JSON: {error}") from error


def _in_words(error: str) -> str:
    """'Expected `int` >= 1 - at `$.lines[0].quantity`' begins with the field. Values of enums are left out."""
    what, _, where = error.partition(" - at ")
    if what.startswith("Invalid enum value"):
        what = "not one of the words documented for it"
    return f"{where.strip('`').removeprefix('$.') or 'the body'}: {what}"
