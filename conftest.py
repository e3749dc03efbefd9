"""What holds for every test, wherever it lives."""

import pytest

BROWSER_TESTS = "tests/ui/"


def is_browser_test(nodeid):
    """Whether a test drives a real browser."""
    return nodeid.startswith(BROWSER_TESTS)


def pytest_collection_modifyitems(items):
    """Mark the browser tests, run them last, and those that fail once more.

    Playwright leaves an event loop running in its process, and no later test there could start one.
    A busy machine can be too slow for a browser. Who passes the second time only is listed at the
    end, as what made it fail may be a fault of ours.
    """
    items.sort(key=lambda item: is_browser_test(item.nodeid))
    for item in items:
        if is_browser_test(item.nodeid):
            item.add_marker(pytest.mark.ui)
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Give each file to one worker, and all browser tests to the same one, after everything else.

    Two browsers at once spoil each other's timing. xdist's own ``loadgroup`` would say the same
    with a mark, but pytest 9.2 no longer has the private attribute it relies on.
    """
    from xdist.scheduler import LoadScopeScheduling

    class OneBrowser(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return BROWSER_TESTS if is_browser_test(nodeid) else nodeid.partition("::")[0]

    config.option.loadscopereorder = False  # it would start with the largest group: the browser's
    return OneBrowser(config, log)
