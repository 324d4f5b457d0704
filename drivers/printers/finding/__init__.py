"""Which printers are here: on the network, on USB, on serial ports, in the system's queues. Looking prints nothing."""
