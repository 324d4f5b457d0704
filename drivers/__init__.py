"""Hardware: printers, scanners, and virtual ones for the demo and the tests."""
