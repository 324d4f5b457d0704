"""A CUPS of the tests' own: its folder, its socket, no port, and no printer but those it is told of."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.waiting import eventually

DAEMON = """
Listen {folder}/cups.sock
Browsing Off
WebInterface No
ErrorPolicy retry-job
JobRetryInterval 1
<Location />
  Order allow,deny
  Allow all
</Location>
"""
FILES = """
SystemGroup root
ServerRoot {folder}
RequestRoot {folder}/spool
CacheDir {folder}/cache
StateDir {folder}/state
AccessLog {folder}/access_log
ErrorLog {folder}/error_log
PageLog {folder}/page_log
"""


class Cups:
    """In a folder of pytest's."""

    def __init__(self, folder: Path) -> None:
        for parent in (folder, *folder.parents[:2]):  # the printing account must reach its files
            parent.chmod(0o755)
        for name, text in (("cupsd.conf", DAEMON), ("cups-files.conf", FILES)):
            (folder / name).write_text(text.format(folder=folder))
        self.socket = folder / "cups.sock"
        daemon = shutil.which("cupsd") or "/usr/sbin/cupsd"
        configured = ("-c", folder / "cupsd.conf", "-s", folder / "cups-files.conf")
        self._process = subprocess.Popen([daemon, "-f", *configured])
        eventually(self.socket.exists, "the print service listens", within=15)

    def run(self, program: str, *arguments: str) -> str:
        environment = os.environ | {"CUPS_SERVER": str(self.socket), "LC_ALL": "C"}
        done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, check=True)
        return done.stdout

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)
