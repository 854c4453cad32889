"""What is withheld without an account: decided in one place, and closed when in doubt."""

import pandas as pd
import pytest

from api.store.exposure import PUBLIC_LAYERS, withheld_features
from tests.api.sample import products, zone_layers


@pytest.mark.parametrize("layer", ["incidents", "id_checks", "anything_new"])
def test_a_layer_that_is_not_listed_is_withheld_whole(layer):
    assert withheld_features(layer, zone_layers()["streets"]).all()


@pytest.mark.parametrize("layer", sorted(set(PUBLIC_LAYERS) - {"cameras", "fields_of_view"}))
def test_other_public_layers_are_served_whole(layer):
    assert not withheld_features(layer, zone_layers()["streets"]).any()


@pytest.mark.parametrize("frame", [zone_layers()["cameras"], products()["fields_of_view"]])
@pytest.mark.parametrize("layer", ["cameras", "fields_of_view"])
def test_only_the_owners_that_are_known_to_be_public_are_served(layer, frame):
    assert withheld_features(layer, frame).tolist() == [False, False, True]
    for unknown in ("", None, "Private", "shop"):
        owners = pd.array(["programme", "municipal", unknown], dtype="str")
        doubtful = frame.assign(owner_kind=owners)
        assert withheld_features(layer, doubtful).tolist() == [False, False, True]
    assert withheld_features(layer, frame.drop(columns="owner_kind")).all()
