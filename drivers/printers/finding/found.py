"""A printer that was seen, and how the same one seen several ways becomes one."""

from collections.abc import Iterable
from enum import StrEnum

import msgspec


class Way(StrEnum):
    """How a printer was seen, the way that says most about it first."""

    MDNS = "mdns"
    NETWORK = "network"
    USB = "usb"
    SERIAL = "serial"
    QUEUE = "queue"


class Found(msgspec.Struct, frozen=True):
    """`address` is how agent.toml writes it. `identity` is "mac:…" or "serial:…", empty where nothing lasting is
    known. `model` is maker and model. `answers`: True, it was asked and answered as a slip printer does; False, it took
    the question and said nothing; None, nobody asked it. `others` are further addresses of the same printer."""

    address: str
    name: str
    how: tuple[Way, ...]
    identity: str = ""
    model: str = ""
    answers: bool | None = None
    others: tuple[str, ...] = ()


def merged(seen: Iterable[Found]) -> list[Found]:
    """One `Found` for each printer. The way that says most gives the address: on the network, USB or a serial port a
    printer can answer, through a queue it cannot.

    The same address is the same printer. So is the same identity seen on two kinds of ways; seen twice on the
    network it is two printers whose maker gave both one number.
    """
    printers: list[Found] = []
    for found in sorted(seen, key=_rank):
        same = next((each for each in printers if _is_same(each, found)), None)
        if same is None:
            printers.append(found)
        else:
            printers[printers.index(same)] = _joined(same, found)
    return printers


def _rank(found: Found) -> tuple[int, str]:
    return min(list(Way).index(way) for way in found.how), found.address


def _is_same(one: Found, other: Found) -> bool:
    if {one.address, *one.others} & {other.address, *other.others}:
        return True
    return one.identity != "" and one.identity == other.identity and not _kinds(one) & _kinds(other)


def _kinds(found: Found) -> set[Way]:
    return {Way.NETWORK if way is Way.MDNS else way for way in found.how}


def _joined(first: Found, second: Found) -> Found:
    others = dict.fromkeys((*first.others, second.address, *second.others))
    others.pop(first.address, None)
    return Found(
        first.address,
        first.name,
        tuple(dict.fromkeys((*first.how, *second.how))),
        first.identity or second.identity,
        first.model or second.model,
        second.answers if first.answers is None else first.answers,
        tuple(others),
    )
