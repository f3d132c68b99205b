"""Names and what they are found by; years, ages, telephones and tags as people write them."""
from __future__ import annotations

import pytest

from hub.errors import Refused
from hub.people import facts
from hub.people.names import is_found, sought, words

YEAR = 2026


@pytest.mark.parametrize("name, typed", [
    ("张秀兰", "张"), ("张秀兰", "秀兰"), ("张秀兰", "zhangxiulan"), ("张秀兰", "zhangx"), ("张秀兰", "zxl"), ("张秀兰", "ZXL"), ("张秀兰", "ｚｘｌ"),
    ("张秀兰", "xiulan"), ("张秀兰", "xl"), ("张大娘家", "zdn"), ("吕秀英", "lv"), ("吕秀英", "lü"), ("曾阿牛", "zeng"),
    ("曾阿牛", "can"), ("单田芳", "shantianfang"), ("单田芳", "stf"), ("单田芳", "dtf"), ("仇小翠", "qxc"), ("解玉兰", "xyl"), ("盖老汉", "ge"),
    ("欧阳大娘", "oydn"), ("乐平", "yp"), ("Anna大娘", "anna"), ("古丽·买买提", "glmmt")])
def test_a_name_is_found_by(name, typed):
    word, = words(typed)
    assert is_found(name, word)


@pytest.mark.parametrize("name, typed", [("张秀兰", "an"), ("张秀兰", "ang"), ("张秀兰", "lanx"), ("张秀兰", "李"), ("张秀兰", "zl")])
def test_a_name_is_not_found_by_the_middle_of_a_syllable_or_by_another(name, typed):
    assert not is_found(name, typed)


@pytest.mark.parametrize("name", ["", "亲和力的大家长乐行单解曾查盖" * 6, "长" * 80, "a" * 80, "\U00030000婆婆", "🙂"])
def test_what_a_name_is_found_by_has_its_bounds(name):
    assert len(sought(name)) <= 200


def test_words_of_a_search_are_few_and_plain():
    assert words("  Zhang  san'feng 二组 ") == ["zhang", "sanfeng", "二组"] and len(words("a " * 50)) == 6


@pytest.mark.parametrize("given, year", [
    ("1945", 1945), ("1945年", 1945), ("1945年3月", 1945), ("1945-03-12", 1945), ("1945/3/12", 1945), ("1945.3", 1945), ("19450312", 1945),
    ("194503", 1945), ("1945.0", 1945), ("１９４５", 1945), ("2026", 2026), ("1906", 1906), ("", None), ("  ", None)])
def test_birth_years(given, year):
    assert facts.birth_year(given, YEAR) == year


@pytest.mark.parametrize("given", ["45", "1905", "2027", "3000", "19459999", "194513", "去年", "16508", "-1945", "0"])
def test_what_is_no_birth_year(given):
    with pytest.raises(Refused, match="出生年"):
        facts.birth_year(given, YEAR)


@pytest.mark.parametrize("given, year", [("370123194503124517", 1945), ("37012319450312451x", 1945), ("370123450312451", 1945), ("'370123194503124517", 1945),
                                         ("3701 2319 4503 1245 17", 1945), ("", None)])
def test_the_year_of_an_identity_number(given, year):
    assert facts.year_of_identity(given, YEAR) == year


@pytest.mark.parametrize("given", ["37012319450312451", "370123194503124517X", "370123184503124517", "12345", "x" * 18])
def test_a_wrong_identity_number_is_not_repeated(given):
    with pytest.raises(Refused) as refused:
        facts.year_of_identity(given, YEAR)
    assert given not in refused.value.shown


@pytest.mark.parametrize("given, age", [("81", 81), ("81岁", 81), ("81周岁", 81), ("81.0", 81), (" 81 ", 81), ("0", 0), ("120", 120), ("", None)])
def test_ages(given, age):
    assert facts.age(given) == age


@pytest.mark.parametrize("given", ["121", "-1", "81.5", "八十一", "x", "9" * 5000])
def test_what_is_no_age(given):
    with pytest.raises(Refused, match="年龄"):
        facts.age(given)


@pytest.mark.parametrize("given, numbers", [
    ("13800000000", "13800000000"), ("138 0000 0000", "13800000000"), ("138-0000-0000", "138-0000-0000"), ("13800000000.0", "13800000000"),
    ("１３８００００００００", "13800000000"), ("+86 13800000000", "+8613800000000"), ("0531—83210000", "053183210000"), ("(0531)83210000", "053183210000"),
    ("13800000000，13900000000", "13800000000、13900000000"), ("13800000000/13800000000", "13800000000"), ("", ""), ("、、", ""), ("120", "120")])
def test_phones(given, numbers):
    assert facts.phones(given) == numbers


@pytest.mark.parametrize("given, why", [("1.38E+10", "改坏了"), ("没有", "不像"), ("1", "不像"), ("138000000001380000000013800000000", "不像"), ("12-", "不像"),
                                        ("、".join(str(13800000000 + step) for step in range(9)), "太长")])
def test_what_is_no_phone(given, why):
    with pytest.raises(Refused, match=why):
        facts.phones(given)


def test_tags_stand_apart_and_once():
    assert facts.tags("独居、高血压 独居;党员|") == ("独居", "高血压", "党员")
    with pytest.raises(Refused, match="最多12个"):
        facts.tags("、".join(map(str, range(13))))
    with pytest.raises(Refused, match="太长"):
        facts.tags("长" * 21)


def test_texts_are_cleaned_of_what_nobody_sees():
    assert facts.short(" 张\u200b 大\x00娘\n家 ", "户名", 80) == "张 大娘 家"
    assert facts.long(" 一\r\n二\x07\r三 ", "备注") == "一\n二\n三"
    with pytest.raises(Refused, match="户名太长，最多80个字"):
        facts.short("长" * 81, "户名", 80)
    with pytest.raises(Refused, match="姓名没有填"):
        facts.needed(" \u200b ", "姓名")
