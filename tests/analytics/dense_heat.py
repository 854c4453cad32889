"""Heat along streets by a dense matrix exponential: what network densities are judged by."""

import itertools

import numpy as np
from scipy.linalg import expm


def matrix_exponential(streets, places, at, bandwidth_m, cells=12):
    """Return densities by a dense exponential; nodes are found by coordinates, in plain loops."""
    number = {}
    edges = []
    for label, line in streets.geometry.items():
        parts = int(np.ceil(line.length / (bandwidth_m / cells)))
        keys = [
            line.coords[0],
            *[("inner", label, part) for part in range(1, parts)],
            line.coords[-1],
        ]
        nodes = [number.setdefault(key, len(number)) for key in keys]
        edges += [(a, b, line.length / parts, label) for a, b in itertools.pairwise(nodes)]
    rate, volume = np.zeros((len(number), len(number))), np.zeros(len(number))
    for a, b, length, _ in edges:
        for node, other in ((a, b), (b, a)):
            volume[node] += length / 2
            rate[node, other] += 1 / length
            rate[node, node] -= 1 / length
    spread = expm(rate / volume[:, None] * bandwidth_m**2 / 2)
    heat = np.zeros(len(number))
    of_street = {label: [e for e in edges if e[3] == label] for label in streets.index}
    for label, fraction in places:
        part = min(int(fraction * len(of_street[label])), len(of_street[label]) - 1)
        ahead = fraction * len(of_street[label]) - part
        a, b, *_ = of_street[label][part]
        heat[a] += 1 - ahead
        heat[b] += ahead
    density = spread @ (heat / volume)
    found = []
    for label, fraction in at:
        part = min(int(fraction * len(of_street[label])), len(of_street[label]) - 1)
        ahead = fraction * len(of_street[label]) - part
        a, b, *_ = of_street[label][part]
        found.append((1 - ahead) * density[a] + ahead * density[b])
    return np.array(found)
