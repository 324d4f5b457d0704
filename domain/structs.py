"""What msgspec knows of our types, built before threads use it.

It learns a type at its first use and shows what it has to every thread while it is still learning: two threads that
read their first slip at once can end the process with a segmentation fault (msgspec 0.22, met once in some
hundred starts of the agent; its issue #401 calls it threadsafe).
"""

from collections.abc import Iterator

import msgspec


def build_all() -> None:
    """All types imported so far; to be called by whoever is about to start the first thread that decodes."""
    for struct in _known(msgspec.Struct):
        try:
            msgspec.json.Decoder(struct)
        except TypeError:
            continue  # nobody can decode it, so nobody does


def _known(base: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    for struct in base.__subclasses__():
        yield struct
        yield from _known(struct)
