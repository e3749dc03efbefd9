"""The latency budget: ``python -m benchmarks`` measures it, ``--write`` puts it into docs/performance.md."""
