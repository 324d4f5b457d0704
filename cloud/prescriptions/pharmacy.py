"""What headquarters' pharmacists see and do, without any HTTP: the API and the page are two faces of it."""

from functools import partial

import msgspec

from cloud import blobs
from cloud.audit import OPERATOR
from cloud.errors import DecisionRefused, UnknownPrescription
from cloud.people import proving, roster
from cloud.prescriptions import deciding, images, records
from cloud.prescriptions.deciding import Verdict
from cloud.transaction import Transaction
from cloud.vault import Vault
from cloud.views import prescriptions
from cloud.views.prescriptions import Row, Sought, View
from cloud.writer import Writer
from domain.proofs import Proof
from domain.staff import OnDuty, Role, Staff
from domain.times import Clock


class Decided(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A verdict with whoever gives it."""

    approve: bool
    seen: str
    proof: Proof
    reason: str = ""


class Pharmacy:
    def __init__(self, writer: Writer, chain: str, vault: Vault, clock: Clock) -> None:
        self._writer, self._chain, self._vault, self._clock = writer, chain, vault, clock

    async def waiting(self) -> tuple[Row, ...]:
        return await self._writer.read(partial(prescriptions.waiting, chain=self._chain))

    async def archive(self, sought: Sought) -> tuple[Row, ...]:
        return await self._writer.read(partial(prescriptions.archive, chain=self._chain, sought=sought))

    async def one(self, prescription_id: str) -> View:
        """Raises `UnknownPrescription`."""
        read = partial(prescriptions.one, chain=self._chain, vault=self._vault, prescription_id=prescription_id)
        if (found := await self._writer.read(read)) is None:
            raise UnknownPrescription(f"no prescription {prescription_id}")
        return found

    async def image(self, prescription_id: str, digest: str) -> tuple[str, bytes]:
        """Media type and bytes. Raises `UnknownPrescription`, also for an image that is not here any more."""
        order_id = (await self.one(prescription_id)).row.prescription.order_id
        read = partial(blobs.of_order, chain=self._chain, vault=self._vault, order_id=order_id, name=digest)
        if (found := await self._writer.read(read)) is None:
            raise UnknownPrescription(f"prescription {prescription_id} has no image {digest}")
        return found

    async def on_duty(self) -> tuple[OnDuty, ...]:
        """At headquarters, now."""
        return await self._writer.read(partial(roster.remote, chain=self._chain, at=self._clock()))

    async def decide(self, prescription_id: str, decided: Decided) -> None:
        """Raises `DecisionRefused`, `WrongProof`, `LockedOut`, `NotPermitted`."""
        by = await proving.prove(self._writer, self._chain, decided.proof, Role.PHARMACIST)
        verdict = Verdict(decided.approve, decided.seen, decided.reason)
        await self._writer.run(partial(_decide, prescription_id=prescription_id, by=by, verdict=verdict))

    async def look_again(self, prescription_id: str) -> None:
        """Raises `DecisionRefused`, `UnknownPrescription`."""
        await self._writer.run(partial(deciding.look_again, prescription_id=prescription_id, actor=OPERATOR))

    async def ask_again(self, prescription_id: str) -> None:
        """For its images, now. Raises `UnknownPrescription`."""
        await self._writer.run(partial(_ask_again, prescription_id=prescription_id))


def _decide(tx: Transaction, prescription_id: str, by: Staff, verdict: Verdict) -> None:
    if by.staff_id not in {duty.staff_id for duty in roster.remote(tx.connection, tx.chain, tx.now)}:
        raise DecisionRefused("现在不在总部值班 / not on duty at headquarters now", hint="/staff: 药师值班")
    deciding.decide(tx, prescription_id, by, verdict, actor=OPERATOR)


def _ask_again(tx: Transaction, prescription_id: str) -> None:
    records.locked(tx, prescription_id)
    images.again(tx, prescription_id)
