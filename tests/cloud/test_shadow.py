"""On trial: a store lives as always, and no channel hears a word of it, whoever puts it on trial and whenever."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from cloud import answers, calls, chain, intake, stock_calls, switching, tables
from cloud.calls import Carried
from cloud.channels.base import Advanced, CallKind, CallResult, CallState, Cancelled, Refunded
from cloud.database import Database
from cloud.own_http import standing
from cloud.transaction import Transaction
from domain.events import OrderPlaced, StoreConfigured
from domain.exceptions import Choice, ExceptionKind
from domain.modes import Mode
from domain.operations import AcceptOrder, AnswerRefund, OrderHandedOver, PickCompleted, SettleException
from domain.orders import AcceptRule, OrderState
from domain.picks import Binding
from domain.protocol import OutcomeState
from domain.quantity import ONE, units
from domain.refunds import RefundState
from domain.times import MINUTE
from tests.cloud.hub import CHAIN, OTHER_SHOP, OTHER_STORE, SHOP, STORE, Hub, paid

DONE = CallResult(CallState.DONE)


def switch(hub: Hub, mode: Mode, *stores: str) -> tuple[str, ...]:
    with hub.transaction() as tx:
        return switching.switch(tx, stores or None, mode, by="test")


def leave(hub: Hub) -> list[Carried]:
    """What the caller would carry now."""
    with hub.transaction() as tx:
        return calls.due(tx)


def answer(hub: Hub, carried: Carried, result: CallResult = DONE) -> None:
    with hub.transaction() as tx:
        answers.settle(tx, carried, result)


def states(hub: Hub, kind: CallKind) -> list[str]:
    return [row.state for row in hub.rows(tables.calls) if row.kind == kind]


def packed(order_id: str) -> PickCompleted:
    return PickCompleted(order_id, (Binding(1, None, ONE),))


def test_in_shadow_an_order_is_reserved_and_told_to_its_store_but_not_accepted(hub: Hub) -> None:
    assert switch(hub, Mode.SHADOW, STORE) == (STORE,)
    order_id = hub.place(1, ("sku1", 2))
    assert hub.level("sku1").reserved == units(2)
    assert [told.order.state for told in hub.told(OrderPlaced) if isinstance(told, OrderPlaced)] == [OrderState.PLACED]
    assert hub.state(order_id) is OrderState.PLACED
    assert states(hub, CallKind.ACCEPT) == ["shadow"]
    assert leave(hub) == []


def test_live_the_same_is_accepted_and_told(hub: Hub) -> None:
    """The control: were nothing ever told, the tests of shadow could not fail."""
    order_id = hub.place(1)
    assert hub.state(order_id) is OrderState.ACCEPTED
    assert [carried.call.kind for carried in leave(hub)] == [CallKind.ACCEPT]


def test_only_the_store_on_trial_is_silent(hub: Hub) -> None:
    switch(hub, Mode.SHADOW, STORE)
    hub.place(1)
    hub.place(2, shop=OTHER_SHOP)
    assert [carried.call.shop for carried in leave(hub)] == [OTHER_SHOP]


def test_picked_and_handed_over_are_recorded_and_not_told(hub: Hub) -> None:
    switch(hub, Mode.SHADOW, STORE)
    order_id = hub.place(1)
    hub.do(packed(order_id))
    assert hub.state(order_id) is OrderState.PICKED
    assert hub.level("sku1").on_hand == units(9)
    hub.do(OrderHandedOver(order_id))
    row = hub.row(tables.orders, order_id=order_id)
    assert (row.state, row.state_there) == ("handed_over", "placed")
    assert states(hub, CallKind.PICKED) == ["shadow"]
    assert leave(hub) == []


def test_what_the_platform_reports_is_followed(hub: Hub) -> None:
    switch(hub, Mode.SHADOW, STORE)
    accepted, cancelled = hub.place(1), hub.place(2)
    hub.say(1, Advanced("1", OrderState.ACCEPTED), "confirmed:1")
    hub.say(2, Cancelled("2", "customer", ""), "cancel:2")
    assert (hub.state(accepted), hub.state(cancelled)) == (OrderState.ACCEPTED, OrderState.CANCELLED)
    assert hub.row(tables.orders, order_id=accepted).state_there is None
    hub.balanced()


def test_the_chains_own_channel_is_answered_as_if_we_had_done_nothing(hub: Hub) -> None:
    with hub.transaction() as tx:
        chain.put_shop(tx, "own", "own-1", STORE)
    switch(hub, Mode.SHADOW, STORE)
    order_id = hub.place(1)
    with hub.transaction() as tx:  # as its own channel's: the platform is our record
        tx.connection.execute(tables.orders.update().values(channel="own"))
    hub.do(packed(order_id))
    with hub.database.read() as connection:
        seen = standing(connection, CHAIN, "1")
    assert seen is not None and seen.state is OrderState.PLACED


@pytest.mark.parametrize("choice", [Choice.PART_REFUND, Choice.CANCEL])
def test_what_would_be_told_is_refused_with_where_to_do_it(hub: Hub, choice: Choice) -> None:
    switch(hub, Mode.SHADOW, STORE)
    order_id = hub.place(1, ("sku1", 12))
    exception = hub.row(tables.exceptions, kind=ExceptionKind.SHORT.value)
    outcome = hub.do(SettleException(exception.exception_id, order_id, choice))
    assert outcome.state is OutcomeState.REFUSED
    assert "请在原系统处理" in outcome.reason
    found = hub.do(SettleException(exception.exception_id, order_id, Choice.FOUND, {1: units(12)}))
    assert found.state is OutcomeState.DONE
    assert leave(hub) == []


def test_refunds_and_accepting_are_the_other_systems(hub: Hub) -> None:
    with hub.transaction() as tx:
        chain.put_store(tx, STORE, "店", accept=AcceptRule.CLERK, mode=Mode.SHADOW)
    order_id = hub.place(1)
    hub.say(1, Refunded("1", "r1", RefundState.ASKED, True, None, (), "", None, None), "refund:1")
    for asked in (AcceptOrder(order_id), AnswerRefund(order_id, "r1", True), AnswerRefund(order_id, "r1", False, "x")):
        outcome = hub.do(asked)
        assert outcome.state is OutcomeState.REFUSED and "请在原系统处理" in outcome.reason
    assert leave(hub) == []


def test_stock_is_not_pushed_and_going_live_pushes_all_of_it_once(hub: Hub) -> None:
    switch(hub, Mode.SHADOW, STORE)
    with hub.transaction() as tx:
        stock_calls.enqueue(tx, {(STORE, "sku1"), (OTHER_STORE, "sku1")})
    assert [carried.call.shop for carried in leave(hub)] == [OTHER_SHOP]
    with hub.transaction() as tx:
        chain.set_mode(tx, STORE, Mode.LIVE)
        news = set(tx.stock_news)
    assert news == {(STORE, f"sku{number}") for number in (1, 2, 3)}
    with hub.transaction() as tx:
        stock_calls.enqueue(tx, news)
    (told,) = leave(hub)
    assert (told.call.shop, len(told.call.stock)) == (SHOP, 3)


def test_calls_of_the_shadow_time_are_never_sent(hub: Hub) -> None:
    switch(hub, Mode.SHADOW, STORE)
    before = hub.place(1)
    switch(hub, Mode.LIVE, STORE)
    assert leave(hub) == []
    hub.place(2)
    hub.do(packed(before))
    hub.now += MINUTE
    told = [(carried.call.kind, carried.call.channel_order_id) for carried in leave(hub)]
    assert sorted(told) == [(CallKind.ACCEPT, "2"), (CallKind.PICKED, "1")]  # new happenings, of old orders too


def test_what_waits_when_a_store_goes_on_trial_never_leaves(hub: Hub) -> None:
    hub.place(1)
    switch(hub, Mode.SHADOW, STORE)
    assert leave(hub) == []
    assert states(hub, CallKind.ACCEPT) == ["shadow"]
    switch(hub, Mode.LIVE, STORE)
    hub.now += MINUTE
    assert leave(hub) == []


def test_the_answer_to_a_call_that_left_before_is_believed(hub: Hub) -> None:
    order_id = hub.place(1, ("sku1", 12))
    (accept,) = leave(hub)
    answer(hub, accept)
    exception = hub.row(tables.exceptions, kind=ExceptionKind.SHORT.value)
    hub.do(SettleException(exception.exception_id, order_id, Choice.CANCEL))
    (cancel,) = leave(hub)
    switch(hub, Mode.SHADOW, STORE)
    answer(hub, cancel)
    assert hub.state(order_id) is OrderState.CANCELLED
    assert states(hub, CallKind.CANCEL) == ["done"]


def test_a_call_that_must_come_again_does_not(hub: Hub) -> None:
    hub.place(1)
    (accept,) = leave(hub)
    switch(hub, Mode.SHADOW, STORE)
    answer(hub, accept, CallResult(CallState.LATER))
    hub.now += 10 * MINUTE
    assert leave(hub) == []
    assert states(hub, CallKind.ACCEPT) == ["shadow"]


def test_a_row_that_slipped_through_is_stopped_where_it_would_leave(hub: Hub) -> None:
    """Intake on another connection read the mode before it changed, and committed after."""
    hub.place(1)
    with hub.transaction() as tx:
        tx.connection.execute(tables.stores.update().values(mode="shadow"))  # behind the core's back
    assert leave(hub) == []
    assert states(hub, CallKind.ACCEPT) == ["shadow"]


def test_a_writers_memory_does_not_outlive_the_switch(hub: Hub) -> None:
    with hub.transaction() as tx:
        _place_in(tx, "first")
        chain.set_mode(tx, STORE, Mode.SHADOW)
        _place_in(tx, "second")
    assert sorted(states(hub, CallKind.ACCEPT)) == ["shadow", "waiting"]
    assert leave(hub) == []


def _place_in(tx: Transaction, number: str) -> None:
    intake.accept(tx, [paid(number)])


def test_a_store_keeps_its_mode_when_it_is_loaded_again(hub: Hub) -> None:
    switch(hub, Mode.SHADOW, STORE)
    with hub.transaction() as tx:
        chain.put_store(tx, STORE, "新名")
    told = [one for one in hub.told(StoreConfigured) if isinstance(one, StoreConfigured)]
    assert (told[-1].name, told[-1].mode) == ("新名", Mode.SHADOW)
    assert hub.row(tables.stores, store=STORE).mode == "shadow"


def test_switching_is_told_and_audited_once(hub: Hub) -> None:
    assert switch(hub, Mode.SHADOW) == (STORE, OTHER_STORE)
    assert switch(hub, Mode.SHADOW) == ()
    told = [one.mode for one in hub.told(StoreConfigured) if isinstance(one, StoreConfigured)]
    assert told == [Mode.LIVE, Mode.SHADOW]
    entries = [(row.store, row.detail) for row in hub.rows(tables.audit) if row.action == "store.mode"]
    assert sorted(entries) == [(STORE, "shadow"), (OTHER_STORE, "shadow")]


class AnyHistory(RuleBasedStateMachine):
    """Whatever happens in whatever order, what leaves is of a store that is live at that moment, and never anything
    that happened while it was not."""

    database: Database

    @initialize()
    def begin(self) -> None:
        with self.database.write() as connection:
            for table in tables.metadata.sorted_tables:
                connection.execute(table.delete())
        self.hub = Hub.with_stock(self.database)
        self.modes = {STORE: Mode.LIVE, OTHER_STORE: Mode.LIVE}
        self.orders: list[tuple[str, str]] = []
        self.under_way: list[Carried] = []
        self.of_shadow: set[tuple[CallKind, str]] = set()
        self.left = 0

    @rule(store=st.sampled_from([STORE, OTHER_STORE]), count=st.integers(1, 4))
    def place(self, store: str, count: int) -> None:
        number = f"{len(self.orders)}"
        shop = SHOP if store == STORE else OTHER_SHOP
        self.orders.append((self.hub.place(number, ("sku1", count), shop=shop), store))
        self._happened(CallKind.ACCEPT, number, store)

    @rule(at=st.integers(0, 20))
    def pick(self, at: int) -> None:
        if at < len(self.orders):
            order_id, store = self.orders[at]
            if self.hub.row(tables.orders, order_id=order_id).picked_at is None:
                self._happened(CallKind.PICKED, f"{at}", store)
            self.hub.do(packed(order_id), store=store)

    @rule(at=st.integers(0, 20), choice=st.sampled_from([Choice.CANCEL, Choice.PART_REFUND]))
    def settle(self, at: int, choice: Choice) -> None:
        for row in self.hub.rows(tables.exceptions):
            if at < len(self.orders) and row.order_id == self.orders[at][0] and row.closed_at is None:
                asked = SettleException(row.exception_id, row.order_id, choice)
                outcome = self.hub.do(asked, store=self.orders[at][1])
                if self.modes[self.orders[at][1]] is Mode.SHADOW:
                    assert outcome.state is OutcomeState.REFUSED

    @rule(store=st.sampled_from([STORE, OTHER_STORE]))
    def stock(self, store: str) -> None:
        with self.hub.transaction() as tx:
            stock_calls.enqueue(tx, {(store, "sku1")})

    @rule(store=st.sampled_from([STORE, OTHER_STORE]), mode=st.sampled_from(list(Mode)))
    def switch(self, store: str, mode: Mode) -> None:
        switch(self.hub, mode, store)
        self.modes[store] = mode

    @rule()
    def carry(self) -> None:
        for carried in leave(self.hub):
            call = carried.call
            assert self.modes[carried.store] is Mode.LIVE
            assert (call.kind, call.channel_order_id) not in self.of_shadow
            self.under_way.append(carried)

    @rule(state=st.sampled_from([CallState.DONE, CallState.LATER, CallState.ALREADY]))
    def come_back(self, state: CallState) -> None:
        for carried in self.under_way:
            answer(self.hub, carried, CallResult(state))
        self.under_way.clear()

    @rule()
    def wait(self) -> None:
        self.hub.now += 10 * MINUTE

    @invariant()
    def stock_is_sound(self) -> None:
        if hasattr(self, "hub"):
            self.hub.balanced()

    def _happened(self, kind: CallKind, number: str, store: str) -> None:
        if self.modes[store] is Mode.SHADOW:
            self.of_shadow.add((kind, number))


def test_any_history(database: Database) -> None:
    class OnThis(AnyHistory):
        pass

    OnThis.database = database
    fewer = 40 if database.embedded else 10
    run_state_machine_as_test(
        OnThis, settings=settings(max_examples=fewer, stateful_step_count=25, deadline=None, database=None)
    )
