"""docs/local-api.md names every endpoint of the local API, and no other."""

import re
from pathlib import Path

from agent.server import HANDLERS, PRACTISED

TEXT = (Path(__file__).parent.parent / "docs" / "local-api.md").read_text(encoding="utf-8")


def served() -> set[str]:
    paths = {path for handler in (*HANDLERS, *PRACTISED) for path in handler.paths}
    return {re.sub(r":\w+}", "}", path) for path in paths if path.startswith("/api/")}


def told() -> set[str]:
    """`/start` after `POST /api/orders/{order_id}/accept` in one row stands for its neighbour."""
    found = set()
    for row in re.findall(r"^\| (`(?:GET|POST) /.*?) \|", TEXT, re.MULTILINE):
        path = ""
        for word in re.findall(r"`(?:GET |POST )?(/[^`]*)`", row):
            path = word if word.startswith(("/api", "/health")) else path.rpartition("/")[0] + word
            found.add(path)
    return found - {"/health"}


def test_every_endpoint_is_told_and_no_other() -> None:
    assert told() == served()


def test_no_path_is_served_twice() -> None:
    """Each part has its own list of handlers; two that agree on a path keep the whole server from starting."""
    for handlers in (HANDLERS, PRACTISED):
        paths = [(path, method) for each in handlers for path in each.paths for method in each.http_methods]
        assert [path for path in paths if paths.count(path) > 1] == []
