"""How the chain's slips look: set once, told to every store as an event, and to a new store when it is put."""

import json
from pathlib import Path

import msgspec
from sqlalchemy import Connection, select

from cloud import audit, catalogue, tables
from cloud.errors import HubError
from cloud.eventlog import append
from cloud.transaction import Transaction
from cloud.upsert import upsert
from domain.events import SlipTemplatesSet, store_log
from domain.settings import BadSetting
from domain.settings import read as read_settings
from domain.templates import SlipTemplates

_NAME = "slip_templates"


class BadTemplates(HubError):
    """The file cannot be used; the message says where."""


class ChainTemplates(msgspec.Struct, frozen=True):
    """`templates` null: each store decides for itself."""

    templates: SlipTemplates | None = None


def of_chain(connection: Connection, chain: str) -> SlipTemplates | None:
    """None where headquarters set nothing."""
    s = tables.chain_settings.c
    body = connection.execute(select(s.body).where(s.chain == chain, s.name == _NAME)).scalar_one_or_none()
    return None if body is None else msgspec.json.decode(body, type=SlipTemplates)


def put(tx: Transaction, templates: SlipTemplates | None, *, by: str) -> None:
    s = tables.chain_settings.c
    if templates is None:
        tx.connection.execute(tables.chain_settings.delete().where(s.chain == tx.chain, s.name == _NAME))
    else:
        upsert(tx, tables.chain_settings, {"name": _NAME}, {"body": msgspec.json.encode(templates)})
    for store in catalogue.stores(tx):
        append(tx, store_log(store), SlipTemplatesSet(templates))
    audit.append(tx, "", by, "slips.templates", "", "cleared" if templates is None else "set")


def tell(tx: Transaction, store: str) -> None:
    """A new store, if there is anything to tell."""
    if (templates := of_chain(tx.connection, tx.chain)) is not None:
        append(tx, store_log(store), SlipTemplatesSet(templates))


def read(path: Path, logo: Path | None = None) -> SlipTemplates:
    """Raises `BadTemplates` with the place of the first mistake. A logo beside the file replaces the one in it."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        png = None if logo is None else logo.read_bytes()
        if not isinstance(values, dict):
            raise BadTemplates(f"{path}: not an object")
        made = read_settings(values, SlipTemplates)
        return made if png is None else msgspec.structs.replace(made, logo=png)
    except OSError as error:
        raise BadTemplates(f"{error.filename} cannot be read: {error.strerror}") from error
    except BadSetting as error:
        raise BadTemplates(f"{path}: {error}", hint=error.hint) from error
    except ValueError as error:
        raise BadTemplates(f"{path}: {error}") from error


def as_text(templates: SlipTemplates | None) -> str:
    return msgspec.json.format(msgspec.json.encode(templates or SlipTemplates()), indent=2).decode()
