"""Measurements for Prometheus: by route template, never by address, so that no id is in them."""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

CONTENT_TYPE = CONTENT_TYPE_LATEST
SHARED = "PROMETHEUS_MULTIPROC_DIR"  # set by the server when it has several workers
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The measurements of one app; with several workers the sums over all of them are shown."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        kept = self.registry
        self.requests = Counter("skillgraph_http_requests", "Requests answered.", labels, registry=kept)
        self.seconds = Histogram(
            "skillgraph_http_request_seconds", "Time to answer.", ("method", "route"), buckets=BUCKETS, registry=kept
        )
        self.failures = Counter("skillgraph_failures", "Requests that failed inside.", ("route",), registry=kept)
        self.store_failures = Counter("skillgraph_store_failures", "Failed looks at the store.", registry=kept)
        self.load_rows = Counter(
            "skillgraph_load_rows", "Source rows by what became of them.", ("outcome",), registry=kept
        )
        self.followers = Gauge(
            "skillgraph_followers", "Who wait for changes now.", registry=kept, multiprocess_mode="livesum"
        )
        self.store_number = Gauge(
            "skillgraph_store_number", "The store's change number.", registry=kept, multiprocess_mode="mostrecent"
        )
        self.index_number = Gauge(
            "skillgraph_index_number",
            "The change number the index is at.",
            registry=kept,
            multiprocess_mode="mostrecent",
        )

    def observe(self, method: str, route: str, status: int, seconds: float | None) -> None:
        """Count one request; None for the time of one whose answer ends when somebody leaves."""
        known = method if method in METHODS else "OTHER"
        self.requests.labels(known, route, str(status)).inc()
        if seconds is not None:
            self.seconds.labels(known, route).observe(seconds)

    def text(self, store_number: int, index_number: int | None) -> bytes:
        """Everything in the exposition format."""
        self.store_number.set(store_number)
        self.index_number.set(-1 if index_number is None else index_number)
        if not os.environ.get(SHARED):
            return generate_latest(self.registry)
        everyone = CollectorRegistry()
        MultiProcessCollector(everyone)  # type: ignore[no-untyped-call]
        return generate_latest(everyone)
