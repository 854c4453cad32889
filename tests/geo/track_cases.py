"""Tours with known ways and the tracks that a phone would record of them, made for tests."""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.map_matching import COLUMNS

START = pd.Timestamp("2026-03-06T11:00:00Z")
WALK_MPS = 1.3
CLEAR_M = 15.0  # of junctions, where stops are


def made_tour(graph, stops, *, rng, dwell_s=(600.0, 960.0), speed_mps=WALK_MPS, near_m=400.0):
    """Return the passages of an officer who walks from stop to stop, staying at each.

    The next stop is a random place within `near_m` of the last, reached by the shortest way. Stops
    are at least 15 m from junctions: who stands on a junction stands on every street of it.
    """
    places = _stops(graph, stops, rng, near_m)
    rows, now_s = [], 0.0
    for number, (_, place) in enumerate(places.iterrows()):
        if number:
            line = graph.route(places.iloc[number - 1], place)
            for street, from_m, to_m in stretches(graph, line):
                took_s = abs(to_m - from_m) / speed_mps
                rows.append((street, from_m, to_m, now_s, now_s + took_s))
                now_s += took_s
        stay_s = rng.uniform(*dwell_s)
        rows.append((place["street"], place["offset_m"], place["offset_m"], now_s, now_s + stay_s))
        now_s += stay_s
    tour = pd.DataFrame(rows, columns=COLUMNS)
    for name in ("starts_at", "ends_at"):
        tour[name] = START + pd.to_timedelta(tour[name], unit="s")
    return tour


def _stops(graph, count, rng, near_m):
    lines = graph.lines
    free_m = np.maximum(lines.length.to_numpy() - 2 * CLEAR_M, 0.0)
    chosen = rng.choice(len(lines), 400, p=free_m / free_m.sum())
    offset_m = CLEAR_M + rng.random(400) * free_m[chosen]
    points = gpd.GeoSeries(
        shapely.line_interpolate_point(lines.array[chosen], offset_m), crs=lines.crs
    )
    places = pd.DataFrame({"street": lines.index[chosen], "offset_m": offset_m})
    order = [0]
    while len(order) < count:
        near = points.distance(points.iloc[order[-1]]).lt(near_m).to_numpy().nonzero()[0]
        order.append(int(rng.choice(near)))
    return places.iloc[order].reset_index(drop=True)


def stretches(graph, line):
    """Tell which streets a line along them passes, and from where to where."""
    rows = []
    for start, end in pairwise(shapely.get_coordinates(line)):
        middle = shapely.Point((start + end) / 2)
        street = graph.lines.index[int(graph.lines.distance(middle).to_numpy().argmin())]
        ends = [float(graph.lines[street].project(shapely.Point(at))) for at in (start, end)]
        if ends[0] != ends[1]:
            rows.append((street, *ends))
    return rows


def place_at(graph, tour, at_s):
    """Return street and coordinates at seconds from the start of a tour."""
    starts_s, ends_s = (seconds(tour[name]) for name in ("starts_at", "ends_at"))
    row = np.clip(np.searchsorted(starts_s, at_s, side="right") - 1, 0, len(tour) - 1)
    share = np.clip((at_s - starts_s[row]) / np.maximum(ends_s - starts_s, 1e-9)[row], 0, 1)
    from_m, to_m = (tour[name].to_numpy()[row] for name in ("from_m", "to_m"))
    street = tour["street"].to_numpy()[row]
    lines = graph.lines.array[graph.lines.index.get_indexer(street)]
    points = shapely.line_interpolate_point(lines, from_m + share * (to_m - from_m))
    return street, shapely.get_coordinates(points)


def recorded(graph, tour, *, every_s, noise_m, rng, memory_s=0.0):
    """Return the track of a tour: positions with Gaussian errors, alike over `memory_s`."""
    at_s = np.arange(0.0, seconds(tour["ends_at"])[-1], every_s)
    xy = place_at(graph, tour, at_s)[1] + _errors(len(at_s), every_s, noise_m, memory_s, rng)
    at = START + pd.to_timedelta(at_s, unit="s")
    return gpd.GeoDataFrame({"at": at}, geometry=shapely.points(xy), crs=graph.lines.crs)


def _errors(count, every_s, noise_m, memory_s, rng):
    fresh = rng.normal(0.0, noise_m, (count, 2))
    if memory_s <= 0:
        return fresh
    kept = np.exp(-every_s / memory_s)
    errors = fresh.copy()
    for row in range(1, count):
        errors[row] = kept * errors[row - 1] + np.sqrt(1 - kept**2) * fresh[row]
    return errors


def seconds(instants):
    """Return seconds from the start."""
    return (pd.DatetimeIndex(instants) - START).total_seconds().to_numpy()


def share_right(graph, tour, passages):
    """Return the share of a tour's time for which passages tell the right street."""
    at_s = np.arange(0.5, seconds(tour["ends_at"])[-1], 1.0)
    truth = place_at(graph, tour, at_s)[0]
    starts_s, ends_s = (seconds(passages[name]) for name in ("starts_at", "ends_at"))
    row = np.clip(np.searchsorted(starts_s, at_s, side="right") - 1, 0, len(passages) - 1)
    told = passages["street"].to_numpy()[row]
    return float(((told == truth) & (at_s >= starts_s[row]) & (at_s < ends_s[row])).mean())


def route_mismatch(tour, passages):
    """Return length wrongly added and wrongly left out, by that of the true way.

    After Newson and Krumm (2009), with each stretch of street counted once however often passed.
    """
    truth, told = _covered(tour), _covered(passages)
    length = sum(_length(parts) for parts in truth.values())
    wrong = 0.0
    for street in {*truth, *told}:
        true, found = (covered.get(street, []) for covered in (truth, told))
        wrong += 2 * _length([*true, *found]) - _length(true) - _length(found)
    return wrong / length


def _covered(passages):
    """Return from where to where each street was passed."""
    return {
        street: np.sort(rows[["from_m", "to_m"]].to_numpy(), axis=1).tolist()
        for street, rows in passages.groupby("street")
    }


def _length(stretches):
    """Return the length of the union of stretches of one street."""
    total, reached = 0.0, -np.inf
    for low, high in sorted(stretches):
        total += max(high - max(low, reached), 0.0)
        reached = max(reached, high)
    return total


def nearest_streets(graph, track):
    """Return the passages of a track by the plain way: each position on the street nearest to it.

    A position stands for the time to halfway between it and its neighbours; between two positions
    on one street the way is along it.
    """
    places = graph.snap(track.geometry)
    at_s = seconds(track["at"])
    middle_s = (at_s[1:] + at_s[:-1]) / 2
    offset_m, street = places["offset_m"].to_numpy(), places["street"].to_numpy()
    rows = []
    for i in range(len(at_s)):
        early = at_s[i] if i == 0 else middle_s[i - 1]
        late = at_s[i] if i + 1 == len(at_s) else middle_s[i]
        same = i + 1 < len(at_s) and street[i] == street[i + 1]
        to_m = offset_m[i + 1] if same else offset_m[i]
        rows.append((street[i], offset_m[i], to_m, early, late))
    told = pd.DataFrame(rows, columns=COLUMNS)
    for name in ("starts_at", "ends_at"):
        told[name] = START + pd.to_timedelta(told[name], unit="s")
    return told
