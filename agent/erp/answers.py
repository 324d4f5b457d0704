"""What the local API answers a command about the ERP. Apart from its handlers, so that a command loads no server."""

import msgspec


class TokenAnswer(msgspec.Struct, frozen=True):
    """Shown this once; we keep its hash."""

    token: str


class DoneAnswer(msgspec.Struct, frozen=True):
    done: bool = True
