r"""Where the installed agent keeps its things on Windows: %PROGRAMDATA%\Yaolink, whose folders the installer made."""

import sys
import winreg
from pathlib import Path

assert sys.platform == "win32"  # for mypy, which knows these modules only there

_PROFILES = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList"
"""Where Windows itself takes %PROGRAMDATA% from; only administrators write there."""


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
    """Not from the environment, which says what whoever started us likes; and wine's services have it wrong."""
    with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, _PROFILES) as profiles:
        folder, _ = winreg.QueryValueEx(profiles, "ProgramData")
    return Path(winreg.ExpandEnvironmentStrings(folder), "Yaolink")
