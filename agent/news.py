"""What is told to whom when something has changed: pages, sender, voice, headquarters, the service manager.

Lives in the event loop's thread; threads come here by `agent.in_loop`.
"""

from dataclasses import dataclass

from agent.changes import Changes
from agent.config import Settings
from agent.following import Following
from agent.journal import Journal
from agent.line import Line
from agent.schedule import Schedule
from agent.system import service_manager
from agent.training.switch import TrainingSwitch
from agent.transactions import Topic
from agent.voice.voice import Voice

_HEARD = frozenset({Topic.ANNOUNCEMENTS, Topic.ORDERS, Topic.SLIPS})
_REPORTED = frozenset({Topic.ORDERS, Topic.SET_ASIDE})


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    changes: Changes
    following: Following
    schedule: Schedule
    voice: Voice
    training: TrainingSwitch
    journal: Journal
    line: Line

    def of_commit(self, topics: frozenset[Topic]) -> None:
        """To the work file."""
        if Topic.OUTBOX in topics:
            self.following.wake_sender()
        if Topic.BLOBS in topics:
            self.following.wake_carrier()
        if topics & _REPORTED:
            self.schedule.report_soon()
        if Topic.DIAGNOSIS in topics:
            self.schedule.diagnose_now()
        if Topic.ORDERS in topics:
            self.training.real_changed()
        if topics & _HEARD:
            self.voice.wake()
        self.changes.changed()

    def of_cache(self, topics: frozenset[Topic]) -> None:
        """Of the cache file's commits only what a person should look at is news."""
        if Topic.SET_ASIDE in topics:
            self.changes.changed()
            self.schedule.report_soon()

    def of_device(self, _: object) -> None:
        """Whoever hears it reads the device's view."""
        self.changes.changed()
        self.schedule.report_soon()
        self.voice.wake()

    def of_erp(self) -> None:
        """A connector to the ERP began to fail, or works again."""
        self.changes.changed()
        self.schedule.report_soon()

    def of_settings(self, settings: Settings) -> None:
        self.changes.changed()
        self.voice.wake()
        self.journal.change_usual(settings.log_level)

    def of_line(self) -> None:
        self.changes.changed()
        self.schedule.report_now()
        service_manager.announce_status(f"line to the hub: {self.line.view.state} {self.line.view.reason}")
