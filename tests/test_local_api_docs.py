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


PAGES = Path(__file__).parent.parent / "agent" / "pages"


def pressed() -> dict[str, str]:
    """What buttons and scripts ask for, each with its file; what is filled in stands as `*`."""
    found: dict[str, str] = {}
    for file in sorted([*PAGES.glob("*.html"), *PAGES.glob("*.js")]):
        text = re.sub(r"\{\{.*?\}\}|\$\{.*?\}", "*", file.read_text(encoding="utf-8"))
        found |= {path.rstrip("/"): file.name for path in re.findall(r"""["`'](/api/[^"`'\s?{]*)["`'?]""", text)}
    return found


def answers(served_path: str, asked: str) -> bool:
    """Also where a page's script adds the last words itself (`data-show`)."""
    places, words = served_path.split("/"), asked.split("/")
    return len(words) <= len(places) and all(
        word == place or word == "*" or place.startswith("{") for word, place in zip(words, places, strict=False)
    )


def test_no_page_asks_for_what_is_not_served() -> None:
    """A button whose path was renamed beside it looks well and does nothing."""
    lost = {path: file for path, file in pressed().items() if not any(answers(one, path) for one in served())}
    assert lost == {}
