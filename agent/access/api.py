"""The part of the local API that is about letting in and signing out."""

import re

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from agent.access.access import Access
from agent.access.answers import PageLink, SignedOut
from agent.errors import WorkRefused

_PATH = re.compile(r"/(?![/\\])[\w./~%?=&-]{0,200}", re.ASCII)
"""A path of ours. `//elsewhere.example` would be another server's."""


class NoSuchPage(WorkRefused):
    """A link leads to a page of this server only."""


class LinkBody(msgspec.Struct, forbid_unknown_fields=True):
    page: str = "/"


@post("/api/page-links", status_code=200)
async def make_link(access: NamedDependency[Access], data: JSONBody[LinkBody]) -> PageLink:
    if not _PATH.fullmatch(data.page):
        raise NoSuchPage(f"{data.page!r} is no page of this agent", hint="a path such as / or /doctor")
    return PageLink(access.link(data.page))


@post("/api/sign-out", status_code=200)
async def sign_out(access: NamedDependency[Access]) -> SignedOut:
    """Every browser of this computer, the asking one too."""
    return SignedOut(await access.end_sessions())


HANDLERS = [make_link, sign_out]
