"""Demo data: the CRM of an invented Nordic company, at any size."""

from crmpanel.demo.build import build

__all__ = ["build"]
