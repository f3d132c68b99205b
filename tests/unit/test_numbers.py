import pytest

from intents.slots.numbers import digits_to_hanzi, splits_number, value


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("零", 0),
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("廿三", 23),
        ("卅", 30),
        ("一百二", 120),
        ("一百零二", 102),
        ("两千五", 2500),
        ("三千零五", 3005),
        ("俩", 2),
        ("一万", 10_000),
        ("二零二六", 2026),
        ("幺幺零", 110),
        ("两百五十六", 256),
    ],
)
def test_value(said: str, number: int) -> None:
    assert value(said) == number


@pytest.mark.parametrize("said", ["", "半", "好", "一个", "三四十五点"])
def test_what_is_not_a_number(said: str) -> None:
    assert value(said) is None


@pytest.mark.parametrize("number", [*range(101), 256, 1000, 1010, 2026, 9999])
def test_digits_and_hanzi_agree(number: int) -> None:
    assert value(digits_to_hanzi(str(number))) == number


@pytest.mark.parametrize(
    ("digits", "said"),
    [
        ("8:30", "八点三十"),
        ("8:05", "八点零五"),
        ("20：00", "二十点"),
        ("50%", "百分之五十"),
        ("2.5", "二点五"),
        ("110120", "一一零一二零"),
        ("007", "零零七"),
    ],
)
def test_digits_are_spelled_as_spoken(digits: str, said: str) -> None:
    assert digits_to_hanzi(digits) == said


def test_a_number_is_not_cut_in_two() -> None:
    assert splits_number("十二点", 1)
    assert not splits_number("到二点", 1)
