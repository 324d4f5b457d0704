"""What the program was built of is not walked over again while somebody scans."""

import gc

from agent import garbage


def test_what_is_built_is_left_alone_and_garbage_is_still_found() -> None:
    try:
        garbage.leave_alone_what_is_built()
        looked_at = len(gc.get_objects())
        assert gc.get_freeze_count() > 10 * looked_at
        cycle: list[object] = []
        cycle.append(cycle)
        del cycle
        assert gc.collect() >= 1
    finally:
        gc.unfreeze()
