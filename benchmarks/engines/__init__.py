"""The engines that answer the benchmark's roles: ours, and what else one would take; one module an engine."""

from benchmarks.engines.contract import Asked, Best, Engine, Need, Row, asked_of

__all__ = ["Asked", "Best", "Engine", "Need", "Row", "asked_of"]
