"""Files that only their owner may read: an access list of their own, inherited from nowhere (facts/packaging.md §3).

The system's own account and the administrators have access too: on Windows nothing keeps them out.
"""

import msvcrt
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import ntsecuritycon
import pywintypes
import win32api
import win32con
import win32file
import win32security

if TYPE_CHECKING:
    from _win32typing import PyACL, PySECURITY_DESCRIPTOR, PySID

assert sys.platform == "win32"  # for mypy, which knows these modules only there

_SYSTEM, _ADMINISTRATORS, _OWNER_RIGHTS = "S-1-5-18", "S-1-5-32-544", "S-1-3-4"
_READING = ntsecuritycon.FILE_READ_DATA | ntsecuritycon.GENERIC_READ | ntsecuritycon.GENERIC_ALL


def create_for_owner(path: Path) -> int:
    """A descriptor to write to. Private from its first moment; raises FileExistsError."""
    entries = "".join(f"(A;;FA;;;{who})" for who in (_account(), _SYSTEM, _ADMINISTRATORS))
    attributes = win32security.SECURITY_ATTRIBUTES()
    attributes.SECURITY_DESCRIPTOR = win32security.ConvertStringSecurityDescriptorToSecurityDescriptor(
        f"D:P{entries}", win32security.SDDL_REVISION_1
    )
    try:
        handle = win32file.CreateFile(
            str(path), win32con.GENERIC_WRITE, 0, attributes, win32con.CREATE_NEW, win32con.FILE_ATTRIBUTE_NORMAL, None
        )
    except pywintypes.error as error:
        raise OSError(None, error.strerror, str(path), error.winerror) from error
    return msvcrt.open_osfhandle(int(handle.Detach()), os.O_WRONLY)


def others_may_read(path: Path) -> bool:
    """Raises FileNotFoundError. No access list at all lets everybody in."""
    path.stat()
    security = win32security.GetNamedSecurityInfo(
        str(path),
        win32security.SE_FILE_OBJECT,
        win32security.OWNER_SECURITY_INFORMATION | win32security.DACL_SECURITY_INFORMATION,
    )
    allowed = _access_list(security)
    if allowed is None:
        return True
    ours = {_SYSTEM, _ADMINISTRATORS, _OWNER_RIGHTS, _account(), _sid(security.GetSecurityDescriptorOwner())}
    entries = [allowed.GetAce(index) for index in range(allowed.GetAceCount())]
    return any(
        kind == win32security.ACCESS_ALLOWED_ACE_TYPE and mask & _READING and _sid(who) not in ours
        for (kind, _), mask, who in entries
    )


def how_to_close(path: Path) -> str:
    return f'icacls "{path}" /inheritance:r /grant:r "%USERNAME%":F'


def _account() -> str:
    token = win32security.OpenProcessToken(win32api.GetCurrentProcess(), win32con.TOKEN_QUERY)
    return _sid(win32security.GetTokenInformation(token, win32security.TokenUser)[0])


def _access_list(security: "PySECURITY_DESCRIPTOR") -> "PyACL | None":
    """The stubs do not say that there may be none."""
    return security.GetSecurityDescriptorDacl()


def _sid(who: "PySID") -> str:
    return str(win32security.ConvertSidToStringSid(who))
