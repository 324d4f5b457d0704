"""How the chain wants its stores to work: one record, told to every store as an event, and to a new store when it is
put. docs/policy.md tells every field."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec
import tomlkit
from sqlalchemy import Connection, select

from cloud import audit, catalogue, tables
from cloud.erp import handing_back
from cloud.errors import BadPolicy
from cloud.eventlog import append
from cloud.transaction import Transaction
from cloud.upsert import upsert
from domain.events import PolicySet, store_log
from domain.policy import ChainPolicy
from domain.settings import BadSetting
from domain.settings import read as read_settings

_NAME = "policy"


def of_chain(connection: Connection, chain: str) -> ChainPolicy | None:
    """None where headquarters set nothing: then the defaults are in force."""
    s = tables.chain_settings.c
    body = connection.execute(select(s.body).where(s.chain == chain, s.name == _NAME)).scalar_one_or_none()
    return None if body is None else msgspec.json.decode(body, type=ChainPolicy)


def in_force(connection: Connection, chain: str) -> ChainPolicy:
    return of_chain(connection, chain) or ChainPolicy()


def put(tx: Transaction, policy: ChainPolicy, *, by: str) -> None:
    """It replaces the whole of what was set. Raises `BadPolicy`."""
    check(policy)
    handing_back.policy_set(tx, in_force(tx.connection, tx.chain).erp, policy.erp)
    upsert(tx, tables.chain_settings, {"name": _NAME}, {"body": msgspec.json.encode(policy)})
    for store in catalogue.stores(tx):
        append(tx, store_log(store), PolicySet(policy))
    audit.append(tx, "", by, "policy.set", "", msgspec.json.encode(policy).decode())


def tell(tx: Transaction, store: str) -> None:
    """A new store, if there is anything to tell."""
    if (policy := of_chain(tx.connection, tx.chain)) is not None:
        append(tx, store_log(store), PolicySet(policy))


def check(policy: ChainPolicy) -> None:
    """What types cannot say. Raises `BadPolicy`."""
    for name, value in msgspec.structs.asdict(policy).items():
        if isinstance(value, int) and value < 0:
            raise BadPolicy(f"{name}: {value} is less than nothing")
    if policy.near_expiry_stops_days > policy.near_expiry_days:
        raise BadPolicy("near_expiry_stops_days: refused earlier than warned", hint="at most near_expiry_days")
    for place, link in enumerate(policy.links):
        try:
            groups = re.compile(link.pattern).groupindex
        except re.error as error:
            raise BadPolicy(f"links[{place}].pattern: {error}") from error
        if "code" not in groups:
            raise BadPolicy(f"links[{place}].pattern has no group named code", hint="(?P<code>[0-9]{20})")


def parse(values: Mapping[str, object]) -> ChainPolicy:
    """Raises `BadPolicy` with the first mistake and what may have been meant."""
    try:
        made = read_settings(values, ChainPolicy)
    except BadSetting as error:
        raise BadPolicy(str(error), hint=error.hint) from error
    check(made)
    return made


def read(path: Path) -> ChainPolicy:
    """As `parse`, of a TOML file."""
    try:
        return parse(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise BadPolicy(f"{error.filename} cannot be read: {error.strerror}") from error
    except BadPolicy as error:
        raise BadPolicy(f"{path}: {error}", hint=error.hint) from error
    except ValueError as error:
        raise BadPolicy(f"{path}: {error}") from error


def as_text(policy: ChainPolicy) -> str:
    """The file that `read` reads. What is not said (`confirm_lots`) is left out."""
    values = msgspec.to_builtins(policy, str_keys=True)
    return tomlkit.dumps({name: value for name, value in values.items() if value is not None})
