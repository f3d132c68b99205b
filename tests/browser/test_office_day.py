"""A day at the office, in the browser: the first start, a notice, who has heard it, what goes out to the telephones."""
from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from hub.db.tables import Household, Staff
from hub.link import joining
from hub.messages import Kind, Step
from tests.hub.calling_box import CallingBox

PASSWORD = "一句好记的话最好不过"


@pytest.fixture
def office(visit):
    """Signed in after the first start."""
    visit.open("/")
    page = visit.page
    expect(page.get_by_role("heading", name="第一次使用")).to_be_visible()
    for name, value in (("村名", "东山村"), ("县（区）", "章丘区"), ("您的姓名", "王会计"), ("登录名", "wang"), ("密码", PASSWORD), ("再输一遍", PASSWORD)):
        page.get_by_label(name, exact=True).fill(value)
    visit.press("开始使用")
    expect(page.get_by_text("东山村")).to_be_visible()
    return visit


def test_whoever_signs_out_signs_in_again_with_the_same_password(office):
    office.press("退出")
    page = office.page
    page.get_by_label("登录名").fill("wang")
    page.get_by_label("密码").fill("不是这个")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_contain_text("不对")
    office.faults.clear()  # the console tells of the refusal
    page.get_by_label("密码").fill(PASSWORD)
    office.press("登录")
    expect(page.get_by_role("button", name="退出")).to_be_visible()


@pytest.fixture
def box(hub, office):
    """In the home of 张大娘."""
    box, now = CallingBox(hub.client()), hub.parts.now()
    code = box.wish(version="0.1.0").json()["code"]
    with hub.database.write() as work:
        somebody = work.scalars(select(Staff)).one()
        home = Household(village_id=somebody.village_id, id="h" * 18, name="张大娘家", address="村东3号", phone="", notes="", created_at=now)
        work.add(home)
        work.flush()
        joining.take(work, home.village_id, home.id, code, now, somebody.id, "127.0.0.1")
    assert box.join().status_code == 200
    return box


def test_a_notice_is_written_looked_at_sent_and_its_way_can_be_watched(office, box, hub):
    page = office.page
    office.open("/notices")
    office.press("写通知")
    page.get_by_label("标题").fill("停电")
    page.locator("textarea[name=text]").fill("明天上午八点停电，下午五点来电。")
    page.get_by_label("停水停电").check()
    office.press("下一步：看看再发")
    expect(page.get_by_text("明天上午八点停电")).to_be_visible()
    office.press("发送")
    notice, = box.messages()
    assert notice.kind is Kind.NOTICE and notice.body["text"] == "明天上午八点停电，下午五点来电。"
    now = hub.parts.now
    box.send([box.receipt(notice.body["notice"], step, now()) for step in (Step.DELIVERED, Step.PLAYING, Step.HEARD)], now())
    expect(page.locator("#figures")).to_contain_text("1/1")  # by itself
    box.send([box.receipt(notice.body["notice"], Step.CONFIRMED, now())], now())
    expect(page.locator("#figures table")).to_contain_text("知道了")
    for name in ("走访名单", "打印"):
        office.press(name)
        page.go_back()


def test_alerts_have_somewhere_to_go(office):
    page = office.page
    office.open("/alerts")
    page.get_by_label("名字").fill("村委会群")
    page.get_by_label("地址").fill("exec://rm")
    page.get_by_role("button", name="加上").click()
    expect(page.get_by_role("alert")).to_contain_text("地址要以这些开头")
    office.faults.clear()
    page.get_by_label("地址").fill("json://127.0.0.1:1/")
    office.press("加上")
    expect(page.get_by_text("村委会群")).to_be_visible()
    office.press("都试一试")
    expect(page.locator("table")).to_contain_text("试验消息")
    assert page.get_by_label("地址").input_value() == ""
