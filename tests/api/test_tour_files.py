import re

from api.tour_files import tour_file


def test_names_of_files_are_safe_and_stay_apart():
    hashed = tour_file("Foot 1")
    ids = [
        *("foot-1", "Foot-1", "foot 1", "foot_1", "foot/1", "../foot-1", "foot-1-", "foot--1"),
        *("สายตรวจ 1", "สายตรวจ 2", "con", "a" * 40, "a" * 41, "a" * 300, "\ud800", "..", " "),
        hashed.removeprefix("tour-").removesuffix(".gpx"),
    ]
    names = [tour_file(unit) for unit in ids]
    assert len({name.casefold() for name in [*names, hashed]}) == len(ids) + 1
    assert all(re.fullmatch(r"tour-[a-z0-9-]*(_[0-9a-f]{12})?\.gpx", name) for name in names)
    assert max(map(len, names)) < 80
    assert names[0] == "tour-foot-1.gpx"
