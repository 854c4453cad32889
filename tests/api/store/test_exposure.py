"""What is withheld without an account: decided in one place, and closed when in doubt."""

import pytest

from api.store.exposure import (
    OWNED_LAYERS,
    PUBLIC_LAYERS,
    REGISTER_ONLY,
    held_properties,
    public_properties,
    refuse_unheld,
)
from geo.errors import ParameterError
from geo.layers import CONTRACTS

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


def test_a_store_holds_no_column_that_only_the_register_has():
    for layer in OWNED_LAYERS:
        assert held_properties(layer, CAMERA | dict.fromkeys(REGISTER_ONLY)).keys() == {
            "owner_kind",
            "status",
            "colour",
        }
    assert held_properties("places", {"contact": "a desk"}) == {"contact": "a desk"}
    private = {one.name for one in CONTRACTS["register"].columns if one.private}
    assert private - {one.name for one in CONTRACTS["cameras"].columns} <= REGISTER_ONLY
    assert {"contact", "consent", "retention_days"} <= REGISTER_ONLY


def test_a_store_holds_no_private_layer():
    with pytest.raises(ParameterError, match="'register', which stands in its zone's folder"):
        refuse_unheld("register")
    refuse_unheld("cameras")
