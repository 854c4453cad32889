"""Figures for Prometheus: requests as they are answered, and the state of the store when asked.

https://prometheus.io/docs/practices/naming/
"""

import datetime as dt
import time
from collections.abc import Iterable, Iterator
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from api.operations.answered import Answered
from api.store import Store
from geo.errors import SourceError

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The figures of one service.

    Parameters
    ----------
    store
        The service's store.
    zones
        Names of the zones whose layers are watched.

    Attributes
    ----------
    count
        Counts an answered request.
    """

    def __init__(self, store: Store, zones: Iterable[str]) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(StoreState(store, zones))
        answered = Answered()
        self._registry.register(answered)
        self.count = answered.count

    def text(self) -> bytes:
        """Write all figures.

        Returns
        -------
        text
            In the text format of Prometheus, as `CONTENT_TYPE` says.
        """
        return generate_latest(self._registry)


class StoreState(Collector):
    """The state of a store: whether it answers, its jobs, layers and audit.

    Parameters
    ----------
    store
        The store.
    zones
        Names of the zones whose layers are watched.
    """

    def __init__(self, store: Store, zones: Iterable[str]) -> None:
        self._store, self._zones = store, tuple(zones)

    def describe(self) -> Iterable[Metric]:
        """Name nothing beforehand: the store is asked only when somebody scrapes.

        Returns
        -------
        metrics
            None.
        """
        return ()

    def collect(self) -> Iterator[Metric]:
        """Ask the store.

        Yields
        ------
        Metric
            Each figure; of a store that does not answer only that it does not.
        """
        began = time.perf_counter()
        try:
            self._store.engine.revision()
            took_s = time.perf_counter() - began
            figures = [_gauge("store_seconds", "Time the store took to answer.", took_s)]
            figures += [self._jobs(), self._layers(), *self._audit()]
        except SourceError:
            yield _gauge("store_up", "Whether the store answers.", 0)
            return
        yield _gauge("store_up", "Whether the store answers.", 1)
        yield from figures

    def _jobs(self) -> Metric:
        family = GaugeMetricFamily("smartzone_jobs", "Jobs by state.", labels=["state"])
        for state, count in self._store.jobs.counts().items():
            family.add_metric([state], count)
        return family

    def _layers(self) -> Metric:
        family = GaugeMetricFamily(
            "smartzone_layer_age_seconds",
            "Time since a layer was made.",
            labels=["zone", "layer"],
        )
        now = dt.datetime.now(dt.UTC)
        for zone in self._zones:
            for record in self._store.layers(zone):
                age_s = (now - record.created_at).total_seconds()
                family.add_metric([zone, record.name], age_s)
        return family

    def _audit(self) -> Iterator[Metric]:
        now = dt.datetime.now(dt.UTC)
        last, head = self._store.audit.last(), self._store.audit.last_head()
        since = self._store.audit.unsigned_since()
        yield _gauge("audit_entries", "Entries of the audit.", last.seq if last else 0)
        unsigned_s = 0.0 if since is None else (now - since).total_seconds()
        yield _gauge("audit_unsigned_seconds", "Age of the oldest unsigned entry.", unsigned_s)
        if head is not None:
            age_s = (now - dt.datetime.fromisoformat(head.at)).total_seconds()
            yield _gauge("audit_head_age_seconds", "Time since the newest signed head.", age_s)


def _gauge(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(f"smartzone_{name}", told, value=value)
