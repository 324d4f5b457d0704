from tests.agent.core.conftest import clock, work

__all__ = ["clock", "work"]
