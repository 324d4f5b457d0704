from tests.agent.core.conftest import cache, clock, hub, lookup, work

__all__ = ["cache", "clock", "hub", "lookup", "work"]
