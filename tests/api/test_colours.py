"""Colours of the maps: well formed, and apart for readers with colour blindness (simulated)."""

import itertools
import re

import numpy as np
import pytest

from api.styles import Styles

# Projections of linear RGB for full dichromacy, severity 1.0: G. M. Machado, M. M. Oliveira and
# L. A. F. Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency",
# IEEE TVCG 15(6), 2009.
SIGHT = {
    "full": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
STYLES = Styles.load()
COLOURS = {style.name: style.colour for style in STYLES.layers}
FINDINGS = [COLOURS[name] for name in ("fields_of_view", "blind_spots", "hotspots", "camera_sites")]
EQUIPMENT = [COLOURS[name] for name in ("cameras", "sos_points", "lamps", "camera_sites")]


def linear(colour):
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    ) @ np.clip(rgb, 0, 1)
    f = xyz / np.array([0.9505, 1.0, 1.089])
    f = np.where(f > 0.008856, np.cbrt(f), 7.787 * f + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def apart(one, other, sight):
    return float(
        np.linalg.norm(lab(SIGHT[sight] @ linear(one)) - lab(SIGHT[sight] @ linear(other)))
    )


@pytest.mark.parametrize(
    "colour", [STYLES.background, *COLOURS.values(), *STYLES.tours, *STYLES.beats]
)
def test_colours_are_hexadecimal(colour):
    assert re.fullmatch(r"#[0-9a-f]{6}", colour)


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize(
    "group",
    [FINDINGS, EQUIPMENT, STYLES.tours, STYLES.beats],
    ids=["findings", "equipment", "tours", "beats"],
)
def test_colours_of_one_legend_stay_apart(group, sight):
    worst = min(itertools.combinations(group, 2), key=lambda pair: apart(*pair, sight))
    assert apart(*worst, sight) >= 10, worst


def test_the_measure_catches_red_beside_green():
    assert apart("#c85050", "#508c3c", "full") > 40
    assert apart("#c00000", "#606000", "deuteranopia") < 10
