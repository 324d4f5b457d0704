"""The watched folder as a connector: one look at a time, in a thread of its own (`agent.erp.connecting`)."""

from pathlib import Path

from agent.erp.folder.csv_file import LARGEST_FILE
from agent.erp.folder.handing import Handing
from agent.erp.folder.layout import FolderGone, Layout
from agent.erp.folder.looking import Watch
from agent.erp.folder.taking import Taking
from agent.erp.mapping import Mapping
from agent.files import WorkFile

LOOK_S = 2.0


class Folder:
    name = "folder"

    def __init__(self, root: Path, mapping: Mapping, work: WorkFile) -> None:
        self._layout, self._watch = Layout(root), Watch()
        self._taking = Taking(self._layout, mapping, work)
        self._handing = None if mapping.documents is None else Handing(self._layout, mapping.documents, work)

    def step(self) -> float:
        """One look; returns after how many seconds to look again. Raises AgentError."""
        self._layout.prepare()
        try:
            for file in self._watch.complete(self._layout.came, wants_ok=self._taking.wants_ok, most=LARGEST_FILE):
                self._taking.take(file)
            if self._handing is not None:
                self._handing.follow_answers()
                self._handing.hand_over()
        except OSError as error:
            raise FolderGone(f"{self._layout.root} cannot be used: {error}", retryable=True) from error
        return LOOK_S

    def close(self) -> None:
        """Nothing is held open between looks."""
