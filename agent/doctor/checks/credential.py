"""Is there a credential, where is it kept, and does the hub still accept it?"""

import asyncio

from agent.config import SecretsPlace
from agent.doctor.case import Case, Records
from agent.doctor.findings import Finding, found
from agent.hub import CredentialUnknown, Hub, HubError, Revoked, trust
from agent.secrets import FILE, SecretsUnusable, open_secrets


def credential(case: Case) -> list[Finding]:
    if not isinstance(case.records, Records) or not case.hub_url:
        return []
    where = str(case.settings.folder / FILE) if case.settings.secrets is SecretsPlace.FILE else "keyring"
    try:
        kept = open_secrets(case.settings.secrets, case.settings.folder).credential()
    except SecretsUnusable as error:
        private = isinstance(error.__cause__, PermissionError)
        unusable = found("credential.unusable", why=str(error), hint=error.hint)
        return [found("credential.private", where=where) if private else unusable]
    if kept is None:
        return [found("credential.missing", where=where)]
    return [asyncio.run(_asked(case, case.records, kept, where))]


async def _asked(case: Case, records: Records, kept: str, where: str) -> Finding:
    """Pulls behind our own cursor, as the agent does: nothing is applied and nothing changes."""
    try:
        hub = Hub(case.hub_url, kept, proxy=case.settings.proxy, trusted=trust(case.settings.ca_file))
    except HubError as error:
        return found("credential.unasked", where=where, detail=str(error))
    try:
        await hub.pull(records.cursor)
    except Revoked as error:
        return found("credential.revoked", why=str(error))
    except CredentialUnknown as error:
        return found("credential.unknown", why=str(error))
    except HubError as error:
        return found("credential.unasked", where=where, detail=str(error))
    finally:
        await hub.close()
    return found("credential.ok", where=where)
