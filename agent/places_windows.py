r"""Where the installed agent keeps its things on Windows: %PROGRAMDATA%\Yaolink, whose folders the installer made."""

import ctypes
import sys
from ctypes import wintypes
from pathlib import Path

assert sys.platform == "win32"  # for mypy, which knows these modules only there

_COMMON_APPDATA = 0x23
"""CSIDL_COMMON_APPDATA of shlobj_core.h."""


def default_config() -> Path:
    return _ours() / "agent.toml"


def installed_settings() -> dict[str, str]:
    """What the installed service needs and a file prepared for any system does not say. `data` beside agent.toml is
    the folder that the installer made; a credential vault belongs to a user's profile, which the service's account may
    not have (docs/windows.md)."""
    return {"secrets": "file"}


def run_folder() -> Path | None:
    """What lives until the next start and the signed-in user may read. None where nothing was installed."""
    folder = _ours() / "run"
    return folder if folder.is_dir() else None


def _ours() -> Path:
    """Asked of Windows: %PROGRAMDATA% says what whoever started us likes; wine's services have it wrong."""
    found = ctypes.create_unicode_buffer(wintypes.MAX_PATH)
    if ctypes.windll.shell32.SHGetFolderPathW(None, _COMMON_APPDATA, None, 0, found) != 0:
        raise OSError("Windows does not say where %PROGRAMDATA% is")
    return Path(found.value, "Yaolink")
