"""Prescription images and photos in the store: kept sealed under their order's key, carried from and to headquarters.

A blob comes in pieces, each on the disk as soon as it is here, so that a line that breaks or an agent that is killed
loses none of them. What is here was verified against its digest.
"""

from agent.blobs.kept import Kept, content, find, keep, of_order, wanted
from agent.blobs.pictures import media_type_of

__all__ = ["Kept", "content", "find", "keep", "media_type_of", "of_order", "wanted"]
