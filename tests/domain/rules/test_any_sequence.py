"""A pick through anything that may happen to it, in any order, shrunk by hypothesis to the least that goes wrong."""

from random import Random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from benchmarks.pick_rules.oracle import wrongs
from benchmarks.pick_rules.sequences import LIKELY
from benchmarks.pick_rules.world import World, made
from domain.picks import MOVES, PickState


class AnyOrder(RuleBasedStateMachine):
    world: World

    @initialize(seed=st.integers(0, 10_000))
    def place(self, seed: int) -> None:
        self.world = made(Random(seed))
        self.was = PickState.ASSIGNED

    @rule(what=st.sampled_from([step for step, _ in LIKELY]))
    def step(self, what: object) -> None:
        assert callable(what)
        self.world.clock += 1
        what(self.world)

    @rule()
    def pack(self) -> None:
        wrong = wrongs(self.world, leaves=False)
        assert self.world.pack() is not bool(wrong), wrong
        self.was = self.world.pick.state

    @rule(boxed=st.booleans())
    def hand_over(self, boxed: bool) -> None:
        wrong = wrongs(self.world, leaves=True, boxed=boxed)
        assert self.world.hand_over(boxed=boxed) is not bool(wrong), wrong

    @invariant()
    def moves_by_the_table(self) -> None:
        now = self.world.pick.state
        assert now is self.was or now in MOVES[self.was], (self.was, now)
        self.was = now

    @invariant()
    def what_lies_there_is_what_is_written(self) -> None:
        written = [(each.line_id, each.quantity) for each in self.world.pick.bindings]
        assert written == [(held.line_id, held.quantity) for held in self.world.bag]
        assert self.world.unnamed == 0
        if self.world.pick.state is PickState.ASSIGNED:
            assert not written


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
