"""A sound program as the agents find it on this computer: it keeps what it was given instead of playing it."""

import os
from pathlib import Path

_APLAY = """\
#!/bin/sh
sound=$(mktemp {folder}/playing.XXXXXX)
cat > "$sound"
asked=$(tr '\\0' ' ' < /proc/$PPID/cmdline)
case "$asked" in *S001*) store=S001 ;; *) store=other ;; esac
mv "$sound" {folder}/$store.$(date +%s%N).wav
"""


class Loudspeaker:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "aplay").write_text(_APLAY.format(folder=folder))
        (folder / "aplay").chmod(0o755)

    @property
    def path(self) -> str:
        """The PATH on which it stands before whatever else plays on this computer."""
        return f"{self.folder}{os.pathsep}{os.environ['PATH']}"

    def sounds(self, store: str = "S001") -> list[bytes]:
        """What this store was to hear, in order."""
        return [path.read_bytes() for path in sorted(self.folder.glob(f"{store}.*.wav"))]
