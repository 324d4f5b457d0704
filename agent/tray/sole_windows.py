"""One tray per session, on Windows: a mutex of the session's own name space that ends with its program."""

import pywintypes
import win32api
import win32event
import winerror

Claim = pywintypes.HANDLEType

_NAME = "Local\\YaolinkTray"


def claim() -> Claim | None:
    """To be kept as long as the tray runs; None where another tray of this session has it. Raises OSError."""
    try:
        mutex = win32event.CreateMutex(pywintypes.SECURITY_ATTRIBUTES(), False, _NAME)
    except pywintypes.error as error:
        raise OSError(str(error)) from error
    return None if win32api.GetLastError() == winerror.ERROR_ALREADY_EXISTS else mutex
