"""How a restored store and a cloned disk are noticed."""

from agent import incarnation
from cloud import clones
from cloud.clones import Boots
from tests.simulation.mutants.mutant import Mutant, replaced
from tests.simulation.scenes import a_disk_is_cloned, an_old_image_is_put_back


def _anybody(boots: Boots, boot: str) -> Boots:
    """Whoever knows the key is the store's computer."""
    return Boots(boot)


MUTANTS = (
    Mutant(
        "restored store unnoticed",
        replaced((incarnation, "is_older_copy", lambda reading, reply: False)),
        an_old_image_is_put_back,
    ),
    Mutant("clone unnoticed", replaced((clones, "spoke", _anybody)), a_disk_is_cloned),
)
