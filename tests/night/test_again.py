"""What has failed is played once more, and only that."""

from tests.night import __main__ as program
from tests.night.report import Report
from tests.night.situations import SITUATIONS


def report(situation, *problems):
    return Report(situation, 1.0, "a rule", 1, 1, 1, (), problems)


def test_only_what_has_failed_is_played_again_and_its_second_report_counts(tmp_path, monkeypatch):
    first, second, *_ = SITUATIONS
    played = []

    async def night(chosen, folder):
        played.append([each.name for each in chosen])
        return [report(each) for each in chosen]

    monkeypatch.setattr(program, "night", night)
    good, bad = report(first), report(second, "told after 130 s")
    after = program.once_more([first, second], [good, bad], tmp_path / "again")
    assert played == [[second.name]]
    assert after[0] is good
    assert (after[1].situation, after[1].problems) == (second, ())
