"""For each rule of lint a diagram that breaks it and one that does not."""

import itertools
from typing import NamedTuple

from tests.support.drawing import END, MESSAGE, START, catch, draw, message, straight, task
from tests.support.drawing import timer as time


class Case(NamedTuple):
    """``element`` is where the rule finds something in ``bad``; it finds nothing in ``good``."""

    element: str
    bad: bytes
    good: bytes
    line: int = 0


SIGNAL = '<signalEventDefinition signalRef="s" />'
ERROR = '<errorEventDefinition errorRef="e" />'
ESCALATION = '<escalationEventDefinition escalationRef="x" />'
LOOP = (
    "<multiInstanceLoopCharacteristics><extensionElements><zeebe:loopCharacteristics {}/>"
    "</extensionElements></multiInstanceLoopCharacteristics>"
)
GATEWAY = '<exclusiveGateway id="g" {} />'
DECIDED = "start > g\n{}\na > end\nb > end"
TWO = START + task("a") + task("b") + END


def link(name: str = "x") -> str:
    # With an id, as modelers write it: without one the engine fails to read the file.
    return f'<linkEventDefinition id="l{next(_numbers)}" name="{name}" />'


_numbers = itertools.count()


def loop(attributes: str) -> bytes:
    return straight(task("a").replace("</serviceTask>", LOOP.format(attributes) + "</serviceTask>"))


def mapped(tag: str, attributes: str, element: str = "service") -> bytes:
    mapping = f"<zeebe:ioMapping><zeebe:{tag} {attributes} /></zeebe:ioMapping>"
    if element == "service":
        return straight(task("a", mapping))
    extension = f"<extensionElements>{mapping}</extensionElements>"
    return straight(catch("a", extension, "manualTask"))


def decided(flows: str, gateway: str = "") -> bytes:
    return draw(TWO + GATEWAY.format(gateway), DECIDED.format(flows))


def awaited(*events: str) -> bytes:
    names = "abc"[: len(events)]
    nodes = "".join(catch(name, event) for name, event in zip(names, events, strict=True))
    flows = "\n".join(["start > g", *(f"g > {n}\n{n} > end" for n in names)])
    return draw(START + '<eventBasedGateway id="g" />' + nodes + END, flows, top=message())


def sub_process(inner: str, *, event: bool = False) -> bytes:
    body = f'<subProcess id="a" {_BY_EVENT if event else ""}>{inner}</subProcess>'
    if not event:
        return straight(body, top=message())
    return draw(START + END + body, "start > end", top=message())


_BY_EVENT = 'triggeredByEvent="true"'


def boundary(definition: str, more: str = "", *, host: str = "") -> str:
    attributes = f'attachedToRef="a" {more}'
    return (host or task("a")) + catch("b", definition, "boundaryEvent", attributes)


def attached(definition: str, more: str = "", *, host: str = "", top: str = "") -> bytes:
    nodes = START + boundary(definition, more, host=host) + END
    return draw(nodes, "start > a\na > end\nb > end", top=top)


GOOD = straight(task("a"))
PARALLEL = '<parallelGateway id="j" />'

CASES: dict[str, Case] = {
    "schema": Case("x_a", draw(TWO, "start > a\na > b\nb > end").replace(
        b"</process>", b'<sequenceFlow id="x_a" sourceRef="ghost" targetRef="a" /></process>'),
        GOOD),
    "executable-process": Case("p", GOOD.replace(b"true", b"false"), GOOD),
    "execution-platform": Case(
        "", straight(task(), attributes='modeler:executionPlatform="Camunda Cloud" '
                     'modeler:executionPlatformVersion="8.6.0"'),
        straight(task(), attributes='modeler:executionPlatform="Camunda Cloud" '
                 'modeler:executionPlatformVersion="8.4.0"')),
    "start-event-required": Case("p", draw(task("a") + END, "a > end"), GOOD),
    "no-multiple-none-start-events": Case(
        "other", draw(START + '<startEvent id="other" />' + task("a") + END,
                      "start > a\nother > a\na > end"), GOOD),
    "sub-process-start": Case(
        "s", sub_process(catch("s", time("PT1S"), "startEvent")),
        sub_process('<startEvent id="s" />')),
    "single-event-definition": Case(
        "a", straight(catch("a", time("PT1S") + MESSAGE), top=message()),
        straight(catch("a", time("PT1S")))),
    "boundary-event": Case(
        "b", draw(START + boundary(time("PT1S")) + END, "start > a\na > end"),
        attached(time("PT1S"))),
    "escalation-boundary-event-attached-to-ref": Case(
        "b", attached(ESCALATION, top='<escalation id="x" escalationCode="c" />'),
        attached(ESCALATION, top='<escalation id="x" escalationCode="c" />',
                 host='<subProcess id="a"><startEvent id="s" /></subProcess>')),
    "error-interrupts": Case(
        "b", attached(ERROR, 'cancelActivity="false"', top='<error id="e" errorCode="c" />'),
        attached(ERROR, top='<error id="e" errorCode="c" />')),
    "end-event": Case(
        "end", draw(START + task("a") + END, "start > end\nend > a"), GOOD),
    "written-flows": Case("a", GOOD.replace(b"<outgoing>a_end</outgoing>", b""), GOOD),
    "element-type": Case("a", straight('<complexGateway id="a" />'), GOOD),
    "profile": Case("a", straight('<userTask id="a" />'), GOOD),
    "implementation": Case("a", straight('<serviceTask id="a" />'), GOOD),
    "called-element": Case(
        "a", straight('<callActivity id="a" />'),
        straight(catch("a", "<extensionElements><zeebe:calledElement processId='q' />"
                       "</extensionElements>", "callActivity"))),
    "form": Case(
        "a", straight(catch("a", "<extensionElements><zeebe:formDefinition /></extensionElements>",
                            "userTask")),
        straight(catch("a", "<extensionElements><zeebe:formDefinition formId='order' />"
                       "</extensionElements>", "userTask"))),
    "loop-characteristics": Case(
        "a", loop('inputCollection="=items" outputCollection="results"'),
        loop('inputCollection="=items" outputCollection="results" outputElement="=r"')),
    "standard-loop": Case(
        "a", straight(task("a").replace("</serviceTask>", "<standardLoopCharacteristics />"
                                        "</serviceTask>")), GOOD),
    "io-mapping": Case(
        "a", mapped("input", 'target="x"'), mapped("input", 'source="=y" target="x"')),
    "variable-name": Case(
        "a", mapped("output", 'source="=y" target="1x"'),
        mapped("output", 'source="=y" target="x.y"')),
    "result-variable": Case(
        "a", loop('inputCollection="=items" inputElement="an item"'),
        loop('inputCollection="=items" inputElement="item"')),
    "retries": Case("a", straight(task("a", retries="many")), straight(task("a", retries="=n"))),
    "duplicate-task-headers": Case(
        "a", straight(task("a", "<zeebe:taskHeaders><zeebe:header key='k' value='1' />"
                           "<zeebe:header key='k' value='2' /></zeebe:taskHeaders>")),
        straight(task("a", "<zeebe:taskHeaders><zeebe:header key='k' value='1' />"
                      "<zeebe:header key='l' value='2' /></zeebe:taskHeaders>"))),
    "candidates": Case(
        "a", straight(catch("a", "<extensionElements><zeebe:assignmentDefinition "
                            "candidateGroups='sales,,support' /></extensionElements>", "userTask")),
        straight(catch("a", "<extensionElements><zeebe:assignmentDefinition "
                       "candidateGroups='sales,support' /></extensionElements>", "userTask"))),
    "no-zeebe-user-task": Case(
        "a", straight(catch("a", "<extensionElements><zeebe:userTask /></extensionElements>",
                            "userTask")), straight('<userTask id="a" />')),
    "message-reference": Case(
        "a", straight(catch("a", "<messageEventDefinition />")),
        straight(catch("a", MESSAGE), top=message())),
    "subscription": Case(
        "a", straight(catch("a", MESSAGE), top=message(key="")),
        straight(catch("a", MESSAGE), top=message())),
    "signal-reference": Case(
        "a", straight(catch("a", SIGNAL), top='<signal id="s" />'),
        straight(catch("a", SIGNAL), top='<signal id="s" name="rain" />')),
    "error-reference": Case(
        "end", draw(START + catch("end", ERROR, "endEvent"), "start > end",
                    top='<error id="e" />'),
        draw(START + catch("end", ERROR, "endEvent"), "start > end",
             top='<error id="e" errorCode="c" />')),
    "escalation-reference": Case(
        "a", straight(catch("a", "<escalationEventDefinition />", "intermediateThrowEvent")),
        straight(catch("a", ESCALATION, "intermediateThrowEvent"),
                 top='<escalation id="x" escalationCode="c" />')),
    "link-event": Case(
        "a", draw(START + catch("a", link(), "intermediateThrowEvent"), "start > a"),
        draw(START + END + catch("a", link(), "intermediateThrowEvent")
             + catch("b", link()), "start > a\nb > end")),
    "start-name": Case(
        "start", draw(catch("start", MESSAGE, "startEvent") + END, "start > end",
                      top=message(title="=name")),
        draw(catch("start", MESSAGE, "startEvent") + END, "start > end", top=message())),
    "duplicate-catch": Case("b", awaited(MESSAGE, MESSAGE), awaited(MESSAGE, time("PT1S"))),
    "timer": Case(
        "a", straight(catch("a", time("5 seconds"))), straight(catch("a", time("=wait")))),
    "timer-name": Case(
        "a", straight(catch("a", time("P10M"), more='name="Wait 10 minutes"')),
        straight(catch("a", time("PT10M"), more='name="Wait 10 minutes"'))),
    "timer-months": Case("a", straight(catch("a", time("P30M"))),
                         straight(catch("a", time("P3M")))),
    "task-schedule": Case(
        "a", straight(catch("a", "<extensionElements><zeebe:taskSchedule dueDate='soon' />"
                            "</extensionElements>", "userTask")),
        straight(catch("a", "<extensionElements><zeebe:taskSchedule "
                       "dueDate='2030-01-01T00:00:00Z' /></extensionElements>", "userTask"))),
    "sequence-flow-condition": Case(
        "g_b", decided("g > a if =x\ng > b"), decided("g > a if =x\ng > b", 'default="g_b"')),
    "default-flow": Case(
        "g", decided("g > a if =x\ng > b if =y"), decided("g > a if =x\ng > b", 'default="g_b"')),
    "own-default-flow": Case(
        "g", decided("g > a if =x\ng > b if =y", 'default="a_end"'),
        decided("g > a if =x\ng > b", 'default="g_b"')),
    "unused-condition": Case(
        "g_b", decided("g > a if =x\ng > b if =y", 'default="g_b"'),
        decided("g > a if =x\ng > b", 'default="g_b"')),
    "event-based-gateway": Case("g", awaited(MESSAGE), awaited(MESSAGE, time("PT1S"))),
    "event-based-gateway-target": Case(
        "b", draw(TWO + '<eventBasedGateway id="g" />' + catch("c", time("PT1S")),
                  "start > g\ng > c\ng > b\nc > a\na > end\nb > end"),
        awaited(MESSAGE, time("PT1S"))),
    "inclusive-gateway": Case(
        "j", draw(TWO + '<parallelGateway id="f" /><inclusiveGateway id="j" />',
                  "start > f\nf > a\nf > b\na > j\nb > j\nj > end"),
        draw(TWO + '<parallelGateway id="f" />' + PARALLEL,
             "start > f\nf > a\nf > b\na > j\nb > j\nj > end")),
    "feel": Case(
        "g_a", decided("g > a if =x >\ng > b", 'default="g_b"'),
        decided("g > a if =x > 1\ng > b", 'default="g_b"'), 16),
    "static-expression": Case(
        "g_a", decided("g > a if x > 1\ng > b", 'default="g_b"'),
        decided("g > a if =x > 1\ng > b", 'default="g_b"')),
    "feel-compatibility": Case(
        "a", mapped("input", 'source="=trim(y)" target="x"'),
        mapped("input", 'source="=upper case(y)" target="x"')),
    "feel-function": Case(
        "a", mapped("input", 'source="=uppercase(y)" target="x"'),
        mapped("input", 'source="={f: function(a) a, b: f(y)}.b" target="x"')),
    "unreachable": Case("b", draw(TWO, "start > a\na > end\nb > end"), GOOD),
    "no-loop": Case(
        "a", draw(START + END + '<manualTask id="a" />' + GATEWAY.format('default="g_end"'),
                  "start > a\na > g\ng > a if =x\ng > end"),
        draw(START + END + task("a") + GATEWAY.format('default="g_end"'),
             "start > a\na > g\ng > a if =x\ng > end")),
    "never-joins": Case(
        "j", draw(TWO + GATEWAY.format('default="g_b"') + PARALLEL,
                  "start > g\ng > a if =x\ng > b\na > j\nb > j\nj > end"),
        draw(TWO + '<parallelGateway id="g" />' + PARALLEL,
             "start > g\ng > a\ng > b\na > j\nb > j\nj > end")),
    "name-pattern": Case("a", straight(task("a", type_="sendEmail")), GOOD),
    "unique-event-name": Case(
        "n", straight(catch("a", MESSAGE), top=message() + message("n", title="p_m")),
        straight(catch("a", MESSAGE), top=message())),
    "unique-task-type": Case("b", straight(task("a"), task("b", type_="p_a")), GOOD),
    "unused-message": Case(
        "m", straight(task("a"), top=message()), straight(catch("a", MESSAGE), top=message())),
    "unused-variable": Case(
        "a", mapped("input", 'source="=y" target="x"', "manual"),
        mapped("input", 'source="=y" target="x"')),
    "end-event-required": Case("p", draw(START + task("a"), "start > a"), GOOD),
    "fake-join": Case(
        "end", draw(TWO, "start > a\nstart > b\na > end\nb > end"), GOOD),
    "no-implicit-split": Case(
        "start", draw(TWO, "start > a\nstart > b\na > end\nb > end"), GOOD),
    "no-implicit-end": Case("b", draw(TWO, "start > a\nstart > b\na > end"), GOOD),
    "no-gateway-join-fork": Case(
        "j", draw(TWO + '<parallelGateway id="f" />' + PARALLEL,
                  "start > f\none: f > j\ntwo: f > j\nj > a\nj > b\na > end\nb > end"), GOOD),
    "superfluous-gateway": Case("j", straight(PARALLEL), GOOD),
    "no-duplicate-sequence-flows": Case(
        "two", draw(START + END, "one: start > end\ntwo: start > end"), GOOD),
}  # fmt: skip
