"""Colleagues and roster in a real browser, as headquarters uses them."""

import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from domain.codes import BadgeCode, classify
from tests.cloud.shell.test_pages import CHROMIUM, browser, page

__all__ = ["browser", "page"]
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")]

WIDTH = "picture => picture.decode().then(() => picture.naturalWidth)"
"""Once it is there: it comes by itself, and again with each redraw."""


def add(page: Page, staff_id: str, name: str, *roles: str) -> None:
    form = page.locator("#colleague")
    form.locator("[name=staff_id]").fill(staff_id)
    form.locator("[name=name]").fill(name)
    for role in roles:
        form.get_by_role("checkbox", name=role).check()
    form.get_by_role("button", name="保存").click()
    expect(page.locator(".staff tr", has_text=staff_id)).to_contain_text(name)


def test_a_colleague_from_nothing_to_a_badge(page: Page, operator: httpx.Client) -> None:
    page.goto("/staff")
    expect(page.locator("main")).to_contain_text("还没有员工")
    add(page, "wang", "王药师", "药师", "复核员")
    row = page.locator(".staff tr", has_text="wang")
    expect(row).to_contain_text("全部门店")
    expect(row).to_contain_text("都没有")
    row.get_by_role("button", name="新工牌").click()
    code = page.locator("dialog .code").inner_text()
    assert isinstance(classify(code), BadgeCode)
    for picture in page.locator("dialog img").all():
        assert picture.evaluate(WIDTH) > 0
    page.get_by_role("button", name="关闭").click()
    expect(row.locator("b.mark", has_text="工牌")).to_be_visible()
    assert code not in page.content()
    row.get_by_role("button", name="设密码").click()
    page.locator("dialog input").fill("112233")
    page.locator("dialog").get_by_role("button", name="保存").click()
    expect(row.locator("b.mark", has_text="密码")).to_be_visible()
    assert operator.get("/api/staff").json()[0]["pin"] is True


def test_a_colleague_changes_and_leaves(page: Page, operator: httpx.Client) -> None:
    page.goto("/staff")
    add(page, "zhang", "张三", "拣货员")
    row = page.locator(".staff tr", has_text="zhang")
    row.get_by_role("button", name="修改").click()
    form = page.locator("#colleague")
    form.locator("[name=where]").select_option("some")
    form.locator("[name=stores]").select_option(["S2"])
    form.get_by_role("checkbox", name="店长").check()
    form.get_by_role("button", name="保存").click()
    expect(row).to_contain_text("S2")
    expect(row).to_contain_text("店长")
    page.once("dialog", lambda asked: asked.accept())
    row.get_by_role("button", name="离职").click()
    expect(page.locator("main")).to_contain_text("还没有员工")
    assert operator.get("/api/staff").json() == []


def test_a_week_of_duties(page: Page) -> None:
    page.goto("/staff?week=2026-11-26")
    add(page, "wang", "王药师", "药师")
    form = page.locator("#shift")
    form.locator("[name=store]").select_option("S1")
    form.locator("[name=day]").fill("2026-11-24")
    form.locator("[name=begin]").fill("20:00")
    form.locator("[name=end]").fill("08:00")
    form.locator("[name=weeks]").fill("2")
    form.get_by_role("button", name="排班").click()
    shift = page.locator(".roster td:nth-child(3) .shift")
    expect(shift).to_have_text(re.compile("20:00–08:00 王药师"))
    with page.expect_navigation():  # this week shows one duty too, and buttons work once the page is whole
        page.get_by_role("link", name="下一周").click()
    expect(page.locator(".roster .shift")).to_have_count(1)
    expect(page.locator("#live.on")).to_be_visible()
    form = page.locator("#shift")
    form.locator("[name=day]").fill("2026-12-02")
    form.locator("[name=begin]").fill("07:00")
    form.get_by_role("button", name="排班").click()
    expect(page.locator("#toast.shown")).to_contain_text("on duty at S1 then")
    page.once("dialog", lambda asked: asked.accept())
    page.locator(".roster .shift button").click()
    expect(page.locator("main")).to_contain_text("本周没有排班")


@pytest.mark.parametrize("path", ["/staff", "/staff/cards"])
def test_nothing_is_wider_than_the_screen(page: Page, path: str) -> None:
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366


def test_cards_for_the_counter(page: Page) -> None:
    page.goto("/staff/cards")
    expect(page.locator(".badge")).to_have_count(4)
    for picture in page.locator(".badge img").all():
        assert picture.evaluate(WIDTH) > 0
