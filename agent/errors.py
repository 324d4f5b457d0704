"""What can go wrong in the store's agent.

    AgentError
    ├── StorageError         the data file would not take or give something
    │   ├── DiskFull         nothing of the work was kept; goes on once there is room
    │   ├── DataBusy         another program holds the file
    │   ├── DataDamaged      the file must be set aside and rebuilt
    │   ├── SchemaTooNew     a later version of this program wrote it
    │   └── FileClosed       the program is stopping
    ├── SealBroken           a personal record does not open with this key
    ├── PageRefused          a page that cannot be applied to this log
    └── WorkRefused          a clerk's step that may not be now; the message is Chinese and meant for the clerk
        ├── NotFound         no such order, slip, exception or refund here
        ├── NotNow           its state does not allow the step
        └── NotProven        who does it is not sure, or may not
            ├── NotSignedIn  the chain wants to know who picks
            ├── WrongProof   this is not the PIN or the badge of anybody here
            ├── LockedOut    too many wrong PINs; `hint` says how long
            └── NotPermitted the person is known, and has not the role

`retryable` is True where the same step may succeed later without anybody changing it.
"""


class AgentError(Exception):
    def __init__(self, message: str, *, hint: str = "", retryable: bool = False) -> None:
        super().__init__(message)
        self.hint = hint
        self.retryable = retryable


class StorageError(AgentError):
    pass


class DiskFull(StorageError):
    def __init__(self, message: str) -> None:
        super().__init__(message, hint="Free some space on this disk; the agent goes on by itself.", retryable=True)


class DataBusy(StorageError):
    def __init__(self, message: str) -> None:
        super().__init__(message, hint="Is a second agent running on the same data folder?", retryable=True)


class DataDamaged(StorageError):
    def __init__(self, message: str) -> None:
        super().__init__(message, hint="Keep the file as it is and ask for help: it may hold work not yet sent.")


class SchemaTooNew(StorageError):
    def __init__(self, message: str) -> None:
        super().__init__(message, hint="Start the newer version again; this one leaves the file untouched.")


class FileClosed(StorageError):
    def __init__(self, message: str) -> None:
        super().__init__(message, hint="The agent is stopping.", retryable=True)


class SealBroken(AgentError):
    def __init__(self, message: str) -> None:
        super().__init__(message, hint="The master key is not the one this data folder was made with.")


class PageRefused(AgentError):
    pass


class WorkRefused(AgentError):
    pass


class NotFound(WorkRefused):
    pass


class NotNow(WorkRefused):
    pass


class NotProven(WorkRefused):
    pass


class NotSignedIn(NotProven):
    pass


class WrongProof(NotProven):
    pass


class LockedOut(NotProven):
    pass


class NotPermitted(NotProven):
    pass


def in_words(error: Exception) -> str:
    """Timeouts, httpx's among them, carry no text of their own."""
    return str(error) or type(error).__name__
