"""Which agent this is: the version of the installed program."""

import importlib.metadata

VERSION = importlib.metadata.version("yaolink")
