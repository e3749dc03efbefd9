"""What the server tells in its log."""

import logging

import pytest
from tornado.websocket import WebSocketClosedError

from crmpanel.server import _is_trouble


def record(message, error=None):
    info = (type(error), error, None) if error else None
    return logging.LogRecord("asyncio", logging.ERROR, __file__, 1, message, (), info)


@pytest.mark.parametrize(
    ("message", "error", "told"),
    [
        ("Task exception was never retrieved", WebSocketClosedError(), False),
        ("Failed sending message as connection was closed", None, False),
        ("Task exception was never retrieved", ValueError("no"), True),
        ("anything else", None, True),
    ],
)
def test_a_visitor_who_leaves_is_no_trouble(message, error, told):
    assert _is_trouble(record(message, error)) is told
