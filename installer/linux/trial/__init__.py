"""A PC to try the packages on: a Debian of its own, booted with systemd in a container, and headquarters outside of it.

Needs root, debootstrap and systemd-nspawn. The container shares the machine's loopback, so the hub and the printer of
a trial are ordinary programs outside.
"""
