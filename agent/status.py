"""`yaolink-agent status`: the state in a few lines of plain text."""

from collections.abc import Iterator, Sequence

from agent.state import DeviceView, StateView
from domain.modes import Mode
from domain.times import Millis, shown


def in_words(state: StateView) -> str:
    return "\n".join(_lines(state))


def _lines(state: StateView) -> Iterator[str]:
    yield f"store    {f'{state.store_name} ({state.store})' if state.store else 'not paired'}"
    yield f"hub      {state.hub or '-'}"
    if state.mode is Mode.SHADOW:
        yield "mode     on trial: no channel is told anything"
    if state.enrolling:
        yield f"pairing  {state.enrolling}"
    line = state.line
    how = " (push is blocked on the way: polling)" if line.polling else ""
    yield f"line     {line.state} since {_at(line.since)}{how}{f': {line.reason}' if line.reason else ''}"
    oldest = f", the oldest since {_at(state.outbox.oldest_at)}" if state.outbox.oldest_at is not None else ""
    yield f"outbox   {state.outbox.depth} waiting{oldest}"
    if state.quarantined:
        yield f"set aside {state.quarantined} events that could not be applied; the page /set-aside says why"
    if state.undelivered:
        yield f"not taken {state.undelivered} operations that the hub did not take; the page /set-aside says why"
    for stopped in state.stopped:
        yield f"STOPPED  {stopped.log} before {stopped.kind} v{stopped.v}: update this program now"
    yield from _devices("printer", state.printers)
    yield from _devices("scanner", state.scanners)
    yield f"version  {state.version}"


def _devices(kind: str, devices: Sequence[DeviceView]) -> Iterator[str]:
    for device in devices:
        cause = f": {device.cause}" if device.cause else ""
        yield f"{kind}  {device.name} {device.address} is {device.state}{cause}"


def _at(at: Millis) -> str:
    return shown(at, "%Y-%m-%d %H:%M:%S")
