"""A simulator of the Meituan 闪购 / 医药 open platform, modelled on documented behaviour.

We never reached the platform itself. Every shape comes from `facts/channels.md` §1 and its samples; what those
leave open is a switch (`switches.py`), or marked ASSUMPTION where it is decided. It shares no code with the
product, so that a mistake of ours cannot hide in it.
"""

from installer.simulators.meituan.program import Simulator, serve
from installer.simulators.meituan.settings import Config, load

__all__ = ["Config", "Simulator", "load", "serve"]
