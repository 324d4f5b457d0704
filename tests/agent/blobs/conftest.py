from tests.agent.core.conftest import clock, work
from tests.agent.shell.conftest import client, hub

__all__ = ["client", "clock", "hub", "work"]
