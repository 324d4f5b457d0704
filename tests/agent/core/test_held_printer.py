"""A serial printer that another program has open: told, held, and printed when that lets go."""

import serial

from agent.files import WorkFile
from domain.events import OrderPlaced
from domain.slips import SlipState
from drivers.virtual.printer import VirtualPrinter
from drivers.virtual.serial_door import SerialDoor
from tests.agent.core.hub import Hub, order
from tests.agent.core.test_printing import printed, running, slip
from tests.waiting import until


def test_a_printer_another_program_holds_is_waited_for(hub: Hub, work: WorkFile) -> None:
    with VirtualPrinter(door=SerialDoor()) as printer:
        holder = serial.Serial(printer.address.removeprefix("serial://"), exclusive=True)
        with running(work, printer) as worker:
            hub.tell(OrderPlaced(order()))
            until(lambda: slip(work).state is SlipState.HELD)
            assert slip(work).cause == "busy" and worker.view.cause == "busy"
            holder.close()
            until(lambda: printed(work, "o1"))
