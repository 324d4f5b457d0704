"""The lists of the law: dated, read whole, and found by the names that packs carry."""

from datetime import date

import msgspec
import pytest

from domain.products import Product
from domain.rules.case import Sale
from domain.rules.families.controls import listed
from domain.rules.lists import LISTS, Match, in_force, parse

TODAY = date(2026, 11, 22)


def named(generic: str, form: str = "", controls: tuple[str, ...] = ()) -> Product:
    return Product("X", generic, "", "盒", generic=generic, form=form, controls=controls)


def test_the_named_drugs_are_43_as_the_notice_counts_them() -> None:
    names = [name for each in in_force(TODAY) if each.id in ("named", "antibacterial") for name in each.names]
    assert len(names) == len(set(names)) == 43


def test_a_list_counts_from_its_day_on() -> None:
    assert {each.id for each in in_force(date(2022, 11, 30))} & {"injection", "named"} == set()
    assert {"injection", "named"} <= {each.id for each in in_force(date(2022, 12, 1))}


def test_ids_are_unique_and_every_list_says_where_it_is_from() -> None:
    ids = [each.id for drug_list in LISTS for each in drug_list.listings]
    assert len(ids) == len(set(ids))
    assert all(each.source and each.complete for each in LISTS)


@pytest.mark.parametrize(
    ("product", "expected"),
    [
        (named("华法林钠片"), {"named": Match.SURE}),
        (named("盐酸普罗帕酮片"), {"named": Match.SURE}),
        (named("炔雌醇环丙孕酮片"), {"named": Match.DOUBT}),
        (named("戊酸雌二醇片"), {"named": Match.DOUBT}),
        (named("复方米非司酮片"), {"named": Match.SURE}),
        (named("复方氨茶碱片"), {}),
        (named("夫西地酸乳膏"), {}),
        (named("夫西地酸片"), {"antibacterial": Match.SURE}),
        (named("头孢地尼胶囊"), {"antibacterial": Match.SURE}),
        (named("氢溴酸右美沙芬片"), {"dextromethorphan": Match.SURE}),
        (named("复方氢溴酸右美沙芬糖浆"), {}),
        (named("酚麻美敏片"), {"ephedrine": Match.SURE}),
        (named("复方盐酸伪麻黄碱缓释胶囊"), {"ephedrine": Match.SURE}),
        (named("麻黄止嗽丸"), {}),
        (named("注射用头孢曲松钠"), {"injection": Match.SURE}),
        (named("甘精胰岛素注射液"), {}),
        (named("丹参", form="注射剂"), {"injection": Match.SURE}),
        (named("司美格鲁肽注射液", controls=("-injection",)), {}),
        (named("当归配方颗粒"), {"formula_granules": Match.SURE}),
        (named("流感病毒裂解疫苗"), {"vaccine": Match.SURE}),
        (named("无关", controls=("narcotic",)), {"narcotic": Match.SURE}),
        (named("阿莫西林胶囊"), {}),
        (named("布洛芬缓释胶囊"), {}),
        (named("奥卡西平片"), {}),
    ],
    ids=lambda value: value.generic if isinstance(value, Product) else "",
)
def test_products_are_found_by_their_names(product: Product, expected: dict[str, Match]) -> None:
    assert {listing.id: match for listing, match in listed(product, Sale.ONLINE, TODAY)} == expected


def test_a_list_with_a_mistake_is_refused() -> None:
    head = 'name="n"\nvalid_from=2022-12-01\nsource="s"\ncomplete="c"\n'
    good = head + '[[listings]]\nid="a"\ntitle="t"\nclause="c"\nat="online"\n'
    assert parse(good).listings[0].id == "a"
    for bad in (good + "contians=[]\n", good.replace("online", "onlin"), good.replace("2022-12-01", "12"), "["):
        with pytest.raises((msgspec.ValidationError, ValueError)):
            parse(bad)
