"""What can go wrong inside the hub.

HubError
├── SchemaTooNew          the database was made by a newer hub
├── DatabaseUnusable      it cannot be opened or written; retryable
├── Conflict              another transaction was first; retryable
├── SnapshotNotReady      it is being made, or cannot be written; retryable
├── WriterStopped         asked after the hub began to stop; retryable
├── SealBroken            sealed bytes do not open: wrong master key, or changed on disk
├── MasterKeyUnusable     the chain's master key cannot be read
├── UnknownStore          no such store in this chain
├── UnknownOrder          no such order in this chain
├── UnknownPush           no such push was kept, or it was erased
├── UnknownException      no such open exception
├── UnknownPrescription   no such prescription in this chain
├── DecisionRefused       a prescription may not be decided so; the message is for the pharmacist
├── BlobRefused           an image that is too large, or none
├── MustBeKept            the law wants it kept; the message says until when
├── StockNotCovered       a guarded update of stock met other numbers than it was decided on
├── UnknownStaff          no such colleague, or they left
├── BadStaff              what was said of a colleague cannot be kept
├── BadPolicy             the policy cannot be used; the message says where
├── BadRoster             the duty cannot be on the roster
├── BadPin                nobody may have this PIN
├── NotProven             who does it is not sure, or may not
│   ├── WrongProof        this is not the PIN or the badge of anybody
│   ├── LockedOut         too many wrong PINs; `hint` says how long
│   └── NotPermitted      the person is known, and has not the role
├── PairingRefused        the code is wrong, used, expired or burnt
├── NotForThisAgent       the store's agent is too old for it, or there is none
├── UnknownKey            no agent has this key
├── SessionOver           an agent's session is none, or no longer; it begins another
├── Frozen                two computers speak as this one agent; neither may
└── Revoked               this agent may not speak any more; the message says why
"""


class HubError(Exception):
    """`hint` tells the operator what to do; `retryable` says whether the same again may work."""

    retryable = False

    def __init__(self, message: str, *, hint: str = "", retryable: bool | None = None) -> None:
        super().__init__(message)
        self.hint = hint
        if retryable is not None:
            self.retryable = retryable


class SchemaTooNew(HubError):
    pass


class DatabaseUnusable(HubError):
    retryable = True


class Conflict(HubError):
    retryable = True


class SnapshotNotReady(HubError):
    retryable = True


class WriterStopped(HubError):
    retryable = True


class SealBroken(HubError):
    pass


class MasterKeyUnusable(HubError):
    pass


class UnknownStore(HubError):
    pass


class UnknownOrder(HubError):
    pass


class UnknownPush(HubError):
    pass


class UnknownException(HubError):
    pass


class UnknownPrescription(HubError):
    pass


class DecisionRefused(HubError):
    pass


class MustBeKept(HubError):
    pass


class BlobRefused(HubError):
    pass


class StockNotCovered(HubError):
    pass


class PairingRefused(HubError):
    pass


class NotForThisAgent(HubError):
    pass


class UnknownKey(HubError):
    pass


class SessionOver(HubError):
    pass


class Frozen(HubError):
    pass


class Revoked(HubError):
    pass


class UnknownStaff(HubError):
    pass


class UnknownRecall(HubError):
    pass


class BadRecall(HubError):
    pass


class BadStaff(HubError):
    pass


class BadPolicy(HubError):
    pass


class BadRoster(HubError):
    pass


class BadPin(HubError):
    pass


class NotProven(HubError):
    pass


class WrongProof(NotProven):
    pass


class LockedOut(NotProven):
    pass


class NotPermitted(NotProven):
    pass
