"""What each command of `yaolink-hub` does. The command line itself is `cloud.cli`."""

import asyncio
import getpass
import logging
import os
import shutil
import sys
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloud import (
    agents,
    audit,
    config,
    dossier,
    erasing,
    load,
    pairing_list,
    secrets,
    sessions,
    slip_templates,
    stock,
    switching,
    trails,
)
from cloud.audit import OPERATOR
from cloud.commit import transact
from cloud.config import BadConfig, ChannelSettings, Settings
from cloud.database import Database, migrate, open_database
from cloud.dossier import Asked, Files
from cloud.garbage import removing_beside
from cloud.listening import allow_many_connections, listen
from cloud.pairing_list import PairingList, WantedCodes
from cloud.private_file import make_folder, write_private
from cloud.running import RunningHub
from cloud.sealed_file import fingerprint
from cloud.slip_templates import ChainTemplates
from cloud.switching import Switch
from cloud.transaction import Transaction
from cloud.vault import Vault
from domain.modes import Mode
from domain.times import Millis

log = logging.getLogger(__name__)


def clock() -> Millis:
    return time.time_ns() // 1_000_000


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """The database at this program's schema; a new one is made."""
    make_folder(settings.folder)
    database = open_database(settings.database_url)
    try:
        migrate(database)
        yield database
    finally:
        database.close()


@contextmanager
def changing(settings: Settings) -> Iterator[Transaction]:
    """One transaction by itself, for when no hub needs to hear of it at once."""
    known = secrets.load_or_make(settings.folder)
    vault = Vault(bytes.fromhex(known.master_key))
    with opened(settings) as database, transact(database, settings.chain, clock, os.urandom, vault) as tx:
        yield tx


def serve(settings: Settings) -> None:
    from cloud.app import Hub  # the server's imports are slow; the other commands do without
    from cloud.server import Serving

    allow_many_connections()
    known = secrets.load_or_make(settings.folder)
    with listen(settings.host, settings.port) as listener, opened(settings) as database:
        hub = Hub(settings, known, database, clock)
        address = f"http://{settings.host}:{listener.getsockname()[1]}"
        serving = Serving(hub, listener, lambda: log.info("chain %s is served at %s", settings.chain, address))
        _with_the_fast_loop(removing_beside(serving.run()))


def init(path: Path) -> None:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with resources.as_file(resources.files("cloud") / "hub.toml") as example:
            shutil.copyfile(example, path)
    settings = config.load(path)
    secrets.load_or_make(settings.folder)
    with opened(settings):
        pass
    print(f"config  {path}\ndata    {settings.folder}\nNext: yaolink-hub --config {path} load CHAIN.json, then serve.")


def load_chain(settings: Settings, path: Path) -> None:
    file = load.read(path)
    if (hub := running(settings)) is not None:
        hub.post("/api/chain", file)
    else:
        with changing(settings) as tx:
            load.apply(tx, file, by=OPERATOR)
    print(f"loaded {file.summary()}")


def pair(settings: Settings, store: str) -> None:
    if (hub := running(settings)) is not None:
        code = hub.ask(f"/api/stores/{quote(store, safe='')}/pairing-code", {}, dict[str, str])["code"]
    else:
        with changing(settings) as tx:
            code = agents.new_code(tx, store, by=OPERATOR).code
    print(code)
    print(f"On the store's PC: yaolink-agent pair --hub {settings.registered_url} --code {code}", file=sys.stderr)
    print("The code works once, within 24 hours.", file=sys.stderr)


def pair_many(
    settings: Settings, wanted: WantedCodes, out: Path, configs: Path | None = None, template: Path | None = None
) -> None:
    """Whatever could fail for the files is tried before the codes are made: they are shown this once. An earlier list
    stays until this one is whole."""
    text = pairing_list.read_template(template) if template is not None else ""
    try:
        tried = out.with_name(f"{out.name}.tried")
        write_private(tried, b"")
        tried.unlink()
        if configs is not None:
            configs.mkdir(parents=True, exist_ok=True)
        made = _codes(settings, wanted)
        write_private(out, pairing_list.as_csv(made.codes, settings.registered_url))
        if configs is not None:
            pairing_list.write_configs(configs, text, made.codes, settings.registered_url)
    except OSError as error:
        raise pairing_list.BadList(f"{error.filename} cannot be written: {error.strerror}") from error
    print(f"{len(made.codes)} codes, good for {wanted.days} days: {out}")
    if made.left_out:
        print(f"{len(made.left_out)} stores have an agent and got none (--again makes them too)")


def _codes(settings: Settings, wanted: WantedCodes) -> PairingList:
    if (hub := running(settings)) is not None:
        return hub.ask("/api/pairing-codes", wanted, PairingList)
    with changing(settings) as tx:
        return pairing_list.make(tx, wanted, by=OPERATOR)


def mode(settings: Settings, stores: tuple[str, ...] | None, wanted: Mode) -> None:
    switched: tuple[str, ...]
    if (hub := running(settings)) is not None:
        switched = hub.ask("/api/mode", Switch(wanted, stores), dict[str, tuple[str, ...]])["stores"]
    else:
        with changing(settings) as tx:
            switched = switching.switch(tx, stores, wanted, by=OPERATOR)
            switching.withhold(tx, switched)
    named = ", ".join(switched[:20]) + (f" and {len(switched) - 20} more" if len(switched) > 20 else "")
    print(f"{wanted} now: {named}" if switched else f"nothing changed: {wanted} already")


def slips(settings: Settings, path: Path | None, logo: Path | None, *, clear: bool) -> None:
    """Without a file it prints what is set, in the format of the file."""
    if clear and path is not None:
        raise slip_templates.BadTemplates("--clear takes no file")
    if path is None and not clear:
        with opened(settings) as database, database.read() as connection:
            print(slip_templates.as_text(slip_templates.of_chain(connection, settings.chain)))
        return
    wanted = ChainTemplates(None if path is None else slip_templates.read(path, logo))
    if (hub := running(settings)) is not None:
        hub.put("/api/slip-templates", wanted)
    else:
        with changing(settings) as tx:
            slip_templates.put(tx, wanted.templates, by=OPERATOR)
    print("each store decides how its slips look" if clear else "every store's slips look like this now")


def revoke(settings: Settings, store: str, why: str) -> None:
    if (hub := running(settings)) is not None:
        hub.post(f"/api/stores/{quote(store, safe='')}/revoke", {"why": why})
    else:
        with changing(settings) as tx:
            agents.revoke(tx, store, why, by=OPERATOR)
    print(f"store {store} has no agent now")


def unfreeze(settings: Settings, store: str) -> None:
    if (hub := running(settings)) is not None:
        hub.post(f"/api/stores/{quote(store, safe='')}/unfreeze", {})
    else:
        with changing(settings) as tx:
            sessions.unfreeze(tx, store, by=OPERATOR)
    print(f"the agent of store {store} may speak again; keep the other computer off")


def set_secret(settings: Settings, name: str) -> None:
    channels = ChannelSettings.__struct_fields__
    if name not in channels:
        raise BadConfig(f"there is no channel {name}", hint=f"one of: {', '.join(channels)}")
    secret = (getpass.getpass(f"secret of {name}: ") if sys.stdin.isatty() else sys.stdin.readline()).strip()
    if not secret:
        raise BadConfig("the secret is empty")
    secrets.set_channel_secret(settings.folder, name, secret)
    print(f"the secret of {name} is set; a running hub reads it when it is started again")


def erase(settings: Settings, order_id: str) -> None:
    if (hub := running(settings)) is not None:
        hub.post(f"/api/orders/{quote(order_id, safe='')}/erase", {})
    else:
        with changing(settings) as tx:
            erasing.erase(tx, order_id, by=OPERATOR)
    print(f"what was known of the buyer of {order_id} is gone for good")


def verify_audit(settings: Settings) -> int:
    signer = _signer(settings).public_key()
    with opened(settings) as database, database.read() as connection:
        flaws = audit.verify(connection, settings.chain, signer)
        broken = trails.broken(connection, settings.chain)
        imbalances = stock.imbalances(connection, settings.chain)
    for flaw in flaws:
        print(f"store {flaw.store or '(chain)'} entry {flaw.seq}: {flaw.what}")
    for trail in broken:
        print(f"trail {trail}")
    for imbalance in imbalances:
        print(f"stock {imbalance}")
    print("the audit is as it was written" if not flaws else f"{len(flaws)} flaws")
    print("the trails of the orders are as their stores told them" if not broken else f"{len(broken)} broken trails")
    print("the stock is what its ledger and its orders say" if not imbalances else f"{len(imbalances)} imbalances")
    return 1 if flaws or broken or imbalances else 0


def audit_key(settings: Settings) -> None:
    """What headquarters publishes, so that others can tell its files from anybody's."""
    print(fingerprint(_signer(settings).public_key().public_bytes_raw()))


def take_dossier(settings: Settings, order_id: str, asked: Asked, as_json: Path | None, as_pdf: Path | None) -> None:
    if (hub := running(settings)) is not None:
        made = hub.ask(f"/api/orders/{quote(order_id, safe='')}/dossier", asked, Files)
    else:
        with changing(settings) as tx:
            taken = dossier.take(tx, order_id, asked, _signer(settings), by=OPERATOR)
        made = dossier.files(taken, _signer(settings))
    for path, content in ((as_json, made.json), (as_pdf, made.pdf)):
        if path is not None:
            write_private(path, content)
            print(f"written {path}; yaolink-verify {path} proves it")


def _signer(settings: Settings) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secrets.load_or_make(settings.folder).audit_key))


def token(settings: Settings) -> None:
    print(secrets.load(settings.folder).operator_token)


def running(settings: Settings) -> RunningHub | None:
    hub = RunningHub(settings, secrets.load_or_make(settings.folder).operator_token)
    return hub if hub.answers() else None


def _with_the_fast_loop(work: Coroutine[object, object, None]) -> None:
    try:
        import uvloop
    except ImportError:  # Windows has none
        asyncio.run(work)
    else:
        uvloop.run(work)
