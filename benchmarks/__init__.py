"""The latency budget: ``python -m benchmarks`` measures it; ``--write`` keeps the tables."""
