"""Where the installed agent keeps its things on Linux: the folders that its systemd unit declares."""

import os
from pathlib import Path


def default_config() -> Path:
    return Path("/etc/yaolink/agent.toml")


def installed_settings() -> dict[str, str]:
    """What the installed service needs and a file prepared for any system does not say: its state folder, and secrets
    in a file, since a service has no session and so no keyring."""
    return {"data": "/var/lib/yaolink-agent", "secrets": "file"}


def run_folder() -> Path | None:
    """What lives until the next start and other accounts may look into. None where systemd made no such folder."""
    given = os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    return Path(given) if given else None
