"""The hub's tables of prescriptions and of blobs; part of `cloud.tables`."""

from sqlalchemy import Index, UniqueConstraint

from cloud.columns import blob, index_of, maybe_whole, table, text, whole, written

prescriptions = table(
    "prescriptions",
    text("prescription_id"),
    text("order_id"),
    text("store"),
    text("state"),  # domain.prescriptions.PrescriptionState
    text("number", ""),
    text("provider", ""),  # who gave the number
    maybe_whole("issued_at"),
    text("content", ""),  # domain.prescriptions.fingerprint
    maybe_whole("decision"),  # place of the decision that stands
    text("used_by", ""),  # another order that was first with the same prescription
    whole("created_at"),
    UniqueConstraint("chain", "order_id", name="one_prescription_per_order"),
    Index("prescriptions_by_store", "chain", "store", "prescription_id"),
    key=("prescription_id",),
)
_rx = prescriptions.c
prescription_waits = _rx.state == written("waiting")
index_of("prescriptions_reused", _rx.used_by != written(""), _rx.chain, _rx.used_by)

prescription_decisions = table(
    "prescription_decisions",
    text("prescription_id"),
    whole("place"),
    whole("approved"),
    text("staff_id"),
    text("name"),
    text("licence"),
    whole("at"),  # by the clock of where it was decided
    text("covers"),  # domain.prescriptions.coverage
    text("store"),  # empty: at headquarters
    text("reason"),
    whole("counts"),  # 0: it was to be looked at again since
    whole("received_at"),
    Index("decisions_by_staff", "chain", "staff_id", "prescription_id"),
    key=("prescription_id", "place"),
)

# Where each image comes from; the one at place 0 is the question to the channel which images there are.
prescription_images = table(
    "prescription_images",
    text("prescription_id"),
    whole("place"),
    text("state"),  # cloud.prescriptions.images.ImageState
    text("digest", ""),
    whole("size", 0),
    text("media_type", ""),
    whole("attempts", 0),
    whole("next_at", 0),
    text("why", ""),  # it is not here yet
    key=("prescription_id", "place"),
)
_i = prescription_images.c
image_is_waiting = _i.state == written("waiting")
index_of("images_to_fetch", image_is_waiting, _i.chain, _i.next_at)

# Which order was first with a prescription: one row for its number and for each of its images.
prescription_uses = table(
    "prescription_uses",
    text("content"),  # domain.prescriptions.fingerprint
    text("order_id"),
    Index("uses_by_order", "chain", "order_id"),
    key=("content",),
)

blobs = table(
    "blobs",
    text("order_id"),
    text("digest"),
    text("store"),
    whole("size"),
    text("media_type"),
    whole("at"),
    blob("sealed"),  # under the order's key
    Index("blobs_by_digest", "chain", "digest"),
    key=("order_id", "digest"),
    large=True,
)
