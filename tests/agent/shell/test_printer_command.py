"""`yaolink-agent printer`, with an agent that runs and without one; in this process, which has loaded it already."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from agent.cli import main
from agent.config import load
from drivers.virtual.printer import VirtualPrinter
from drivers.virtual.replies import Identity
from tests.agent.shell.conftest import Agent, running
from tests.agent.shell.test_command import Command
from tests.drivers.printers.finding.street import terrace
from tests.ports import free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")

Printer = Callable[..., Awaitable[tuple[int, str, str]]]
NOBODY = "tcp://127.0.0.1:9"


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    with VirtualPrinter(identity=Identity(maker="XPRINTER", model="XP-80", serial="J5ZF1234")) as made:
        yield made


@pytest.fixture
def config(tmp_path: Path, printer: VirtualPrinter) -> Path:
    path = tmp_path / "agent.toml"
    path.write_text(
        f'data = "data"\npage_port = {free_port()}\nsecrets = "file"\n\n'
        f'# at the counter\n[[printers]]\nname = "前台"\naddress = "{printer.address}"\n',
        "utf-8",
    )
    return path


@pytest.fixture
def command(config: Path, capsys: pytest.CaptureFixture[str]) -> Printer:
    """`yaolink-agent printer …`: exit code, output, errors."""

    async def run(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = await asyncio.to_thread(main, ["--config", str(config), "printer", *words])
        return code, *capsys.readouterr()

    return run


@pytest_asyncio.fixture(loop_scope="module")
async def agent(config: Path, keyring_as_found: None) -> AsyncIterator[Agent]:
    async with running(load(config), config) as made:
        yield made


def names(config: Path) -> list[str]:
    return [printer.name for printer in load(config).printers]


async def test_without_an_agent(command: Printer, config: Path, printer: VirtualPrinter) -> None:
    code, out, err = await command("list")
    assert code == 0 and "前台" in out and "as agent.toml has them" in out

    code, out, err = await command("probe", "前台")
    assert code == 0 and "is ready" in out and "XPRINTER XP-80, serial number J5ZF1234" in out
    assert "A: it returns each slip's own number" in out and "serial:J5ZF1234" in out

    code, out, err = await command("test", "前台")
    assert code == 1 and "start the agent first" in err

    code, out, err = await command("remove", "前台")
    assert (code, names(config)) == (0, []), err
    code, out, err = await command("add", "后台", printer.address, "--paper", "58", "--prints", "stop", "test")
    assert (code, names(config)) == (0, ["后台"]), err
    (added,) = load(config).printers
    assert (added.paper, [kind.value for kind in added.prints]) == (58, ["stop", "test"])
    assert printer.slips == []


async def test_what_cannot_be_is_said_and_nothing_is_written(command: Printer, config: Path) -> None:
    before = await asyncio.to_thread(config.read_text, "utf-8")
    for words, said in (
        (("add", "x", NOBODY), "cannot be reached"),
        (("add", "x", "nonsense"), "no printer address"),
        (("add", "前台", NOBODY, "--anyway"), "twice"),
        (("add", "x", NOBODY, "--anyway", "--prints", "piking"), "picking"),
        (("add", "x", NOBODY, "--anyway", "--backup", "y"), "backup"),
        (("remove", "x"), "no printer x"),
        (("probe", "x"), "前台"),
        (("probe", "nonsense://"), "no printer address"),
        (("find", "--in", "8.8.8.0/24"), "private"),
    ):
        code, out, err = await command(*words)
        assert (code, said in err) == (1, True), (words, out, err)
    code, out, _ = await command("probe", NOBODY)
    assert code == 1 and "cannot be reached" in out
    assert await asyncio.to_thread(config.read_text, "utf-8") == before


async def test_with_a_running_agent(agent: Agent, command: Printer, config: Path, printer: VirtualPrinter) -> None:
    code, out, err = await command("probe", "前台")
    assert code == 0 and "is ready" in out and "A: it returns" in out, err
    code, out, err = await command("list")
    assert code == 0 and "ready" in out and " A " in out, (out, err)
    code, out, err = await command("test", "前台")
    assert code == 0 and "the printer itself confirmed it (evidence A)" in out
    assert len(printer.slips) == 1

    with VirtualPrinter() as other:
        code, out, err = await command("add", "后台", other.address, "--use", "ours", "--backup", "前台")
        assert (code, names(config)) == (0, ["前台", "后台"]), err
        assert "used from now on" in out
        code, out, err = await command("test", "后台")
        assert (code, len(other.slips)) == (0, 1), err
    code, out, err = await command("remove", "后台")
    assert (code, names(config)) == (0, ["前台"]), err


async def test_a_printer_that_is_out_of_paper(agent: Agent, command: Printer, printer: VirtualPrinter) -> None:
    printer.fault("paper_out")
    code, out, err = await command("test", "前台", "--wait", "2")
    assert code == 4 and "out of paper" in out and "Put in a new roll" in out, (out, err)
    assert printer.slips == []


@pytest.fixture
def mute(printer: VirtualPrinter) -> None:
    """From the first: one that has answered before and then falls silent is busy."""
    printer.mute = True


async def test_a_printer_that_cannot_confirm(mute: None, agent: Agent, command: Printer) -> None:
    code, out, err = await command("test", "前台")
    assert code == 3 and "cannot confirm" in out, (out, err)


async def test_ctrl_c_is_taken_calmly(agent: Agent, config: Path, printer: VirtualPrinter) -> None:
    printer.fault("cover_open")
    waiting = Command(config).start("printer", "test", "前台")
    assert waiting.stdout is not None
    assert "cover is open" in await asyncio.to_thread(waiting.stdout.readline)
    waiting.send_signal(signal.SIGINT)
    out, err = await asyncio.to_thread(waiting.communicate, timeout=60)
    assert (waiting.returncode, err) == (130, "") and "no longer waited for" in out


async def test_looking_needs_no_agent(command: Printer, printer: VirtualPrinter) -> None:
    network = terrace(4)
    other = VirtualPrinter(host=str(next(network.hosts())))
    try:
        code, out, err = await command("find", "--in", str(network), "--port", str(other.port))
    finally:
        other.stop()
    assert code == 0, err
    assert f"{other.address}  YAOLINK VP-80: on the network" in out and f"2 addresses of {network}" in out
