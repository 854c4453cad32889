"""What is withheld without an account: decided in one place, and closed when in doubt."""

import pytest

from api.store.exposure import OWNED_LAYERS, PUBLIC_LAYERS, public_properties

CAMERA = {"owner_kind": "municipal", "status": "up", "contact": "extension 5", "colour": "grey"}


@pytest.mark.parametrize("layer", ["incidents", "id_checks", "anything_new"])
def test_a_layer_that_is_not_listed_is_withheld_whole(layer):
    assert public_properties(layer, {"owner_kind": "municipal"}) is None


@pytest.mark.parametrize("layer", sorted(set(PUBLIC_LAYERS) - OWNED_LAYERS))
def test_other_public_layers_are_served_whole(layer):
    assert public_properties(layer, {"kind": "museum", "x": 1}) == {"kind": "museum", "x": 1}


@pytest.mark.parametrize("layer", sorted(OWNED_LAYERS))
def test_only_the_owners_that_are_known_to_be_public_are_served(layer):
    for owner in ("programme", "municipal"):
        assert public_properties(layer, CAMERA | {"owner_kind": owner}) is not None
    for unknown in ("private", "", None, float("nan"), "Private", "shop"):
        assert public_properties(layer, CAMERA | {"owner_kind": unknown}) is None
    assert public_properties(layer, {"status": "up"}) is None


def test_a_public_camera_shows_only_the_columns_that_the_public_sees():
    assert public_properties("cameras", CAMERA) == {"owner_kind": "municipal", "status": "up"}
