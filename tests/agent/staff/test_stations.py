"""Who works where: two pages, scanners with and without a sign-in of their own, and how a sign-in ends."""

import pytest

from agent.errors import NotSignedIn
from agent.staff import stations
from domain.policy import ChainPolicy
from domain.staff import Actor, Staff
from domain.times import MINUTE
from tests.agent.staff.conftest import Store

LEFT, RIGHT, SCANNER, OTHER_SCANNER = "page:left", "page:right", "serial:1", "serial:2"


def at(shop: Store, station: str) -> str:
    return shop.work.read(lambda reading: stations.actor(reading, station)).staff_id


def sign_in(shop: Store, staff: Staff, station: str) -> None:
    shop.clock.advance(1)
    shop.work.write(lambda tx: stations.sign_in(tx, staff, station))


def sign_out(shop: Store, station: str) -> None:
    shop.work.write(lambda tx: stations.sign_out(tx, station))


def use(shop: Store, station: str) -> Actor:
    shop.clock.advance(1)
    return shop.work.write(lambda tx: stations.worker(tx, station))


def test_nobody_at_first(shop: Store) -> None:
    assert shop.work.read(lambda reading: stations.actor(reading, LEFT)) == Actor(LEFT)
    assert use(shop, SCANNER) == Actor(SCANNER)


def test_two_pages_are_two_people(shop: Store, zhang: Staff, wang: Staff) -> None:
    sign_in(shop, zhang, LEFT)
    sign_in(shop, wang, RIGHT)
    assert (at(shop, LEFT), at(shop, RIGHT), at(shop, stations.PAGE)) == ("zhang", "wang", "")
    assert use(shop, RIGHT) == Actor(RIGHT, "wang", "王药师", wang.roles)


def test_the_next_one_replaces_the_last(shop: Store, zhang: Staff, wang: Staff) -> None:
    sign_in(shop, zhang, LEFT)
    sign_in(shop, wang, LEFT)
    assert at(shop, LEFT) == "wang"


def test_a_scanner_belongs_to_the_page_used_last(shop: Store, zhang: Staff, wang: Staff) -> None:
    sign_in(shop, zhang, LEFT)
    sign_in(shop, wang, RIGHT)
    assert at(shop, SCANNER) == "wang"
    use(shop, LEFT)
    assert at(shop, SCANNER) == "zhang"
    use(shop, "page:third")
    assert at(shop, SCANNER) == ""


def test_a_badge_at_a_scanner_signs_in_both_it_and_the_empty_page(shop: Store, zhang: Staff, wang: Staff) -> None:
    use(shop, LEFT)
    sign_in(shop, zhang, SCANNER)
    assert (at(shop, SCANNER), at(shop, LEFT)) == ("zhang", "zhang")
    sign_in(shop, wang, OTHER_SCANNER)
    assert (at(shop, OTHER_SCANNER), at(shop, SCANNER), at(shop, LEFT)) == ("wang", "zhang", "zhang")
    sign_in(shop, wang, SCANNER)
    assert (at(shop, SCANNER), at(shop, LEFT)) == ("wang", "wang")


def test_a_sign_in_by_pin_is_not_replaced_by_a_scanner(shop: Store, zhang: Staff, wang: Staff) -> None:
    sign_in(shop, zhang, LEFT)
    sign_in(shop, wang, SCANNER)
    assert (at(shop, SCANNER), at(shop, LEFT)) == ("wang", "zhang")
    assert [who.name for who in shop.work.read(stations.at_scanners)] == ["王药师"]


@pytest.mark.parametrize("where", [LEFT, SCANNER])
def test_what_one_badge_signed_in_is_signed_out_together(shop: Store, zhang: Staff, where: str) -> None:
    use(shop, LEFT)
    sign_in(shop, zhang, SCANNER)
    sign_out(shop, where)
    assert (at(shop, LEFT), at(shop, SCANNER)) == ("", "")


def test_the_sign_out_card_at_a_borrowing_scanner_signs_out_the_page(shop: Store, zhang: Staff) -> None:
    sign_in(shop, zhang, LEFT)
    sign_out(shop, SCANNER)
    assert at(shop, LEFT) == ""


def test_signing_out_elsewhere_changes_nothing_here(shop: Store, zhang: Staff) -> None:
    sign_in(shop, zhang, LEFT)
    sign_out(shop, RIGHT)
    assert at(shop, LEFT) == "zhang"


def test_an_idle_station_is_signed_out_and_stays_so(shop: Store, zhang: Staff) -> None:
    shop.policy(ChainPolicy(idle_sign_out_minutes=10))
    sign_in(shop, zhang, LEFT)
    shop.clock.advance(9 * MINUTE)
    assert use(shop, LEFT).staff_id == "zhang"
    shop.clock.advance(10 * MINUTE + 1)
    assert at(shop, LEFT) == ""
    assert use(shop, LEFT).staff_id == ""
    assert at(shop, LEFT) == ""


@pytest.mark.parametrize("minutes", [10, 0])
def test_scanning_keeps_the_borrowed_sign_in(shop: Store, zhang: Staff, minutes: int) -> None:
    shop.policy(ChainPolicy(idle_sign_out_minutes=minutes))
    sign_in(shop, zhang, LEFT)
    for _ in range(5):
        shop.clock.advance(9 * MINUTE)
        assert use(shop, SCANNER).staff_id == "zhang"
    shop.clock.advance(20 * MINUTE)
    assert use(shop, SCANNER).staff_id == ("" if minutes else "zhang")
    assert at(shop, LEFT) == ("" if minutes else "zhang")


def test_who_is_not_named_any_more_is_nobody_at_once(shop: Store, zhang: Staff, wang: Staff) -> None:
    sign_in(shop, zhang, LEFT)
    shop.staff(wang)
    assert at(shop, LEFT) == ""


def test_where_the_chain_wants_names_nobody_picks_without(shop: Store, zhang: Staff) -> None:
    shop.policy(ChainPolicy(sign_in=True))
    with pytest.raises(NotSignedIn, match="请先刷工牌或输入密码登录"):
        use(shop, LEFT)
    sign_in(shop, zhang, LEFT)
    assert use(shop, LEFT).staff_id == use(shop, SCANNER).staff_id == "zhang"


def test_where_nobody_is_known_nobody_need_sign_in(shop: Store) -> None:
    shop.staff()
    shop.policy(ChainPolicy(sign_in=True))
    assert use(shop, LEFT) == Actor(LEFT)


def test_closed_tabs_are_forgotten(shop: Store, zhang: Staff) -> None:
    use(shop, LEFT)
    shop.clock.advance(25 * 60 * MINUTE)
    sign_in(shop, zhang, RIGHT)
    rows = shop.work.read(lambda reading: reading.db.execute("SELECT station FROM stations").fetchall())
    assert [row["station"] for row in rows] == [RIGHT]
