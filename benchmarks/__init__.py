"""What docs/benchmarks.md promises, measured: `make bench`."""
