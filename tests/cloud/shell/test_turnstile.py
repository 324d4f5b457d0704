"""Who comes when all come at once."""

from cloud.asgi import BadRequest
from cloud.turnstile import Turnstile
from tests.cloud.shell.serving import RunningHub

A_SECOND = 10


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def turn(turnstile: Turnstile) -> int | None:
    """None: let in. Else the seconds it was told to wait."""
    try:
        turnstile.enter()
    except BadRequest as refused:
        assert refused.status == 503
        return refused.retry_after
    return None


def test_as_many_as_fit_into_a_second_come_in_at_once() -> None:
    turnstile = Turnstile(A_SECOND, Time())
    assert [turn(turnstile) for _ in range(11)] == [*[None] * 10, 1]


def test_each_is_told_a_turn_of_its_own() -> None:
    turnstile = Turnstile(A_SECOND, Time())
    told = [turn(turnstile) for _ in range(60)][10:]
    assert told == [1] * 10 + [2] * 10 + [3] * 10 + [4] * 10 + [5] * 10


def test_who_comes_at_its_turn_comes_in() -> None:
    time = Time()
    turnstile = Turnstile(A_SECOND, time)
    waiting = [0.0] * 100
    seconds = 0
    while waiting:
        told = [(at, turn(turnstile)) for at in waiting if at <= time.now - 1000]
        waiting = [at for at in waiting if at > time.now - 1000]
        waiting += [time.now - 1000 + wait for _, wait in told if wait is not None]
        time.now += 1
        seconds += 1
    assert seconds <= 11, "a hundred at ten a second"


def test_nobody_is_sent_away_for_longer_than_a_minute() -> None:
    turnstile = Turnstile(1, Time())
    assert max(wait for _ in range(500) if (wait := turn(turnstile)) is not None) == 60


def test_what_was_not_used_is_not_saved_up() -> None:
    time = Time()
    turnstile = Turnstile(A_SECOND, time)
    time.now += 3600
    assert [turn(turnstile) for _ in range(11)].count(None) == 10


def test_a_store_that_comes_back_is_told_when_and_one_that_is_here_goes_on(hub: RunningHub) -> None:
    first, second = hub.client(hub.pair()), hub.client(hub.pair("S2", "device-2"))
    hub.stop()
    hub.agents_a_second = 1
    hub.start()
    here = {"after": "store:S1@:0"}
    assert first.get("/edge/events", params=here).status_code == 200
    for path in ("/edge/events", "/edge/stream"):
        refused = second.get(path, params={"after": "store:S2@:0"})
        assert (refused.status_code, refused.json()["error"]) == (503, "too_many_at_once")
        assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert [first.get("/edge/events", params=here).status_code for _ in range(5)] == [200] * 5
    assert hub.client().get("/health").status_code == 200
