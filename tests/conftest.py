"""What holds for every test."""

import os
from importlib.util import find_spec

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is no defect: how long an example takes is never judged, nor how long it takes to think of one.
settings.register_profile("yaolink", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("yaolink")
if find_spec("playwright"):  # what of the tests runs on Windows under wine needs no browser
    from playwright import async_api, sync_api

    for expect in (async_api.expect, sync_api.expect):
        expect.set_options(timeout=20_000)


class NothingSkipped:
    """In CI every real part (browser, PostgreSQL) must be there: a test that was skipped has not passed."""

    def __init__(self) -> None:
        self.skipped: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped:
            self.skipped.append(report.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.skipped:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for name in self.skipped:
            terminalreporter.write_line(f"CI: skipped, so not proven: {name}", red=True)


def pytest_configure(config: pytest.Config) -> None:
    if os.environ.get("CI") == "true":
        config.pluginmanager.register(NothingSkipped(), "nothing-skipped")
