"""What the local API answers about letting in. Apart from its handlers, so that a command need not load a server."""

import msgspec


class PageLink(msgspec.Struct, frozen=True):
    """Opens its page once, within a minute."""

    url: str


class SignedOut(msgspec.Struct, frozen=True):
    browsers: int
