"""Each rule of the contract between diagrams and code, broken and kept."""

from pathlib import Path

import pytest
from tests.support.diagrams import bpmn

from workflow_devkit.check.compare import RULES, compare
from workflow_devkit.check.service_model import EventFacts, HandlerFacts, ServiceModel
from workflow_devkit.findings import Severity
from workflow_runtime.bpmn.parser import parse

ONE = """
    start s
    service charge job=order_charge
    end e
    s -> charge -> e
"""


def handler(job_type="order_charge", name="charge", **facts):
    return HandlerFacts(job_type, name, "handlers.py", 7, **facts)


def found(text, *handlers, rule=None, **others):
    service = ServiceModel({each.job_type: each for each in handlers}, **others)
    findings = compare([parse(bpmn(text, "order"), "order.bpmn")], service)
    return [each for each in findings if rule in {None, each.rule}]


def rules(*arguments, **others):
    return [finding.rule for finding in found(*arguments, **others)]


def gives(*names):
    return frozenset(names)


NOTHING = gives()


def test_a_diagram_and_its_handlers_fit():
    assert found(ONE, handler()) == []


# Tasks.


def test_a_task_type_without_handler_is_an_error_that_names_place_and_remedy():
    (finding,) = found(ONE)
    assert (finding.rule, finding.severity) == ("unhandled-task", Severity.ERROR)
    assert (finding.file, finding.line, finding.element) == ("order.bpmn", 6, "charge")
    assert "'order_charge'" in finding.message
    assert "with_handler" in finding.remedy
    assert "with_external" in finding.remedy


def test_a_handler_with_almost_the_type_is_suggested_both_ways():
    missing, idle = found(ONE, handler("order_chrage"))[::-1]
    assert "did you mean 'order_chrage'?" in missing.message
    assert (idle.rule, idle.severity) == ("idle-handler", Severity.WARNING)
    assert (idle.file, idle.line) == ("handlers.py", 7)
    assert "did you mean 'order_charge'?" in idle.message


@pytest.mark.parametrize("pattern", ["order_charge", "order_*"])
def test_tasks_of_other_services_need_no_handler_here(pattern):
    assert found(ONE, external=(pattern,)) == []


def test_a_type_that_is_computed_may_be_any_handler():
    computed = ONE.replace("job=order_charge", "job==theType")
    assert found(computed, handler("order_other")) == []


def test_retries_that_contradict_each_other_are_told():
    text = ONE.replace("job=order_charge", "job=order_charge retries=3")
    (finding,) = found(text, handler(attempts=100))
    assert finding.rule == "retries-twice"
    assert "3 retries" in finding.message
    assert "100" in finding.message
    assert found(text, handler(attempts=3)) == []
    assert found(text, handler()) == []
    assert found(ONE, handler(attempts=100)) == []


# Errors.

CAUGHT = """
    start s
    service charge job=order_charge
    boundary failed on=charge error=REFUSED
    end e
    end late
    s -> charge -> e
    failed -> late
"""


def test_an_error_that_no_event_catches_is_an_error():
    (finding,) = found(ONE, handler(raises=gives("REFUSED")))
    assert (finding.rule, finding.severity) == ("uncaught-error", Severity.ERROR)
    assert "charge raises BpmnError 'REFUSED'" in finding.message
    assert found(CAUGHT, handler(raises=gives("REFUSED"))) == []


def test_a_code_that_was_misspelt_is_told_on_both_sides():
    raised = gives("REFUSE")
    uncaught, unraised = found(CAUGHT, handler(raises=raised), raised=raised)
    assert "did you mean 'REFUSED'?" in uncaught.message
    assert (unraised.rule, unraised.element) == ("unraised-error", "failed")
    assert "did you mean 'REFUSE'?" in unraised.message


def test_an_event_that_catches_everything_is_enough():
    assert found(CAUGHT.replace("error=REFUSED", "error="), handler(raises=gives("X"))) == []


def test_nothing_is_said_of_caught_errors_where_the_code_cannot_be_read():
    assert found(CAUGHT, handler(), raised=None) == []
    assert rules(CAUGHT, handler(), raised=NOTHING) == ["unraised-error"]


def test_another_service_may_raise_what_is_caught():
    assert found(CAUGHT, external=("order_charge",), raised=NOTHING) == []


def test_an_error_end_event_inside_raises_what_is_caught_outside():
    text = """
        start s
        sub box
            start in
            end thrown error={code}
            in -> thrown
        boundary failed on=box error=REFUSED
        end e
        s -> box -> e
        failed -> e
    """
    assert found(text.format(code="REFUSED"), raised=NOTHING) == []
    assert rules(text.format(code="OTHER"), raised=NOTHING) == ["unraised-error"]


# Events.

WAITS = """
    start s
    catch paid message=order_paid key==id
    end e
    s -> paid -> e
"""


def event(name, **facts):
    return {name: EventFacts(name, "events.py", 3, **facts)}


def test_an_event_of_this_process_that_nobody_waits_for_is_a_warning():
    awaited, published = found(WAITS, events=event("order_payed"))[::-1]
    assert (published.rule, awaited.rule) == ("unawaited-event", "unpublished-event")[::1]
    assert published.severity is Severity.WARNING
    assert (published.file, published.line) == ("events.py", 3)
    assert "did you mean 'order_paid'?" in published.message
    assert awaited.severity is Severity.INFO


def test_an_event_of_another_process_is_only_mentioned():
    (finding,) = found(WAITS, events=event("stock_arrived"), rule="unawaited-event")
    assert finding.severity is Severity.INFO


def test_events_that_are_published_and_awaited_fit():
    assert found(WAITS, events=event("order_paid")) == []


# Variables.

TWO = """
    start s
    service reserve job=order_reserve
    service charge job=order_charge {mapping}
    end e
    s -> reserve -> charge -> e
"""


def needing(*names, gives_=NOTHING):
    return handler(asks=tuple((name,) for name in names), gives=gives_)


def reserving(*names, asks=()):
    return handler("order_reserve", "reserve", gives=gives(*names), asks=asks)


@pytest.mark.parametrize(
    ("mapping", "result", "expected"),
    [
        ("", ["price"], []),
        ("in.price==1", [], []),
        ("in.price.net==1", [], []),
        ("", [], ["start-variables"]),
        ("", ["PRICE"], ["misspelt-variable"]),
        ("", ["prices"], ["start-variables"]),
    ],
)
def test_a_variable_comes_from_a_result_or_a_mapping_before(mapping, result, expected):
    text = TWO.format(mapping=mapping)
    assert rules(text, reserving(*result), needing("price")) == expected


def test_a_variable_of_a_process_whose_start_is_known_is_surely_missing():
    text = TWO.format(mapping="")
    arguments = (text, reserving(), needing("price"))
    (finding,) = found(*arguments, starts={"order": gives("orderId")})
    assert (finding.rule, finding.severity) == ("missing-variable", Severity.ERROR)
    assert (finding.element, "'price'" in finding.message) == ("charge", True)
    assert found(*arguments, starts={"order": gives("price")}) == []


def test_a_variable_that_is_set_only_later_is_told_with_who_sets_it():
    early = reserving(asks=(("receipt",),))
    (finding,) = found(TWO.format(mapping=""), early, needing(gives_=gives("receipt")))
    assert (finding.rule, finding.severity) == ("late-variable", Severity.WARNING)
    assert finding.element == "reserve"
    assert "'charge'" in finding.message


def test_an_output_mapping_hides_the_result():
    text = TWO.format(mapping="").replace("job=order_reserve", "job=order_reserve out.sum==price")
    assert rules(text, reserving("price"), needing("price")) == ["start-variables"]
    assert found(text, reserving("price"), needing("sum")) == []


def test_any_of_several_names_will_do():
    either = handler(asks=(("amount", "price"),), gives=NOTHING)
    assert found(TWO.format(mapping=""), reserving("price"), either) == []


EITHER = handler(asks=(("orderId", "order_id"),), gives=NOTHING)


@pytest.mark.parametrize("started", ["orderId", "order_id"])
def test_instances_may_start_with_any_of_several_names(started):
    text = TWO.format(mapping="")
    assert found(text, reserving(), EITHER, starts={"order": gives(started)}) == []
    assert rules(text, reserving(), EITHER, starts={"order": gives("price")}) == [
        "missing-variable"
    ]


def test_a_misspelling_of_any_of_several_names_is_told_by_that_name():
    either = handler(asks=(("amount", "price"),), gives=NOTHING)
    (finding,) = found(TWO.format(mapping=""), reserving("PRICE", "pRICE"), either)
    assert finding.rule == "misspelt-variable"
    assert "asks for 'price'; nothing sets that before, but 'PRICE' is set" in finding.message


@pytest.mark.parametrize("later", ["orderId", "order_id"])
def test_any_of_several_names_may_be_set_too_late(later):
    early = reserving(asks=EITHER.asks)
    assert rules(TWO.format(mapping=""), early, needing(gives_=gives(later))) == ["late-variable"]


def test_after_what_cannot_be_read_nothing_is_said():
    unread = handler("order_reserve", "reserve", gives=None)
    assert found(TWO.format(mapping=""), unread, needing("price")) == []
    text = TWO.format(mapping="").replace("service reserve job=order_reserve", "user reserve")
    assert found(text, needing("price")) == []


def test_a_loop_sets_in_its_first_round_what_the_second_needs():
    text = """
        start s
        xor again
        service charge job=order_charge
        xor more
        end e
        s -> again -> charge -> more -> e default
        more -> again if =true
    """
    assert found(text, needing("balance", gives_=gives("balance"))) == []


def test_a_parallel_branch_may_be_faster():
    text = """
        start s
        and fork
        service reserve job=order_reserve
        service charge job=order_charge
        and join
        end e
        s -> fork -> reserve -> join -> e
        fork -> charge -> join
    """
    assert found(text, reserving("price"), needing("price")) == []


def test_what_a_sub_process_sets_is_there_after_it_and_at_its_boundary():
    text = """
        start s
        sub box
            start in
            service reserve job=order_reserve
            end out
            in -> reserve -> out
        boundary late on=box timer.duration=PT1S
        service charge job=order_charge
        end e
        s -> box -> e
        late -> charge -> e
    """
    assert found(text, reserving("price"), needing("price")) == []
    needed_before = reserving(asks=(("receipt",),))
    assert rules(text, needed_before, needing(gives_=gives("receipt"))) == ["late-variable"]


def test_a_boundary_event_that_does_not_interrupt_may_set_it_meanwhile():
    text = """
        start s
        sub box
            start in
            service reserve job=order_reserve
            end out
            in -> reserve -> out
        boundary late on=box timer.duration=PT1S {passive}
        service charge job=order_charge
        end e
        s -> box -> e
        late -> charge -> e
    """
    asks = (reserving(asks=(("receipt",),)), needing(gives_=gives("receipt")))
    assert rules(text.format(passive=""), *asks) == ["late-variable"]
    assert found(text.format(passive="passive"), *asks) == []


def test_an_event_brings_its_scope():
    text = """
        start s
        catch paid message=order_paid key==id
        service charge job=order_charge
        end e
        s -> paid -> charge -> e
    """
    brought = event("order_paid", gives=gives("amount"))
    assert found(text, needing("amount"), events=brought) == []
    assert rules(text, needing("sum"), events=brought) == ["start-variables"]
    assert rules(text, needing("sum")) == ["unpublished-event"]


def test_a_process_that_an_event_starts_has_the_scope_of_the_event():
    text = """
        start s message=order_placed
        service charge job=order_charge
        end e
        s -> charge -> e
    """
    placed = event("order_placed", gives=gives("orderId"))
    assert found(text, needing("orderId"), events=placed) == []
    assert rules(text, needing("price"), events=placed) == ["missing-variable"]


def test_items_of_a_loop_are_variables():
    text = ONE.replace("job=order_charge", "job=order_charge each==items item=item")
    assert found(text, needing("item", "loopCounter")) == []


def test_a_form_that_is_called_by_its_id_is_in_a_file_of_the_service():
    text = """
        start s
        <userTask id="ask"><extensionElements><zeebe:formDefinition formId="ask" />
        </extensionElements></userTask>
        end e
        s -> ask -> e
    """.replace("\n        </ext", "</ext")
    assert found(text, linked=frozenset({("form", "ask")})) == []
    assert rules(text, linked=frozenset({("decision", "ask")})) == ["missing-link"]
    # Where it is not known what is deployed.
    assert rules(text) == []


def test_every_rule_is_broken_by_one_of_these_tests():
    source = Path(__file__).read_text(encoding="utf-8")
    assert [rule for rule in RULES if f'"{rule}"' not in source] == []
