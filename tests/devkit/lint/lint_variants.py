"""More diagrams than there are rules, each with what a real broker 8.5.8 said: taken or refused."""

from tests.devkit.lint.lint_cases import (
    ERROR,
    ESCALATION,
    GATEWAY,
    SIGNAL,
    TWO,
    attached,
    awaited,
    boundary,
    decided,
    link,
    loop,
    mapped,
    sub_process,
)
from tests.support.drawing import END, MESSAGE, START, catch, draw, message, straight, task
from tests.support.drawing import timer as time

TAKEN, REFUSED = True, False


def extended(tag: str, extension: str) -> bytes:
    return straight(
        catch("a", f"<extensionElements>{extension}</extensionElements>" if extension else "", tag)
    )


def started(definition: str, top: str = "") -> bytes:
    start = catch("start", definition, "startEvent")
    return draw(start + task("a") + END, "start > a\na > end", top=top)


def awaiting(text: str, form: str) -> bytes:
    return straight(catch("a", time(text, form)))


def event_sub(definition: str, more: str = "", top: str = "") -> bytes:
    start = catch("s", definition, "startEvent", more)
    sub = f'<subProcess id="sub" triggeredByEvent="true">{start}</subProcess>'
    return draw(START + task("a") + END + sub, "start > a\na > end", top=top)


ERR = '<error id="e" errorCode="c" />'
ESC = '<escalation id="x" escalationCode="c" />'
SIG = '<signal id="s" name="rain" />'
KEPT = 'isInterrupting="false"'
HOST = '<subProcess id="a"><startEvent id="s" /></subProcess>'
TWICE = START + task("a") + END + catch("b", MESSAGE, "boundaryEvent", 'attachedToRef="a"')

VARIANTS: dict[str, tuple[bool, bytes]] = {
    # expressions
    "type that cannot be read": (REFUSED, straight(task("a", type_="=x >"))),
    "retries that cannot be read": (REFUSED, straight(task("a", retries="=x >"))),
    "retries that are no number": (TAKEN, straight(task("a", retries="many"))),
    "blank type": (TAKEN, straight(task("a", type_=" "))),
    "name with spaces": (REFUSED, mapped("input", 'source="=my name" target="x"')),
    "unknown function": (TAKEN, mapped("input", 'source="=nothing(1)" target="x"')),
    "empty expression": (TAKEN, mapped("input", 'source="=" target="x"')),
    "static source": (TAKEN, mapped("input", 'source="text" target="x"')),
    "empty target": (REFUSED, mapped("output", 'source="=x" target=""')),
    "reserved target": (REFUSED, mapped("output", 'source="=x" target="null"')),
    "target with a dash": (REFUSED, mapped("input", 'source="=x" target="a-b"')),
    "static key": (REFUSED, straight(catch("a", MESSAGE), top=message(key="key"))),
    "key that cannot be read": (REFUSED, straight(catch("a", MESSAGE), top=message(key="=x +"))),
    "message name that is computed": (
        TAKEN, straight(catch("a", MESSAGE), top=message(title="=name"))),
    "message name that cannot be read": (
        REFUSED, straight(catch("a", MESSAGE), top=message(title="=x +"))),
    # messages
    "message without a name": (REFUSED, straight(catch("a", MESSAGE), top=message(title=""))),
    "start message without a key": (TAKEN, started(MESSAGE, message(key=""))),
    "receive task without a message": (REFUSED, straight('<receiveTask id="a" />')),
    "receive task": (TAKEN, straight('<receiveTask id="a" messageRef="m" />', top=message())),
    "receive task without a key": (
        REFUSED, straight('<receiveTask id="a" messageRef="m" />', top=message(key=""))),
    "unused message without a key": (TAKEN, straight(task("a"), top=message(key=""))),
    "thrown message": (REFUSED, straight(catch("a", MESSAGE, "intermediateThrowEvent"),
                                         top=message())),
    "thrown message as a job": (TAKEN, straight(
        catch("a", "<extensionElements><zeebe:taskDefinition type='x' /></extensionElements>"
              "<messageEventDefinition />", "intermediateThrowEvent"))),
    "event sub-process with a message without a key": (
        REFUSED, event_sub(MESSAGE, top=message(key=""))),
    "boundary message twice": (REFUSED, draw(
        TWICE + catch("c", MESSAGE, "boundaryEvent", 'attachedToRef="a"'),
        "start > a\na > end\nb > end\nc > end", top=message())),
    # signals, errors, escalations, links
    "signal without a signal": (REFUSED, straight(catch("a", "<signalEventDefinition />"))),
    "signal": (TAKEN, straight(catch("a", SIGNAL), top=SIG)),
    "error end without an error": (REFUSED, draw(
        START + catch("end", "<errorEventDefinition />", "endEvent"), "start > end")),
    "error end without a code": (REFUSED, draw(
        START + catch("end", ERROR, "endEvent"), "start > end", top='<error id="e" />')),
    "error end": (TAKEN, draw(START + catch("end", ERROR, "endEvent"), "start > end", top=ERR)),
    "error caught without an error": (TAKEN, attached("<errorEventDefinition />")),
    "error caught without a code": (TAKEN, attached(ERROR, top='<error id="e" />')),
    "error caught by an expression": (
        REFUSED, attached(ERROR, top='<error id="e" errorCode="=code" />')),
    "error end by an expression": (TAKEN, draw(
        START + catch("end", ERROR, "endEvent"), "start > end",
        top='<error id="e" errorCode="=code" />')),
    "escalation caught without a code": (
        TAKEN, attached(ESCALATION, host=HOST, top='<escalation id="x" />')),
    "escalation caught without an escalation": (
        TAKEN, attached("<escalationEventDefinition />", host=HOST)),
    "escalation caught by an expression": (
        REFUSED, attached(ESCALATION, host=HOST, top='<escalation id="x" escalationCode="=c" />')),
    "escalation end without an escalation": (REFUSED, draw(
        START + catch("end", "<escalationEventDefinition />", "endEvent"), "start > end")),
    "escalation of a task": (REFUSED, attached(ESCALATION, top=ESC)),
    "link without a name": (REFUSED, draw(
        START + catch("a", '<linkEventDefinition id="l" />', "intermediateThrowEvent"),
        "start > a")),
    "link that nothing throws": (TAKEN, draw(
        START + END + catch("a", link()), "start > end\na > end")),
    "link that two catch": (REFUSED, draw(
        START + END + catch("t", link(), "intermediateThrowEvent")
        + catch("a", link()) + catch("b", link()),
        "start > t\na > end\nb > end")),
    # timers
    "start after a duration": (TAKEN, started(time("PT1S"))),
    "start in cycles": (TAKEN, started(time("R/PT1H", "timeCycle"))),
    "start at a date": (TAKEN, started(time("2030-01-01T00:00:00Z", "timeDate"))),
    "start by a computed cycle of the scope": (REFUSED, started(time("=cycle", "timeCycle"))),
    "start by cron": (TAKEN, started(time("0 0 9 * * MON-FRI", "timeCycle"))),
    "start by cron with five fields": (REFUSED, started(time("0 9 * * *", "timeCycle"))),
    "start by cron on the nearest weekday": (TAKEN, started(time("0 0 9 15W * *", "timeCycle"))),
    "start by cron on the last day": (TAKEN, started(time("0 0 9 L-3 * *", "timeCycle"))),
    "start by a cron macro": (TAKEN, started(time("@daily", "timeCycle"))),
    "start by an unknown macro": (REFUSED, started(time("@sometimes", "timeCycle"))),
    "cycle that is none": (REFUSED, started(time("R3", "timeCycle"))),
    "start by a cycle of constants": (
        TAKEN, started(time("=cycle(3, duration(&quot;PT1H&quot;))", "timeCycle"))),
    "start by a date of constants": (
        TAKEN, started(time("=now() + duration(&quot;P1D&quot;)", "timeDate"))),
    "start by a message of a variable": (REFUSED, started(MESSAGE, message(title="=name"))),
    "start by a message of constants": (
        TAKEN, started(MESSAGE, message(title="=&quot;a&quot; + &quot;b&quot;"))),
    "start by a signal of a variable": (
        REFUSED, started(SIGNAL, '<signal id="s" name="=name" />')),
    "wait in cycles": (REFUSED, awaiting("R/PT1H", "timeCycle")),
    "wait for a date without an offset": (REFUSED, awaiting("2030-01-01T00:00:00", "timeDate")),
    "wait for a day": (REFUSED, awaiting("2030-01-01", "timeDate")),
    "wait for a date without seconds": (TAKEN, awaiting("2030-01-01T00:00Z", "timeDate")),
    "wait for a date in a zone": (
        TAKEN, awaiting("2030-01-01T00:00:00+01:00[Europe/Berlin]", "timeDate")),
    "wait for months, days and hours": (TAKEN, awaiting("P1M2DT3H", "timeDuration")),
    "wait for weeks": (TAKEN, awaiting("P2W", "timeDuration")),
    "wait for a negative duration": (TAKEN, awaiting("-PT1H", "timeDuration")),
    "wait for a number": (REFUSED, awaiting("5", "timeDuration")),
    "wait for nothing": (REFUSED, awaiting("", "timeDuration")),
    "wait for a computed duration": (TAKEN, awaiting("=x", "timeDuration")),
    "interrupting cycle": (REFUSED, attached(time("R/PT1H", "timeCycle"))),
    "cycle that does not interrupt": (
        TAKEN, attached(time("R/PT1H", "timeCycle"), 'cancelActivity="false"')),
    "event sub-process in cycles": (TAKEN, event_sub(time("R/PT1H", "timeCycle"), KEPT)),
    "event sub-process in an interrupting cycle": (
        REFUSED, event_sub(time("R/PT1H", "timeCycle"))),
    "event sub-process after a duration": (TAKEN, event_sub(time("PT1H"))),
    "due date that is none": (REFUSED, extended("userTask", "<zeebe:taskSchedule dueDate='x' />")),
    # tasks
    "send task without a type": (REFUSED, extended("sendTask", "")),
    "script task without a result": (
        REFUSED, extended("scriptTask", "<zeebe:script expression='=1' />")),
    "script that is static": (
        REFUSED, extended("scriptTask", "<zeebe:script expression='1' resultVariable='x' />")),
    "script and type": (REFUSED, extended(
        "scriptTask", "<zeebe:script expression='=1' resultVariable='x' />"
        "<zeebe:taskDefinition type='x' />")),
    "decision without a result": (
        REFUSED, extended("businessRuleTask", "<zeebe:calledDecision decisionId='d' />")),
    "result that is no variable": (
        TAKEN, extended("scriptTask", "<zeebe:script expression='=1' resultVariable='1 x' />")),
    "two types": (REFUSED, extended(
        "serviceTask", "<zeebe:taskDefinition type='x' /><zeebe:taskDefinition type='y' />")),
    "call without a process": (REFUSED, extended("callActivity", "<zeebe:calledElement />")),
    "loop without a list": (REFUSED, loop("")),
    "loop over a static list": (REFUSED, loop('inputCollection="items"')),
    "loop that collects nothing": (REFUSED, loop('inputCollection="=i" outputElement="=r"')),
    "header of the engine": (REFUSED, straight(
        task("a", "<zeebe:taskHeaders><zeebe:header key='io.camunda.zeebe:x' value='1' />"
             "</zeebe:taskHeaders>"))),
    "blank candidates": (REFUSED, extended(
        "userTask", "<zeebe:assignmentDefinition candidateUsers=' ' />")),
    "zeebe user task": (TAKEN, extended("userTask", "<zeebe:userTask />")),
    "manual task": (TAKEN, straight('<manualTask id="a" />')),
    # gateways
    "decision without a default flow": (TAKEN, decided("g > a if =x\ng > b if =y")),
    "inclusive decision without a condition": (
        REFUSED, decided("g > a if =x\ng > b").replace(b"exclusiveG", b"inclusiveG")),
    "conditional flow of a task": (REFUSED, draw(TWO, "start > a\na > end if =x\na > b\nb > end")),
    "empty condition": (REFUSED, decided("g > a if =\ng > b", 'default="g_b"')),
    "default flow of another": (
        REFUSED, decided("g > a if =x\ng > b if =y", 'default="a_end"')),
    "receive task behind an event-based gateway": (REFUSED, draw(
        START + END + '<eventBasedGateway id="g" /><receiveTask id="a" messageRef="m" />'
        + catch("b", time("PT1S")), "start > g\ng > a\ng > b\na > end\nb > end", top=message())),
    "event behind two gateways": (REFUSED, draw(
        START + END + '<eventBasedGateway id="g" />' + catch("a", time("PT1S"))
        + catch("b", time("PT2S")) + GATEWAY.format(""),
        "start > g\ng > a\ng > b\na > end\nb > end").replace(b'id="g"', b'id="g"')),
    "message awaited twice": (REFUSED, awaited(MESSAGE, MESSAGE)),
    # structure
    "sub-process without a start": (REFUSED, sub_process(task("b"))),
    "sub-process with two starts": (
        REFUSED, sub_process('<startEvent id="s" /><startEvent id="t" />')),
    "event sub-process with a none start": (REFUSED, event_sub("")),
    "event sub-process of an error that goes on": (
        REFUSED, event_sub(ERROR, KEPT, top=ERR)),
    "event sub-process of an escalation": (TAKEN, event_sub(ESCALATION, KEPT, top=ESC)),
    "boundary event with incoming flows": (REFUSED, draw(
        START + boundary(time("PT1S")) + END, "start > a\na > b\nb > end")),
    "boundary event of a gateway": (REFUSED, draw(
        START + END + '<exclusiveGateway id="a" />'
        + catch("b", time("PT1S"), "boundaryEvent", 'attachedToRef="a"'),
        "start > a\na > end\nb > end")),
    "event with two definitions": (
        REFUSED, straight(catch("a", time("PT1S") + MESSAGE), top=message())),
    "start with two definitions": (REFUSED, started(time("R/PT1H", "timeCycle") + MESSAGE,
                                                    message())),
    "unreachable task": (TAKEN, draw(TWO, "start > a\na > end\nb > end")),
    "loop of manual tasks": (REFUSED, draw(
        START + '<manualTask id="a" />' + END + GATEWAY.format('default="g_end"'),
        "start > a\na > g\ng > a if =x\ng > end")),
    "loop of gateways": (TAKEN, draw(
        START + '<exclusiveGateway id="a" />' + END + GATEWAY.format('default="g_end"'),
        "start > a\na > g\ng > a if =x\ng > end")),
    "loop of thrown events": (REFUSED, draw(
        START + '<intermediateThrowEvent id="a" />' + END + GATEWAY.format('default="g_end"'),
        "start > a\na > g\ng > a if =x\ng > end")),
    "loop with a timer": (TAKEN, draw(
        START + '<manualTask id="a" />' + catch("t", time("PT1S")) + END
        + GATEWAY.format('default="g_end"'),
        "start > a\na > t\nt > g\ng > a if =x\ng > end")),
    "loop through a sub-process that waits": (TAKEN, draw(
        START + END + GATEWAY.format('default="g_end"') + '<manualTask id="a" />'
        f'<subProcess id="s"><startEvent id="i" />{task("b")}'
        '<sequenceFlow id="i_b" sourceRef="i" targetRef="b" /></subProcess>',
        "start > a\na > s\ns > g\ng > a if =x\ng > end")),
    "two starts by one message": (REFUSED, draw(
        catch("start", MESSAGE, "startEvent") + catch("other", MESSAGE, "startEvent") + END,
        "start > end\nother > end", top=message())),
    "two starts by one signal": (REFUSED, draw(
        catch("start", SIGNAL, "startEvent") + catch("other", SIGNAL, "startEvent") + END,
        "start > end\nother > end", top=SIG)),
}  # fmt: skip
