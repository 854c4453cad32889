"""Towns that walks are found in: each follows its layers, and mixes no two states of them."""

import pytest

from api.public.towns import Towns
from api.store import Store
from geo.errors import SourceError
from tests.api.public.conftest import NOW, fill


def test_a_town_follows_its_layers(old_town, tmp_path):
    store = Store(fill(tmp_path / "store.sqlite", old_town))
    towns = Towns(store)
    first = towns.town("old_town")
    assert towns.town("old_town") is first
    dark = old_town.lamps.assign(lit=False)
    store.put_layer(
        "old_town", "lamps", dark, kind="layer", provenance={"created_at": NOW.isoformat()}
    )
    second = towns.town("old_town")
    assert second is not first
    assert len(first.lit_streets) > 0
    assert len(second.lit_streets) == 0
    store.close()


@pytest.mark.parametrize("changes", [1, 9])
def test_a_layer_that_changes_while_a_town_is_made_is_in_it_or_none_is(
    old_town, tmp_path, monkeypatch, changes
):
    """What is told of a town is kept by its version, which must not stand for another's lamps."""
    store = Store(fill(tmp_path / "store.sqlite", old_town))
    honest, made = store.items, {"created_at": NOW.isoformat()}
    lit = [n % 2 == 1 for n in range(changes)]

    def changing(zone, name, **asked):
        if name == "lamps" and lit:
            changed = old_town.lamps.assign(lit=lit.pop())
            store.put_layer(zone, name, changed, kind="layer", provenance=made)
        return honest(zone, name, **asked)

    monkeypatch.setattr(store, "items", changing)
    towns = Towns(store)
    if changes > 5:
        with pytest.raises(SourceError, match="rest for a moment"):
            towns.town("old_town")
    else:
        town = towns.town("old_town")
        assert len(town.lit_streets) == 0
        assert store.layer("old_town", "lamps").public_version in town.version.split()
    store.close()
