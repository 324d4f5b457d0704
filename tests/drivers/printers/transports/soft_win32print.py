"""The functions of win32print that we use, made of software: for the states that neither wine nor a test could bring
about. It says what Microsoft's pages say (winspool.h, JOB_INFO_1, PRINTER_INFO_2), which is no proof of what Windows
does.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

INVALID_PARAMETER, INVALID_PRINTER_NAME, ACCESS_DENIED = 87, 1801, 5


class error(Exception):
    def __init__(self, winerror: int, funcname: str, strerror: str) -> None:
        super().__init__(winerror, funcname, strerror)
        self.winerror, self.funcname, self.strerror = winerror, funcname, strerror


@dataclass
class SoftJob:
    document: tuple[str, str | None, str | None]
    data: bytes = b""
    status: int = 0
    commands: list[int] = field(default_factory=list)


class SoftSpooler:
    """Stands for the module `win32print`. `deny` names a function that fails."""

    JOB_STATUS_PAUSED, JOB_STATUS_ERROR, JOB_STATUS_DELETING, JOB_STATUS_SPOOLING = 0x1, 0x2, 0x4, 0x8
    JOB_STATUS_PRINTING, JOB_STATUS_OFFLINE, JOB_STATUS_PAPEROUT, JOB_STATUS_PRINTED = 0x10, 0x20, 0x40, 0x80
    JOB_STATUS_DELETED, JOB_STATUS_BLOCKED_DEVQ, JOB_STATUS_USER_INTERVENTION = 0x100, 0x200, 0x400
    JOB_STATUS_RESTART, JOB_STATUS_COMPLETE = 0x800, 0x1000
    JOB_CONTROL_PAUSE, JOB_CONTROL_RESUME, JOB_CONTROL_CANCEL, JOB_CONTROL_DELETE = 1, 2, 3, 5
    PRINTER_STATUS_PAUSED, PRINTER_STATUS_ERROR, PRINTER_STATUS_PENDING_DELETION = 0x1, 0x2, 0x4
    PRINTER_STATUS_PAPER_JAM, PRINTER_STATUS_PAPER_OUT, PRINTER_STATUS_PAPER_PROBLEM = 0x8, 0x10, 0x40
    PRINTER_STATUS_OFFLINE, PRINTER_STATUS_NOT_AVAILABLE = 0x80, 0x1000
    PRINTER_STATUS_USER_INTERVENTION, PRINTER_STATUS_DOOR_OPEN = 0x100000, 0x400000
    PRINTER_STATUS_SERVER_UNKNOWN = 0x800000
    PRINTER_ATTRIBUTE_WORK_OFFLINE = 0x400

    def __init__(self) -> None:
        self.jobs: dict[int, SoftJob] = {}
        self.status = self.attributes = 0
        self.deny = ""
        self.open_handles = 0
        self.takes = 4096
        """Bytes per WritePrinter."""
        self.on_pause: Callable[[SoftJob], None] = lambda job: None

    def OpenPrinter(self, name: str) -> str:
        if name != "XP-58 (复制 1)":
            raise error(INVALID_PRINTER_NAME, "OpenPrinter", "The printer name is invalid.")
        self.open_handles += 1
        return name

    def ClosePrinter(self, handle: str) -> None:
        self.open_handles -= 1

    def GetPrinter(self, handle: str, level: int) -> dict[str, int]:
        assert level == 2
        self._may("GetPrinter")
        return {"Status": self.status, "Attributes": self.attributes}

    def StartDocPrinter(self, handle: str, level: int, document: tuple[str, str | None, str | None]) -> int:
        assert level == 1
        self._may("StartDocPrinter")
        self.jobs[len(self.jobs) + 7] = SoftJob(document)
        return len(self.jobs) + 6

    def StartPagePrinter(self, handle: str) -> None:
        self._may("StartPagePrinter")

    def WritePrinter(self, handle: str, data: bytes) -> int:
        self._may("WritePrinter")
        job = self.jobs[max(self.jobs)]
        job.data += data[: self.takes]
        return len(data[: self.takes])

    def EndPagePrinter(self, handle: str) -> None: ...

    def EndDocPrinter(self, handle: str) -> None: ...

    def AbortPrinter(self, handle: str) -> None:
        del self.jobs[max(self.jobs)]

    def GetJob(self, handle: str, job: int, level: int) -> dict[str, int]:
        assert level == 1
        return {"Status": self._job(job, "GetJob").status}

    def SetJob(self, handle: str, job: int, level: int, info: None, command: int) -> None:
        found = self._job(job, "SetJob")
        self._may("SetJob")
        found.commands.append(command)
        if command == self.JOB_CONTROL_PAUSE:
            found.status |= self.JOB_STATUS_PAUSED
            self.on_pause(found)
        elif command == self.JOB_CONTROL_DELETE:
            del self.jobs[job]

    def _job(self, job: int, function: str) -> SoftJob:
        if job not in self.jobs:
            raise error(INVALID_PARAMETER, function, "The parameter is incorrect.")
        return self.jobs[job]

    def _may(self, function: str) -> None:
        if function == self.deny:
            raise error(ACCESS_DENIED, function, "Access is denied.")
