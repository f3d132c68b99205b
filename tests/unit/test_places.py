import GeoToolCN
import pytest

from intents.slots.places import home_places, short_name, spoken_places


@pytest.mark.parametrize(
    ("full", "short"),
    [
        ("济南市", "济南"),
        ("莱芜区", "莱芜"),
        ("山东省", "山东"),
        ("内蒙古自治区", "内蒙古"),
        ("广西壮族自治区", "广西"),
        ("新疆维吾尔自治区", "新疆"),
        ("西双版纳傣族自治州", "西双版纳"),
        ("恩施土家族苗族自治州", "恩施"),
        ("易县", "易县"),
        ("市中区", "市中区"),
        ("东城区", "东城区"),
        ("沂源县", "沂源"),
    ],
)
def test_short_names(full: str, short: str) -> None:
    assert short_name(full) == short


def test_every_region_is_known_by_its_full_and_its_short_name() -> None:
    places = spoken_places()
    for level in ("province", "city", "district"):
        for region in GeoToolCN.list_regions(level):
            assert region.name in places
            assert short_name(region.name) in places


def test_the_bigger_place_owns_a_name() -> None:
    assert spoken_places()["朝阳"] == ("朝阳", 1)
    assert spoken_places()["吉林"] == ("吉林", 0)


def test_places_abroad_are_known_by_name():
    assert spoken_places()["东京"] == ("东京", 3)
    assert spoken_places()["美国"] == ("美国", 3)


def test_home_is_the_province() -> None:
    near = home_places("莱芜")
    assert {"济南", "泰安", "莱芜", "山东"} <= near
    assert "郑州" not in near
    assert home_places("nowhere") == frozenset()
