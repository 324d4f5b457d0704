"""Where the installed agent keeps its things on Linux: the folders that its systemd unit declares."""

import os
from pathlib import Path


def default_config() -> Path:
    return Path("/etc/yaolink/agent.toml")


def default_data() -> Path:
    return Path("/var/lib/yaolink-agent")


def run_folder() -> Path | None:
    """What lives until the next start and other accounts may look into. None where systemd made no such folder."""
    given = os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    return Path(given) if given else None
