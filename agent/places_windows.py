r"""Where the installed agent keeps its things on Windows: %PROGRAMDATA%\Yaolink, whose folders the installer made."""

import os
from pathlib import Path


def default_config() -> Path:
    return _ours() / "agent.toml"


def installed_settings() -> dict[str, str]:
    """What the installed service needs and a file prepared for any system does not say. Nothing: `data` beside
    agent.toml is the folder that the installer made, and each account has its credential vault."""
    return {}


def run_folder() -> Path | None:
    """What lives until the next start and the signed-in user may read. None where nothing was installed."""
    folder = _ours() / "run"
    return folder if folder.is_dir() else None


def _ours() -> Path:
    return Path(os.environ.get("PROGRAMDATA", "C:\\ProgramData"), "Yaolink")
