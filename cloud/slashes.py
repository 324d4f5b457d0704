"""A slash inside a name in a path: `/fleet/A%2F1` is the store A/1.

The server undoes the escape before the site takes the path apart, and `/fleet/A/1` is no page. So its stand-in is
taken apart, and becomes a slash again in the names that a handler is given.
"""

import re
from urllib.parse import unquote

from litestar.types import ASGIApp
from litestar.types import Receive as GivenReceive
from litestar.types import Scope as GivenScope
from litestar.types import Send as GivenSend

from cloud.asgi import App, Receive, Scope, Send

_STAND_IN = "\0"
_ESCAPED = re.compile("%2f", re.IGNORECASE)


def kept_in_paths(site: App) -> App:
    async def door(scope: Scope, receive: Receive, send: Send) -> None:
        raw = scope.get("raw_path", b"").decode("ascii", "replace")
        if _ESCAPED.search(raw):
            scope = {**scope, "path": unquote(_ESCAPED.sub(_STAND_IN, raw))}
        await site(scope, receive, send)

    return door


def given_back(app: ASGIApp) -> ASGIApp:
    """As middleware: it stands behind the choice of the handler, and is called by that keyword."""

    async def door(scope: GivenScope, receive: GivenReceive, send: GivenSend) -> None:
        names = scope["path_params"]
        names.update({name: each.replace(_STAND_IN, "/") for name, each in names.items() if isinstance(each, str)})
        await app(scope, receive, send)

    return door
