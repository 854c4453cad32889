"""Requests as they are answered: how many, and how long they took.

The client library's own counters take a lock for each of several figures of a request. Here a
request adds to one list of numbers, and only whoever scrapes has them written as figures.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Final

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

_BUCKETS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class _Tally:
    """Requests of one route, method and class of status."""

    __slots__ = ("buckets", "took_s")

    def __init__(self) -> None:
        self.buckets = [0] * (len(_BUCKETS_S) + 1)
        self.took_s = 0.0


class Answered(Collector):
    """The requests that were answered; they are counted by one thread, that of the event loop."""

    def __init__(self) -> None:
        self._tallies: dict[tuple[str, str, int], _Tally] = {}

    def count(self, route: str, method: str, status: int, took_s: float) -> None:
        """Count an answered request.

        Parameters
        ----------
        route
            Template of its path.
        method
            Its method.
        status
            Status of the answer.
        took_s
            Time it took, in seconds.
        """
        key = (route, method, status // 100)
        tally = self._tallies.get(key)
        if tally is None:
            tally = self._tallies[key] = _Tally()
        tally.buckets[bisect_left(_BUCKETS_S, took_s)] += 1
        tally.took_s += took_s

    def describe(self) -> Iterable[Metric]:
        """Name the figures.

        Returns
        -------
        metrics
            Each without its numbers.
        """
        return _families()

    def collect(self) -> Iterator[Metric]:
        """Write the figures.

        Yields
        ------
        Metric
            Each.
        """
        answered, took = _families()
        routes: dict[str, tuple[list[int], float]] = {}
        for (route, method, status), tally in sorted(self._tallies.copy().items()):
            buckets, took_s = tally.buckets.copy(), tally.took_s
            answered.add_metric([route, method, f"{status}xx"], sum(buckets))
            known, known_s = routes.get(route, ([0] * len(buckets), 0.0))
            both = [a + b for a, b in zip(known, buckets, strict=True)]
            routes[route] = (both, known_s + took_s)
        names = [*map(str, _BUCKETS_S), "+Inf"]
        for route, (buckets, took_s) in routes.items():
            up_to = [(name, sum(buckets[: n + 1])) for n, name in enumerate(names)]
            took.add_metric([route], up_to, took_s)
        yield from (answered, took)


def _families() -> tuple[CounterMetricFamily, HistogramMetricFamily]:
    return (
        CounterMetricFamily(
            "smartzone_requests",
            "Requests that were answered.",
            labels=("route", "method", "status"),
        ),
        HistogramMetricFamily(
            "smartzone_request_seconds",
            "Time from a request's head to the end of its answer.",
            labels=("route",),
        ),
    )
