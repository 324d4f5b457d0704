"""A Windows CPython put together on Linux, out of what PyPI and this machine have."""
