"""A whole search, on a few addresses of the loopback network only."""

from contextlib import ExitStack
from ipaddress import IPv4Address

from drivers.printers.finding.found import Way
from drivers.printers.finding.interfaces import Where
from drivers.printers.finding.search import Wish, search
from drivers.virtual.printer import VirtualPrinter
from tests.drivers.printers.finding.conftest import bystander
from tests.drivers.printers.finding.street import announcing, called, house, terrace

LOOPBACK = Where((IPv4Address("127.0.0.1"),), ())


def test_a_scan_finds_printers_and_only_printers(street: ExitStack) -> None:
    network = terrace()
    houses = map(str, network.hosts())
    first = street.enter_context(VirtualPrinter(host=next(houses)))
    second = street.enter_context(VirtualPrinter(host=next(houses), port=first.port))
    mute = street.enter_context(VirtualPrinter(host=next(houses), port=first.port))
    mute.mute = True
    web = street.enter_context(bystander(next(houses), first.port, answer=b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    in_use = street.enter_context(VirtualPrinter(host=next(houses), port=first.port))

    result = search(Wish(Where((), (network,)), scan=True, port=first.port, ours=frozenset((in_use.address,))))

    on_network = {each.address: each.answers for each in result.printers if Way.NETWORK in each.how}
    assert on_network == {first.address: True, second.address: True, mute.address: False}
    assert (result.looked_at, result.late, result.other) == (5, 0, 1)
    assert b"".join(web.received) == b"\x10\x04\x01"


def test_without_a_persons_wish_no_network_is_gone_through(street: ExitStack) -> None:
    network = terrace()
    printer = street.enter_context(VirtualPrinter(host=str(next(network.hosts()))))
    result = search(Wish(Where((), (network,)), port=printer.port))
    assert result.looked_at == 0
    assert printer.address not in {each.address for each in result.printers}


def test_a_port_that_no_one_listens_on(street: ExitStack) -> None:
    printer = street.enter_context(VirtualPrinter(host=house()))
    result = search(Wish(Where((), (terrace(),)), scan=True, port=printer.port))
    assert result.looked_at == 6
    assert not any(Way.NETWORK in each.how for each in result.printers)


def test_a_printer_that_announces_itself_is_looked_at_and_named(street: ExitStack) -> None:
    printer = street.enter_context(VirtualPrinter(host=house()))
    street.enter_context(announcing("Receipts at the till", printer.host, printer.port))
    result = search(Wish(LOOPBACK))
    (found,) = [each for each in result.printers if each.address == printer.address]
    assert (found.name, found.how, found.answers) == (called("Receipts at the till"), (Way.MDNS,), True)
    assert found.model == "YAOLINK VP-80"


def test_an_announced_office_printer_is_left_alone(street: ExitStack, asked: list[str]) -> None:
    office = street.enter_context(bystander(house()))
    street.enter_context(announcing("Office", office.host, office.port, pdl="application/postscript,image/urf"))
    result = search(Wish(LOOPBACK))
    assert result.office >= 1
    assert office.host not in asked
    assert not any(office.host in each.address for each in result.printers)


def test_a_printer_in_use_is_seen_but_not_connected_to(street: ExitStack, asked: list[str]) -> None:
    ours = street.enter_context(bystander(house()))
    street.enter_context(announcing("Ours", ours.host, ours.port))
    address = f"tcp://{ours.host}:{ours.port}"
    result = search(Wish(LOOPBACK, ours=frozenset((address,))))
    (found,) = [each for each in result.printers if each.address == address]
    assert (found.name, found.answers) == (called("Ours"), None)
    assert ours.host not in asked
