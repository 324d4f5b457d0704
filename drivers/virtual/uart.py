"""What a serial line's other end makes of bytes that were sent at another speed than it reads: bit by bit, as a UART
samples the wire. Pure."""


def as_read(data: bytes, sent_at: int, read_at: int) -> bytes:
    """Speeds in baud, 8 data bits, no parity, 1 stop bit. A framing error leaves the byte as it was sampled, which is
    what Linux gives a program that does not ask for parity."""
    if sent_at == read_at:
        return data
    wire = _bits(data)
    read, at, end = bytearray(), 0.0, float(len(wire))
    step = sent_at / read_at
    while (start := _falling_edge(wire, at)) is not None:
        samples = [_level(wire, start + (place + 0.5) * step) for place in range(10)]
        read.append(sum(bit << place for place, bit in enumerate(samples[1:9])))
        at = start + 9.5 * step
        if at >= end:
            break
    return bytes(read)


def _bits(data: bytes) -> list[int]:
    """The wire is high when nothing is sent; a start bit is low, the stop bit high."""
    bits = [1]
    for byte in data:
        bits += [0, *(byte >> place & 1 for place in range(8)), 1]
    return [*bits, 1]


def _level(wire: list[int], at: float) -> int:
    return wire[int(at)] if at < len(wire) else 1


def _falling_edge(wire: list[int], after: float) -> float | None:
    """Where the next start bit seems to begin: the wire goes from high to low."""
    high = False
    for place in range(int(after), len(wire)):
        if wire[place]:
            high = True
        elif high:
            return float(place)
    return None
