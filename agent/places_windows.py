r"""Where the installed agent keeps its things on Windows: %PROGRAMDATA%\Yaolink, whose folders the installer made."""

import os
from pathlib import Path


def default_config() -> Path:
    return _ours() / "agent.toml"


def default_data() -> Path:
    return _ours() / "data"


def run_folder() -> Path | None:
    """What lives until the next start and the signed-in user may read. None where nothing was installed."""
    folder = _ours() / "run"
    return folder if folder.is_dir() else None


def _ours() -> Path:
    return Path(os.environ.get("PROGRAMDATA", "C:\\ProgramData"), "Yaolink")
