"""Is there a device key, where is it kept, and does the hub still admit it?"""

import asyncio
from collections.abc import Sequence

from agent.config import SecretsPlace
from agent.device_key import DeviceKey, DeviceKeys
from agent.doctor.case import Case, Records
from agent.doctor.findings import Finding, found
from agent.hub import Hub, trust
from agent.hub_errors import Frozen, HubError, KeyUnknown, Revoked
from agent.secrets import FILE, SecretsUnusable, open_secrets


def credential(case: Case) -> list[Finding]:
    if not isinstance(case.records, Records) or not case.hub_url:
        return []
    where = str(case.settings.folder / FILE) if case.settings.secrets is SecretsPlace.FILE else "keyring"
    try:
        kept = DeviceKeys(open_secrets(case.settings.secrets, case.settings.folder)).all()
    except SecretsUnusable as error:
        private = isinstance(error.__cause__, PermissionError)
        unusable = found("credential.unusable", why=str(error), hint=error.hint)
        return [found("credential.private", where=where) if private else unusable]
    if not kept:
        return [found("credential.missing", where=where)]
    return [asyncio.run(_asked(case, case.records, kept, where))]


async def _asked(case: Case, records: Records, kept: Sequence[DeviceKey], where: str) -> Finding:
    """Beside the agent's session, which must not be taken from it."""
    try:
        hub = Hub(case.hub_url, proxy=case.settings.proxy, trusted=trust(case.settings.ca_file))
    except HubError as error:
        return found("credential.unasked", where=where, detail=str(error))
    try:
        await hub.prove(kept, records.identity.device)
    except Revoked as error:
        return found("credential.revoked", why=str(error))
    except Frozen as error:
        return found("credential.frozen", why=str(error))
    except KeyUnknown as error:
        return found("credential.unknown", why=str(error))
    except HubError as error:
        return found("credential.unasked", where=where, detail=str(error))
    finally:
        await hub.close()
    return found("credential.ok", where=where)
