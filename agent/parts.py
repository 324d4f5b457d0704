"""What runs in this agent, for those who show it or act on it. `agent/service.py` puts it together."""

from dataclasses import dataclass

from agent.care import Care
from agent.changes import Changes
from agent.config import Settings
from agent.enrolling import Enrolling
from agent.files import CacheFile, WorkFile
from agent.journal import Journal
from agent.line import Line
from agent.outages import Outages
from agent.pairing import Pairing
from agent.printing.finding import Finder
from agent.printing.printer_set import PrinterSet
from agent.scanners.scanner_set import ScannerSet
from agent.settings_now import SettingsNow
from agent.training.practice import Practice, Switch
from agent.voice.voice import Voice
from erp.running import Connectors


@dataclass(frozen=True, slots=True)
class Parts:
    settings_now: SettingsNow
    version: str
    work: WorkFile
    cache: CacheFile
    line: Line
    outages: Outages
    changes: Changes
    pairing: Pairing
    printers: PrinterSet
    finder: Finder
    scanners: ScannerSet
    journal: Journal
    voice: Voice
    enrolling: Enrolling
    training: Switch
    erp: Connectors
    care: Care
    practice: Practice | None = None
    """Of the training server only."""

    @property
    def settings(self) -> Settings:
        """Those in force."""
        return self.settings_now.now
