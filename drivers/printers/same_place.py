"""Whether two addresses, however they are written, lead to one printer."""

from contextlib import suppress

from drivers.errors import BadAddress
from drivers.printers.addresses import open_printer


def same_place(one: str, other: str) -> bool:
    """How fast a serial line is does not count."""
    return _place(one) == _place(other)


def _place(address: str) -> str:
    with suppress(BadAddress):  # whoever opens it says so; as a text it can still be the same
        address = open_printer(address).address
    return address.partition("?")[0].casefold()
