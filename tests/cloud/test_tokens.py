"""Nonces and tokens carry the hub's mark, and are good for their time by the hub's clock."""

import pytest

from cloud.tokens import NONCE_LIFE, TOKEN_LIFE, Nonce, Token, Tokens, mark_of
from domain.times import HOUR

NOW = 1_790_000_000_000
NONCE, TOKEN = Nonce("d", 1, 3, NOW), Token("d", 1, 3, "boot", mark_of(b"key"), NOW + TOKEN_LIFE)
MADE = Tokens(bytes(32))


def test_they_come_back_as_they_were() -> None:
    assert MADE.read_nonce(MADE.nonce(NONCE), NOW) == NONCE
    assert MADE.read_token(MADE.token(TOKEN), NOW) == TOKEN


def test_another_hubs_are_none() -> None:
    other = Tokens(bytes(31) + b"1")
    assert other.read_nonce(MADE.nonce(NONCE), NOW) is None
    assert other.read_token(MADE.token(TOKEN), NOW) is None


def test_no_bit_of_a_token_can_be_changed() -> None:
    token = MADE.token(TOKEN)
    for place in range(len(token) - 1):  # of the last letter two bits mean nothing
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        assert MADE.read_token(changed, NOW) is None


def test_a_nonce_is_no_token() -> None:
    assert MADE.read_token(MADE.nonce(NONCE), NOW) is None
    assert MADE.read_nonce(MADE.token(TOKEN), NOW) is None


@pytest.mark.parametrize("later", [NONCE_LIFE + 1, -NONCE_LIFE - 1])
def test_a_nonce_lives_two_minutes(later: int) -> None:
    assert MADE.read_nonce(MADE.nonce(NONCE), NOW + later) is None


def test_a_token_lives_half_an_hour_and_no_longer_on_a_hub_whose_clock_was_set_back() -> None:
    token = MADE.token(TOKEN)
    assert MADE.read_token(token, NOW + TOKEN_LIFE - 1) == TOKEN
    assert MADE.read_token(token, NOW + TOKEN_LIFE) is None
    assert MADE.read_token(token, NOW - 2 * HOUR) is None
