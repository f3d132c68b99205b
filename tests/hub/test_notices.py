"""A notice from the form to the loudspeaker and back: over real HTTP, on both databases."""
from __future__ import annotations

import csv
import datetime as dt
import io
import re

from openpyxl import load_workbook
from sqlalchemy import select

from hub.auth.roles import Role
from hub.db.tables import Audit, Box, Household, Notice, NoticeReceipt, Template
from hub.messages import Kind, Step
from hub.notices import following
from hub.notices.starters import STARTERS
from hub.pages.look import local
from tests.hub.conftest import BOTH, Place
from tests.hub.noticing import FORM, draft, grid, hears, joined, lives, sent, tell, words_of

DATABASES = BOTH
DAY = dt.timedelta(days=1)


def local_time(village: Place, ahead: dt.timedelta) -> str:
    return local(village.hub.parts.now() + ahead, "Asia/Shanghai").strftime("%Y-%m-%dT%H:%M")


def row(village: Place, notice: str) -> Notice:
    with village.hub.database.read() as work:
        return work.get_one(Notice, (village.id, notice))


def did(village: Place) -> list[str]:
    with village.hub.database.read() as work:
        return list(work.scalars(select(Audit.did).where(Audit.village_id == village.id).order_by(Audit.id)))


# -- from the form to the loudspeaker and back --------------------------------------------------------------------------

def test_what_is_sent_comes_signed_and_what_is_heard_is_shown(village, office):
    box, other = joined(village, "张大娘家"), joined(village, "李大爷家")
    village.household("没盒子家")
    notice = draft(office, title="体检", text="明天体检。\r\n空腹来。", category="体检", asks="own", question="去不去？", choices=["上午", "", "下午", "不去"])
    preview = words_of(office.get(f"/notices/{notice}"))
    assert "2 户， 2 个盒子" in preview and "1 户没有盒子" in preview and "没盒子家" in preview and box.messages() == []
    assert tell(office, notice).headers["location"] == f"/notices/{notice}"
    message, = box.messages()
    assert message.kind is Kind.NOTICE and dict(message.body) == {
        "notice": notice, "revision": 1, "title": "体检", "text": "明天体检。\n空腹来。", "category": "体检", "priority": "important",
        "sent_by": "王会计", "question": "去不去？", "choices": ["上午", "下午", "不去"], "audio": "",
        "audio_sha256": "", "audio_s": 0.0, "picture": "", "picture_sha256": ""}
    assert "0/3 户已听" in words_of(office.get(f"/notices/{notice}"))
    hears(box, village, notice, Step.DELIVERED, Step.PLAYING)
    assert "正在念" in words_of(office.get(f"/notices/{notice}"))
    hears(box, village, notice, Step.HEARD, Step.CONFIRMED, Step.ANSWERED, answer="下午")
    hears(other, village, notice, Step.DELIVERED, Step.CONFIRMED)
    shown = words_of(office.get(f"/notices/{notice}"))
    assert "1/3 户已听" in shown and "2 户已送到" in shown and "2 户说了知道" in shown and "下午 1 户" in shown and "没回答 2 户" in shown
    assert "已听 1/3" in words_of(office.get("/notices"))
    assert did(village) == ["写通知", "发通知"]


def test_figures_come_anew_only_when_there_is_something_new(village, office):
    box = joined(village)
    notice = sent(office)
    part = office.get(f"/notices/{notice}/figures").text
    again = part.partition('hx-get="')[2].partition('"')[0].replace("&amp;", "&")
    assert 'hx-trigger="every 2s"' in part and office.get(again).status_code == 204
    hears(box, village, notice, Step.HEARD)
    assert "1/1</span> 户已听" in office.get(again).text
    with village.hub.database.write() as work:
        work.get_one(Notice, (village.id, notice)).sent_at -= DAY
    assert "hx-trigger" not in office.get(again).text


def test_homes_are_shown_by_what_is_still_to_do(village, office):
    done, heard, away = joined(village, "听完家"), joined(village, "没说家"), joined(village, "关机家")
    village.household("没有盒子家")
    notice = sent(office)
    hears(done, village, notice, Step.HEARD, Step.CONFIRMED)
    hears(heard, village, notice, Step.HEARD)
    assert away.receipts == 0
    tables = {show: words_of(office.get(f"/notices/{notice}?show={show}")) for show in ("all", "unheard", "unconfirmed")}
    names = ("听完家", "没说家", "关机家", "没有盒子家")
    assert {show: [name for name in names if f" {name} " in table] for show, table in tables.items()} == {
        "all": list(names), "unheard": ["关机家", "没有盒子家"], "unconfirmed": ["没说家"]}


def test_a_home_with_two_boxes_counts_once(village, office):
    home = village.household("两个盒子家")
    first, second = joined(village, home=home), joined(village, home=home)
    notice = sent(office)
    hears(second, village, notice, Step.HEARD)
    assert "1/1 户已听" in words_of(office.get(f"/notices/{notice}")) and len(first.messages()) == 1
    assert "已听 1/1" in words_of(office.get("/notices"))


def test_homes_to_visit_are_listed_for_each_grid_worker(village, office):
    worker = village.hub.visitor(village.staff(Role.GRID, "李网格").cookies["xiangyin"]).staff_id
    east, home, far = grid(village, "东片", worker), village.household("王奶奶家"), village.household("没分家")
    with village.hub.database.write() as work:
        row = work.get_one(Household, (village.id, home))
        row.grid_id, row.address, row.phone = east, "三排二号", "13800000001"
    lives(village, home, "王秀英", 1942, phone="13800000002")
    hears_it = joined(village, "听见家")
    notice = sent(office)
    hears(hears_it, village, notice, Step.HEARD)
    shown = words_of(office.get(f"/notices/{notice}/visits"))
    assert "东片（李网格）" in shown and "三排二号" in shown and "13800000001" in shown and "王秀英" in shown and "13800000002" in shown
    assert "没有盒子" in shown and "没分家" in shown and "听见家" not in shown and far
    assert shown.index("王奶奶家") < shown.index("没有分网格")
    assert "已听 1/3 户" in words_of(office.get(f"/notices/{notice}/print"))


def test_an_urgent_one_that_nobody_has_confirmed_is_a_reason_to_go(village, office):
    box = joined(village, "张大娘家")
    urgent, important = sent(office, priority="urgent"), sent(office)
    for notice in (urgent, important):
        hears(box, village, notice, Step.HEARD)
    assert "听了没说知道" in words_of(office.get(f"/notices/{urgent}/visits"))
    assert "都听到了" in words_of(office.get(f"/notices/{important}/visits"))


def test_answers_can_be_taken_away_as_a_table(village, office):
    box, _ = joined(village, "=张大娘家"), joined(village, "李大爷家")
    notice = sent(office, asks="yes-no", question="去不去？")
    assert box.messages()[0].body["choices"] == ["是", "否"]
    hears(box, village, notice, Step.HEARD, Step.ANSWERED, answer="否")
    hears(box, village, notice, Step.ANSWERED, answer="是")
    answer = office.get(f"/notices/{notice}/answers.csv")
    assert answer.text.startswith("\ufeff") and answer.headers["content-disposition"].startswith("attachment;")
    head, *rows = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert head[0] == "户名" and sorted((line[0], line[3]) for line in rows) == [("'=张大娘家", "是"), ("李大爷家", "")]
    sheet = load_workbook(io.BytesIO(office.get(f"/notices/{notice}/answers.xlsx").content)).active
    assert [[cell or "" for cell in line] for line in sheet.iter_rows(values_only=True)] == [head, *rows]
    assert office.get(f"/notices/{sent(office)}/answers.csv").status_code == 404


# -- whom it reaches ----------------------------------------------------------------------------------------------------

def test_only_those_who_are_meant_get_it(village, office):
    east = grid(village, "东片")
    homes = {name: village.household(name) for name in ("东片老人家", "西片老人家", "东片年轻家", "点名家")}
    with village.hub.database.write() as work:
        for name in ("东片老人家", "东片年轻家"):
            work.get_one(Household, (village.id, homes[name])).grid_id = east
    for name, born in (("东片老人家", 1940), ("西片老人家", 1940), ("东片年轻家", 2000)):
        lives(village, homes[name], name, born, ("独居",))
    found = {name: joined(village, home=home) for name, home in homes.items()}
    sent(office, scope="some", grids=[east, "nowhere"], age_from="60", tags=["独居", "没有的"], homes=[homes["点名家"]])
    assert {name for name, box in found.items() if box.messages()} == {"东片老人家", "点名家"}


def test_a_box_that_joins_later_does_not_get_what_is_old(village, office):
    notice = sent(office)
    assert joined(village).messages() == [] and "没有" in words_of(office.get(f"/notices/{notice}"))


def test_a_box_that_replaces_another_hears_what_that_had_still_to_say(village, office):
    home = village.household("换盒子家")
    old = joined(village, home=home)
    said = {title: sent(office, title=title) for title in ("听过", "没听过", "撤回", "过期", "改正")}
    hears(old, village, said["听过"], Step.HEARD)
    office.post(f"/notices/{said['撤回']}/withdraw")
    office.post(f"/notices/{said['改正']}/correct", data=FORM | {"title": "改正", "text": "新的话。"})
    with village.hub.database.write() as work:
        work.get_one(Notice, (village.id, said["过期"])).expires_at = village.hub.parts.now() - DAY
        work.get_one(Box, (village.id, old.id)).revoked_at = village.hub.parts.now()
    new = joined(village, home=home)
    assert [(message.body["title"], message.body["revision"]) for message in new.messages()] == [("没听过", 1), ("改正", 2)]
    hears(new, village, said["没听过"], Step.HEARD)
    assert "1/1 户已听" in words_of(office.get(f"/notices/{said['没听过']}"))
    assert joined(village, home=home).messages() == []
    assert joined(village).messages() == []


def test_a_box_that_was_turned_away_gets_nothing(village, office):
    box = joined(village)
    with village.hub.database.write() as work:
        work.get_one(Box, (village.id, box.id)).revoked_at = village.hub.parts.now()
    notice = sent(office)
    with village.hub.database.read() as work:
        assert work.scalars(select(NoticeReceipt).where(NoticeReceipt.notice_id == notice)).all() == []
    assert "没有盒子" in words_of(office.get(f"/notices/{notice}"))


# -- what was typed -----------------------------------------------------------------------------------------------------

REFUSED = [
    ({"text": ""}, "内容还没有写"), ({"text": "水" * 1001}, "1001"), ({"text": "停\x00水"}, "念不出来"), ({"category": "别的"}, "类别"),
    ({"when": "at", "send_at": ""}, "什么时候"), ({"when": "at", "send_at": "2020-01-01T08:00"}, "过了"),
    ({"when": "at", "send_at": "tomorrow"}, "看不懂"), ({"expires_at": "2020-01-01T08:00"}, "有效期"), ({"expires_at": "99999-01-01T08:00"}, "看不懂"),
    ({"repeat": "daily"}, "重复"), ({"scope": "some", "age_to": ""}, "还没选"), ({"scope": "some", "age_from": "六十"}, "数字"),
    ({"asks": "yes-no"}, "问题"), ({"asks": "own", "question": "去？", "choices": ["去"]}, "2到4个")]


def test_nothing_that_was_typed_is_lost(village, office):
    for change, why in REFUSED:
        given = {"title": "特别的标题", "question": "", "age_to": "88"} | change
        answer = office.post("/notices/new", data=FORM | given)
        assert answer.status_code == 400 and why in words_of(answer), change
        assert 'value="特别的标题"' in answer.text and f'value="{given["age_to"]}"' in answer.text
        assert change.get("text", "明天上午八点") in answer.text
    with village.hub.database.read() as work:
        assert work.scalars(select(Notice).where(Notice.village_id == village.id)).all() == []


def test_words_are_shown_as_words(village, office):
    notice = draft(office, title="<b>停水</b>", text="</textarea><script>alert(1)</script>")
    for path in ("", "/edit"):
        shown = office.get(f"/notices/{notice}{path}").text
        assert "<script>alert" not in shown and "<b>停水" not in shown


def test_older_ones_are_on_the_next_page(village, office, monkeypatch):
    monkeypatch.setattr(following, "PAGE", 2)
    waits = draft(office, title="第一写最后发")
    for title in ("甲", "乙", "丙"):
        sent(office, title=title)
    tell(office, waits)
    first = office.get("/notices")
    assert words_of(first).index("第一写最后发") < words_of(first).index(" 丙 ") and " 乙 " not in words_of(first)
    second = words_of(office.get(first.text.partition('href="/notices?before=')[2].partition('"')[0].join(("/notices?before=", ""))))
    assert second.index(" 乙 ") < second.index(" 甲 ") and " 丙 " not in second and "第一写最后发" not in second


# -- drafts and templates -----------------------------------------------------------------------------------------------

def test_a_draft_waits_and_can_be_changed_and_thrown_away(village, office):
    home = village.household()
    notice = draft(office, scope="some", homes=[home], asks="own", question="去？", choices=["甲", "乙"], when="at", send_at=local_time(village, DAY))
    assert "草稿" in words_of(office.get("/notices"))
    form = office.get(f"/notices/{notice}/edit").text
    assert f'value="{home}" checked' in form and 'value="甲"' in form and local_time(village, DAY) in form
    assert office.post(f"/notices/{notice}/edit", data=FORM | {"title": "停电"}).status_code == 303
    changed = row(village, notice)
    assert (changed.title, changed.state, changed.question, changed.send_at, changed.targets) == ("停电", "draft", "", None, {"scope": "everybody"})
    assert office.post(f"/notices/{notice}/discard").headers["location"] == "/notices"
    assert office.get(f"/notices/{notice}").status_code == 404


def test_what_has_gone_out_is_no_draft_any_more(village, office):
    box, notice = joined(village), None
    notice = sent(office)
    assert tell(office, notice).status_code == 303
    assert office.post(f"/notices/{notice}/edit", data=FORM).status_code == 400
    assert office.post(f"/notices/{notice}/discard").status_code == 400
    assert len(box.messages()) == 1


def test_a_draft_whose_time_has_passed_is_not_sent(village, office):
    notice = draft(office)
    with village.hub.database.write() as work:
        work.get_one(Notice, (village.id, notice)).expires_at = village.hub.parts.now() - DAY
    answer = tell(office, notice)
    assert answer.status_code == 400 and "有效期" in words_of(answer) and row(village, notice).state == "draft"


def test_what_is_sent_is_what_was_seen(village, office):
    box, notice = joined(village), draft(office)
    seen = re.search(r'name="seen" value="(\w+)"', office.get(f"/notices/{notice}").text)[1]
    for change in ({"text": "别人改了。"}, {"scope": "some", "age_from": "60"}, {"expires_at": local_time(village, DAY)}):
        office.post(f"/notices/{notice}/edit", data=FORM | change)
        answer = office.post(f"/notices/{notice}/send", data={"seen": seen})
        assert answer.status_code == 400 and "别人改过" in words_of(answer) and change.get("text", "") in answer.text
    assert office.post(f"/notices/{notice}/send").status_code == 400 and box.messages() == []
    office.post(f"/notices/{notice}/edit", data=FORM)
    assert office.post(f"/notices/{notice}/send", data={"seen": seen}).status_code == 303 and len(box.messages()) == 1


def test_a_template_saves_the_writing(village, office):
    notice = draft(office, title="停水", text="明天停水。", asks="own", question="存水了吗？", choices=["存了", "没存"], repeat="daily",
                   expires_at=local_time(village, 9 * DAY))
    for _ in range(2):
        assert office.post(f"/notices/{notice}/template").headers["location"] == "/notices/templates"
    with village.hub.database.read() as work:
        template = work.scalars(select(Template).where(Template.village_id == village.id)).one()
    form = office.get(f"/notices/new?template={template.id}").text
    assert 'value="停水"' in form and "明天停水。" in form and 'value="停水停电" required checked' in form
    assert 'value="存水了吗？"' in form and 'value="没存"' in form and 'value="daily" selected' in form and 'value="important" required checked' in form
    assert office.post(f"/notices/templates/{template.id}/discard").status_code == 303
    assert "还没有自己的模板" in words_of(office.get("/notices/templates"))


def test_what_is_ready_made_needs_only_what_is_particular(village, office):
    home = village.household()
    for starter in STARTERS:
        _begin_with(starter, village, office, home)


def _begin_with(starter, village, office, home) -> None:
    assert starter.name in words_of(office.get("/notices/templates"))
    form = office.get(f"/notices/new?starter={starter.key}").text
    typed = dict(re.findall(r'<input name="(title|question)"[^>]* value="([^"]*)"', form)) | dict(re.findall(r'name="(expires_at|send_at)" value="([^"]*)"', form))
    typed |= {name: value for name, value in re.findall(r'<input type="radio" name="(\w+)" value="([^"]*)"[^>]* checked', form)}
    typed |= {"text": re.search(r"<textarea[^>]*>\s*(.*?)</textarea>", form, re.DOTALL)[1], "repeat": starter.repeat, "homes": [home],
              "choices": re.findall(r'<input name="choices"[^>]* value="([^"]*)"', form)}
    if "〔" in typed["text"]:
        assert "例子" in words_of(office.post("/notices/new", data=typed))
    typed["text"] = re.sub("[〔〕]", "", typed["text"])
    answer = office.post("/notices/new", data=typed)
    assert answer.status_code == 303, words_of(answer)
    kept = row(village, answer.headers["location"].rpartition("/")[2])
    assert (kept.question, tuple(kept.choices), kept.priority, kept.category, kept.repeat, kept.targets["scope"], bool(kept.send_at)) == (
        starter.question, starter.choices, starter.priority, starter.category, starter.repeat, starter.scope, bool(starter.at))


# -- corrected and withdrawn --------------------------------------------------------------------------------------------

def test_a_corrected_one_is_heard_anew(village, office):
    box, notice = joined(village), None
    notice = sent(office)
    hears(box, village, notice, Step.HEARD, Step.CONFIRMED)
    joined(village, "后来家")
    answer = office.post(f"/notices/{notice}/correct", data=FORM | {"text": "改到后天停水。"})
    assert answer.status_code == 303
    _, new = box.messages()
    assert (new.kind, new.body["revision"], new.body["text"]) == (Kind.NOTICE, 2, "改到后天停水。")
    assert "0/1 户已听" in words_of(office.get(f"/notices/{notice}"))
    hears(box, village, notice, Step.HEARD, revision=1)
    assert "0/1 户已听" in words_of(office.get(f"/notices/{notice}"))
    hears(box, village, notice, Step.HEARD, revision=2)
    shown = words_of(office.get(f"/notices/{notice}"))
    assert "1/1 户已听" in shown and "第2版" in shown and "改到后天" in shown
    bad = office.post(f"/notices/{notice}/correct", data=FORM | {"title": "留着", "text": ""})
    assert bad.status_code == 400 and 'value="留着"' in bad.text and row(village, notice).revision == 2


def test_a_withdrawn_one_is_never_sent_again(village, office):
    box, notice = joined(village), None
    notice = sent(office)
    assert "不再念" in words_of(office.get(f"/notices/{notice}/withdraw"))
    assert office.post(f"/notices/{notice}/withdraw").status_code == 303
    message = box.messages()[-1]
    assert message.kind is Kind.WITHDRAW and dict(message.body) == {"notice": notice, "revision": 1}
    assert "已撤回" in words_of(office.get("/notices")) and "已撤回" in words_of(office.get(f"/notices/{notice}"))
    for path in ("withdraw", "correct", "send", "edit"):
        office.post(f"/notices/{notice}/{path}", data=FORM)
    assert len(box.messages()) == 2 and row(village, notice).state == "withdrawn"


# -- who may ------------------------------------------------------------------------------------------------------------

def test_a_grid_worker_sees_everything_but_the_buttons(village, office):
    joined(village)
    worker = village.staff(Role.GRID)
    notice, begun = sent(office, asks="yes-no", question="去？"), draft(office)
    office.post(f"/notices/{begun}/template")
    for path in ("", "/templates", f"/{notice}", f"/{notice}/figures", f"/{notice}/print", f"/{notice}/visits", f"/{notice}/answers.csv", f"/{notice}/answers.xlsx", f"/{begun}"):
        answer = worker.get(f"/notices{path}")
        assert answer.status_code == 200 and "<button" not in answer.text.partition("<main")[2] and "写通知</a>" not in answer.text, path
    for path in ("new", f"{begun}/edit", f"{notice}/correct", f"{notice}/withdraw"):
        assert worker.get(f"/notices/{path}").status_code == 403 and worker.post(f"/notices/{path}", data=FORM).status_code == 403
    for path in ("send", "discard", "hold", "template"):
        assert worker.post(f"/notices/{begun}/{path}").status_code == 403
    assert row(village, begun).state == "draft"


def test_another_village_sees_and_changes_nothing(village, office):
    box = joined(village)
    stranger = Place(village.hub, "西山村").staff(Role.ADMIN)
    notice, begun = sent(office, asks="yes-no", question="去？"), draft(office)
    for path in ("", "/figures", "/print", "/visits", "/answers.csv", "/answers.xlsx", "/edit", "/correct", "/withdraw"):
        assert stranger.get(f"/notices/{notice}{path}").status_code == 404, path
    for path in ("send", "discard", "hold", "template", "edit"):
        assert stranger.post(f"/notices/{begun}/{path}", data=FORM).status_code == 404, path
    for path in ("withdraw", "correct"):
        assert stranger.post(f"/notices/{notice}/{path}", data=FORM).status_code == 404
    assert "停水" not in words_of(stranger.get("/notices")) and len(box.messages()) == 1


def test_what_is_no_notice_is_not_found(village, office):
    for path in ("x", "%00", "0" * 18, "a" * 500, "%E9%80%9A%E7%9F%A5"):
        assert office.get(f"/notices/{path}").status_code == 404
        assert office.get(f"/notices?before={path}").status_code in (200, 404)
        assert office.get(f"/notices/new?template={path}").status_code == 404
        assert office.post(f"/notices/templates/{path}/discard").status_code == 404
