"""Demo data: the CRM of an invented Nordic company, at any size."""

from crmpanel.demo.building import build

__all__ = ["build"]
