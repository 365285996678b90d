"""`workflow migrate-check` on the old services: all of each before, nothing of it after."""

from pathlib import Path

import pytest

from workflow_devkit.migration import migration_report

SERVICES = sorted(each for each in (Path(__file__).parent / "services").iterdir() if each.is_dir())


@pytest.fixture(params=SERVICES, ids=lambda folder: folder.name)
def service(request):
    return request.param


def test_every_task_of_the_service_before_is_found(service):
    files = sorted(service.glob("before*.py"))
    written = sum(file.read_text().count(".task(") for file in files)
    report = migration_report(files)
    assert (len(report.handlers), report.unreadable) == (written, ())


def test_nothing_of_pyzeebe_is_found_in_the_service_after(service):
    report = migration_report(sorted(service.glob("after*.py")))
    assert (report.findings, report.unreadable) == ((), ())
