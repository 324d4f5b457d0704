"""All of them."""

from tests.simulation.mutants import of_applying, of_beginning_anew, of_hub, of_identity, of_sending, of_stock
from tests.simulation.mutants.mutant import Mutant

MUTANTS: tuple[Mutant, ...] = (
    *of_applying.MUTANTS,
    *of_sending.MUTANTS,
    *of_hub.MUTANTS,
    *of_beginning_anew.MUTANTS,
    *of_identity.MUTANTS,
    *of_stock.MUTANTS,
)
