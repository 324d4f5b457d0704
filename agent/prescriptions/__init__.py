"""Prescriptions in the store: what headquarters told of them, the pharmacist's word, and whether an order may be
picked (先方后药; facts/compliance.md §4, R10). All of it works with the line cut.
"""

from agent.prescriptions.following import follow, image_arrived
from agent.prescriptions.gating import gate, gate_of

__all__ = ["follow", "gate", "gate_of", "image_arrived"]
