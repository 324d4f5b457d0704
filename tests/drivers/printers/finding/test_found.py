"""One printer, however many ways it was seen."""

from drivers.printers.finding.found import Found, Way, merged

TCP = "tcp://192.168.1.50:9100"


def test_a_queue_and_the_device_behind_it_are_one_printer_at_the_device_address() -> None:
    queue = Found("cups://till", "till", (Way.QUEUE,), others=(TCP,))
    scanned = Found(TCP, "XP-80", (Way.NETWORK,), "mac:00:11:22:33:44:55", "XP-80", answers=True)
    assert merged((queue, scanned)) == [
        Found(
            TCP,
            "XP-80",
            (Way.NETWORK, Way.QUEUE),
            "mac:00:11:22:33:44:55",
            "XP-80",
            answers=True,
            others=("cups://till",),
        )
    ]


def test_a_serial_number_joins_what_different_ways_saw() -> None:
    usb = Found("file:///dev/usb/lp0", "TM-T20", (Way.USB,), "serial:J5ZF1234", "EPSON TM-T20")
    queue = Found("cups://till", "till", (Way.QUEUE,), "serial:J5ZF1234")
    (printer,) = merged((queue, usb))
    assert (printer.address, printer.how, printer.others) == (usb.address, (Way.USB, Way.QUEUE), (queue.address,))


def test_two_printers_that_share_a_number_stay_two() -> None:
    one = Found(TCP, "a", (Way.NETWORK,), "serial:ABCD1234")
    other = Found("tcp://192.168.1.51:9100", "b", (Way.MDNS,), "serial:ABCD1234")
    assert {each.address for each in merged((one, other))} == {one.address, other.address}


def test_printers_of_which_nothing_lasting_is_known_stay_apart() -> None:
    ports = (Found(f"serial://COM{n}", f"COM{n}", (Way.SERIAL,)) for n in (1, 2))
    assert len(merged(ports)) == 2
