"""One factorisation for many layers and bandwidths, against one for each."""

import numpy as np
import pandas as pd
import pytest

from analytics import _heat, heat_kernel
from analytics.heat_kernel import HeatKernel
from analytics.network_density import network_density
from analytics.network_places import place_events
from geo.errors import LayerError, NotFoundError, ParameterError
from tests.analytics.dense_heat import matrix_exponential
from tests.analytics.networks import TANGLE, along, event_frame, events_on, street_frame

PLACES = [("loop", 0.3), ("bent", 0.77), ("blind", 1.0), ("short", 0.5), ("apart", 0.1)]
WIDTHS = (6.0, 11.0, 30.0, 90.0)


def places_frame(places):
    return pd.DataFrame(places, columns=["street", "fraction"])


def test_layers_and_bandwidths_share_what_each_would_give_alone():
    streets = street_frame(TANGLE)
    kernel = HeatKernel.of_streets(streets, bandwidths_m=WIDTHS, lixel_m=5.0)
    weights = np.array([[1, 0, 2.0], [0, 3, 1], [1, 1, 1], [0, 0, 4], [2, 0, 0.5]])
    found = kernel.on_lixels(places_frame(PLACES), weights=weights)
    assert found.shape == (len(WIDTHS), len(kernel.lixels.street), 3)
    events = events_on(streets, PLACES)
    for width, of_width in zip(WIDTHS, found, strict=True):
        # Cut alike, so that nothing but the shared pole is judged: the error of 1e-11.
        alone = HeatKernel.of_streets(streets, bandwidths_m=[6.0, width], lixel_m=5.0)
        for layer in range(3):
            expected = alone.on_lixels(places_frame(PLACES), weights=weights[:, layer])[-1, :, 0]
            assert np.abs(of_width[:, layer] - expected).max() <= 1e-10
            coarse = network_density(
                streets, events, bandwidth_m=width, lixel_m=5.0, weights=weights[:, layer]
            )["density"]
            assert np.abs(of_width[:, layer] - coarse).max() <= 0.004 * coarse.max()


@pytest.mark.parametrize("width", range(len(WIDTHS)))
def test_each_bandwidth_is_the_matrix_exponential(width):
    streets = street_frame(TANGLE)
    at = places_frame([(name, fraction) for name in TANGLE for fraction in np.linspace(0, 1, 7)])
    kernel = HeatKernel.of_streets(streets, bandwidths_m=WIDTHS)
    found = kernel.at_places(places_frame(PLACES), at)[width, :, 0]
    expected = matrix_exponential(streets, PLACES, at.itertuples(index=False), WIDTHS[width])
    assert np.abs(found - expected).max() <= 0.005 * expected.max()


def test_an_event_by_itself_is_what_a_layer_of_its_own_gives():
    kernel = HeatKernel.of_streets(street_frame(TANGLE), bandwidths_m=WIDTHS)
    places = places_frame(PLACES)
    layers = kernel.at_places(places, places, weights=np.eye(len(places)))
    own = kernel.at_themselves(places)
    assert own == pytest.approx(np.diagonal(layers, axis1=1, axis2=2), rel=1e-9)


def test_places_come_from_events():
    streets = street_frame(TANGLE)
    events = event_frame((10, 3), (230, -8))
    kernel = HeatKernel.of_streets(streets, bandwidths_m=[15.0])
    found = kernel.on_lixels(place_events(streets, events))[0, :, 0]
    expected = network_density(streets, events, bandwidth_m=15.0)["density"]
    assert found == pytest.approx(expected.to_numpy(), rel=1e-12)


def exact(ratio, y):
    """Return exp((1 - 1 / y) ratio), 0 at y = 0."""
    return np.where(y > 0, np.exp((1 - 1 / np.maximum(y, 1e-300)) * ratio), 0.0)


@pytest.mark.parametrize("apart", [1.0, 2.0, 4.0, 16.0, 64.0])
def test_a_shared_pole_errs_by_no_more_than_the_module_says(apart):
    y = np.concatenate([np.linspace(0, 1, 4001), np.geomspace(1e-8, 1, 2001)])
    pole, terms = _heat.shared_pole(3.0, 3.0 * apart**2)
    for time in np.geomspace(3.0, 3.0 * apart**2, 9):
        coefficients = _heat.chebyshev(time / pole, terms)
        found = np.polynomial.chebyshev.chebval(2 * y - 1, coefficients)
        assert np.abs(found - exact(time / pole, y)).max() <= 2 * _heat.LEFT_OUT
    # The pole of one time does not serve another so far away with as many terms.
    if apart >= 16:
        alone, few = _heat.shared_pole(3.0, 3.0)
        ratio = 3.0 * apart**2 / alone
        found = np.polynomial.chebyshev.chebval(2 * y - 1, _heat.chebyshev(ratio, few))
        assert np.abs(found - exact(ratio, y)).max() > 1e-9


def test_no_events_give_zeros():
    kernel = HeatKernel.of_streets(street_frame(TANGLE), bandwidths_m=WIDTHS)
    assert not kernel.on_lixels(places_frame([])).any()
    assert (
        kernel.at_places(places_frame([]), along("bent", [0.1, 0.2])).tolist() == [[[0], [0]]] * 4
    )


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"bandwidths_m": []}, "Expected at least one of `bandwidths_m`"),
        ({"bandwidths_m": [10.0, 0.0]}, "Expected `bandwidth_m` > 0, got 0.0"),
        ({"bandwidths_m": [10.0, np.inf]}, "Expected `bandwidth_m` > 0, got inf"),
        ({"bandwidths_m": [1.0, 65.0]}, "at most 64 times the smallest, got 1.0 to 65.0"),
        ({"lixel_m": 0.0}, "Expected `lixel_m` > 0, got 0.0"),
    ],
)
def test_bad_parameters_are_named(changed, message):
    with pytest.raises(ParameterError, match=message):
        HeatKernel.of_streets(street_frame(TANGLE), **({"bandwidths_m": [10.0]} | changed))


def test_bad_places_and_weights_are_named():
    kernel = HeatKernel.of_streets(street_frame(TANGLE), bandwidths_m=[10.0])
    with pytest.raises(NotFoundError, match="Expected `places` on streets of the network"):
        kernel.on_lixels(places_frame([("nowhere", 0.5)]))
    with pytest.raises(ParameterError, match="fractions from 0 to 1"):
        kernel.on_lixels(places_frame([("bent", -0.5)]))
    with pytest.raises(ParameterError, match=r"shape \(1,\) or \(1, layers\), got \(2,\)"):
        kernel.on_lixels(places_frame([("bent", 0.5)]), weights=[1, 2])
    with pytest.raises(LayerError, match="at least one street"):
        HeatKernel.of_streets(street_frame({}), bandwidths_m=[10.0])


def test_streets_too_long_for_the_bandwidth_are_refused(monkeypatch):
    monkeypatch.setattr(heat_kernel, "MAX_SEGMENTS", 100)
    with pytest.raises(ParameterError, match="into at most 100 segments"):
        HeatKernel.of_streets(street_frame(TANGLE), bandwidths_m=[10.0])
