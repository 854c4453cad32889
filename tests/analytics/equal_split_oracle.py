"""Equal split by plain recursion over every walk: what densities by equal split are judged by."""

from scipy.stats import norm

KERNELS = {
    "epanechnikov": lambda u: 3 / 4 * (1 - u**2),
    "quartic": lambda u: 15 / 16 * (1 - u**2) ** 2,
    "gaussian": lambda u: 4 * norm.pdf(4 * u) / (1 - 2 * norm.cdf(-4)),
}


class Walker:
    """Sums up what all walks of an event bring to one place; junctions are known by coordinates."""

    def __init__(self, streets, label, fraction, *, reach_m, method, kernel):
        self.lines = dict(streets.geometry.items())
        self.ends = {name: (line.coords[0], line.coords[-1]) for name, line in self.lines.items()}
        self.label, self.wanted_m = label, fraction * self.lines[label].length
        self.reach_m, self.method, self.kernel = reach_m, method, KERNELS[kernel]

    def leave(self, gone_m, part):
        if gone_m >= self.reach_m:
            return 0.0
        return part * self.kernel(gone_m / self.reach_m) / self.reach_m

    def arrive(self, junction, gone_m, part, came):
        """Sum up for a walk that stands at a junction, having come by a street end."""
        if gone_m >= self.reach_m:
            return 0.0
        ways = [
            (name, end) for name in self.lines for end in (0, 1) if self.ends[name][end] == junction
        ]
        if self.method == "continuous":
            shares = {way: 2 / len(ways) - (way == came) for way in ways}
        else:
            shares = {way: 1 / (len(ways) - 1) for way in ways if way != came}
        return sum(self.go(way, gone_m, part * share) for way, share in shares.items())

    def go(self, way, gone_m, part):
        """Sum up for a walk that leaves a junction by a street end."""
        name, end = way
        length_m = self.lines[name].length
        here = 0.0
        if name == self.label:
            here = self.leave(gone_m + abs(self.wanted_m - end * length_m), part)
        goal = self.ends[name][1 - end]
        return here + self.arrive(goal, gone_m + length_m, part, (name, 1 - end))

    def begin(self, name, fraction):
        """Sum up for an event between the ends of a street."""
        length_m = self.lines[name].length
        offset_m = fraction * length_m
        here = self.leave(abs(self.wanted_m - offset_m), 1.0) if name == self.label else 0.0
        tail, head = self.ends[name]
        return (
            here
            + self.arrive(tail, offset_m, 1.0, (name, 0))
            + self.arrive(head, length_m - offset_m, 1.0, (name, 1))
        )


def equal_split(streets, places, at, *, bandwidth_m, method, kernel):
    """Return densities at tuples of street and fraction, of events at such tuples."""
    rule = {
        "reach_m": bandwidth_m * (4 if kernel == "gaussian" else 1),
        "method": method,
        "kernel": kernel,
    }
    walkers = [Walker(streets, *wanted, **rule) for wanted in at]
    return [sum(walker.begin(*place) for place in places) for walker in walkers]
