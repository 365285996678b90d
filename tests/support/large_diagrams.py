"""Diagrams of any size, by their shapes: what strangers' files have many of.

Written as text, not by `tests.support.diagrams`, which would take longer than what is measured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

Shape = Callable[[int], bytes]

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>{prolog}<bpmn:definitions id="d" targetNamespace="t"'
    ' xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
)
_ENDS = '<bpmn:startEvent id="start"/><bpmn:endEvent id="end"/>'


def document(*inside: str, roots: str = "", prolog: str = "") -> bytes:
    """A file with one executable process."""
    body = "".join(inside)
    return (
        f"{_HEAD.format(prolog=prolog)}{roots}"
        f'<bpmn:process id="p" isExecutable="true">{body}</bpmn:process></bpmn:definitions>'
    ).encode()


def task(name: object, extensions: str = "") -> str:
    """A service task ``t<name>`` with a task type of its own."""
    return _element(
        "serviceTask", f"t{name}", f'<zeebe:taskDefinition type="p_{name}"/>{extensions}'
    )


def flow(source: str, target: str, condition: str = "") -> str:
    """A sequence flow."""
    inside = f'<bpmn:conditionExpression xsi:type="x">{condition}</bpmn:conditionExpression>'
    return (
        f'<bpmn:sequenceFlow id="{source}-{target}" sourceRef="{source}" targetRef="{target}">'
        f"{inside if condition else ''}</bpmn:sequenceFlow>"
    )


def _element(tag: str, identifier: str, extensions: str, inside: str = "") -> str:
    return (
        f'<bpmn:{tag} id="{identifier}" name="Name of {identifier}"><bpmn:extensionElements>'
        f"{extensions}</bpmn:extensionElements>{inside}</bpmn:{tag}>"
    )


def _chain(ids: Iterable[str]) -> str:
    every = ["start", *ids, "end"]
    return "".join(map(flow, every, every[1:]))


def _line(n: int, extensions: Callable[[int], str] = lambda _: "") -> bytes:
    tasks = (task(i, extensions(i)) for i in range(n))
    return document(_ENDS, *tasks, _chain(f"t{i}" for i in range(n)))


def _io(inputs: str = "", outputs: str = "") -> str:
    return f"<zeebe:ioMapping>{inputs}{outputs}</zeebe:ioMapping>"


def _mapping(side: str, source: str, target: str) -> str:
    return f'<zeebe:{side} source="{source}" target="{target}"/>'


def _mappings_of_one(n: int, target: Callable[[int], str]) -> bytes:
    inputs = "".join(_mapping("input", f"=a{i}", target(i)) for i in range(n))
    return document(_ENDS, task(0, _io(inputs)), _chain(["t0"]))


def _variables(n: int) -> bytes:
    def extensions(i: int) -> str:
        inputs = _mapping("input", f"=order.a{i}", f"x{i}")
        return _io(inputs, _mapping("output", f"=x{i}", f"y{i}"))

    return _line(n, extensions)


def _wrong_expressions(n: int) -> bytes:
    return _line(n, lambda i: _io(_mapping("input", f"=foo(bar{i}) + no fn(1)", f"x{i}")))


def _manual_loop(n: int) -> bytes:
    tasks = "".join(f'<bpmn:task id="t{i}"/>' for i in range(n))
    gateway = '<bpmn:exclusiveGateway id="g" default="g-end"/>'
    return document(_ENDS, tasks, gateway, _chain([*(f"t{i}" for i in range(n)), "g"]),
                    flow("g", "t0", "=x"))  # fmt: skip


def _ways_back(n: int) -> bytes:
    steps = "".join(
        f'{task(i)}<bpmn:exclusiveGateway id="g{i}" name="?"/>{flow(f"g{i}", "m", "=x > 1")}'
        for i in range(n)
    )
    way = (each for i in range(n) for each in (f"t{i}", f"g{i}"))
    return document(_ENDS, '<bpmn:exclusiveGateway id="m"/>', steps, _chain(["m", *way]))


def _branches(n: int) -> bytes:
    gateways = '<bpmn:parallelGateway id="a"/><bpmn:parallelGateway id="b"/>'
    ways = "".join(task(i) + flow("a", f"t{i}") + flow(f"t{i}", "b") for i in range(n))
    return document(_ENDS, gateways, ways, flow("start", "a"), flow("b", "end"))


def _diamonds(n: int) -> bytes:
    def diamond(i: int) -> str:
        after = f"a{i + 1}" if i < n - 1 else "end"
        gateways = f'<bpmn:parallelGateway id="a{i}"/><bpmn:parallelGateway id="b{i}"/>'
        ways = (
            task(f"{i}{side}") + flow(f"a{i}", f"t{i}{side}") + flow(f"t{i}{side}", f"b{i}")
            for side in "xy"
        )
        return f"{gateways}{''.join(ways)}{flow(f'b{i}', after)}"

    return document(_ENDS, flow("start", "a0"), *map(diamond, range(n)))


def _errors(n: int) -> str:
    return "".join(f'<bpmn:error id="r{i}" name="e{i}" errorCode="c{i}"/>' for i in range(n))


def _caught(tag: str, identifier: str, i: int, attributes: str = "") -> str:
    definition = f'<bpmn:errorEventDefinition errorRef="r{i}"/>'
    return f'<bpmn:{tag} id="{identifier}" {attributes}>{definition}</bpmn:{tag}>'


def _boundary_events(n: int) -> bytes:
    events = "".join(
        _caught("boundaryEvent", f"b{i}", i, 'attachedToRef="t0"')
        + f'<bpmn:endEvent id="e{i}"/>{flow(f"b{i}", f"e{i}")}'
        for i in range(n)
    )
    return document(_ENDS, task(0), events, _chain(["t0"]), roots=_errors(n))


def _event_sub_processes(n: int) -> bytes:
    inside = "".join(
        f'<bpmn:subProcess id="u{i}" triggeredByEvent="true">'
        f'{_caught("startEvent", f"s{i}", i)}<bpmn:endEvent id="x{i}"/>{flow(f"s{i}", f"x{i}")}'
        "</bpmn:subProcess>"
        for i in range(n)
    )
    return document(_ENDS, inside, flow("start", "end"), roots=_errors(n))


def _messages(n: int) -> bytes:
    roots = "".join(
        f'<bpmn:message id="m{i}" name="n{i}"><bpmn:extensionElements>'
        f'<zeebe:subscription correlationKey="=wrong fn(k{i})"/></bpmn:extensionElements>'
        "</bpmn:message>"
        for i in range(n)
    )
    events = "".join(
        f'<bpmn:intermediateCatchEvent id="t{i}"><bpmn:messageEventDefinition messageRef="m{i}"/>'
        "</bpmn:intermediateCatchEvent>"
        for i in range(n)
    )
    return document(_ENDS, events, _chain(f"t{i}" for i in range(n)), roots=roots)


def _links(n: int) -> bytes:
    def link(i: int) -> str:
        definition = f'<bpmn:linkEventDefinition name="L{i}"/>'
        after = f"a{i + 1}" if i < n - 1 else "end"
        return (
            f'<bpmn:intermediateThrowEvent id="a{i}">{definition}</bpmn:intermediateThrowEvent>'
            f'<bpmn:intermediateCatchEvent id="b{i}">{definition}</bpmn:intermediateCatchEvent>'
            f"{flow(f'b{i}', after)}"
        )

    return document(_ENDS, flow("start", "a0"), *map(link, range(n)))


def _calls(n: int) -> bytes:
    head, _, rest = document("", "X").partition(b'<bpmn:process id="p" isExecutable="true">X')
    each = (
        f'<bpmn:process id="p{i}" isExecutable="true"><bpmn:startEvent id="s{i}"/>'
        + _element("callActivity", f"c{i}", f'<zeebe:calledElement processId="p{i + 1}"/>')
        + f'<bpmn:endEvent id="e{i}"/>{flow(f"s{i}", f"c{i}")}{flow(f"c{i}", f"e{i}")}'
        "</bpmn:process>"
        for i in range(n)
    )
    return head + "".join(each).encode() + rest.removeprefix(b"</bpmn:process>")


def _attributes(n: int) -> bytes:
    many = " ".join(f'a{i}="1"' for i in range(n))
    return document(f'<bpmn:startEvent id="start" {many}/>')


def _namespaces(n: int) -> bytes:
    many = " ".join(f'xmlns:a{i}="{{{{u{i}}}}}"' for i in range(n))
    return document(f'<bpmn:startEvent id="start" {many}/>')


def _condition(text: str) -> bytes:
    gateway = '<bpmn:exclusiveGateway id="g" default="g-end" name="?"/>'
    return document(_ENDS, gateway, _chain(["g"]), flow("g", "end2", text),
                    '<bpmn:endEvent id="end2"/>')  # fmt: skip


SHAPES: dict[str, Shape] = {
    "tasks in a line": _line,
    "a loop of manual tasks": _manual_loop,
    "ways back": _ways_back,
    "parallel branches": _branches,
    "diamonds": _diamonds,
    "boundary events of one task": _boundary_events,
    "event sub-processes": _event_sub_processes,
    "messages with wrong keys": _messages,
    "links": _links,
    "processes that call each other": _calls,
    "variables that are mapped": _variables,
    "wrong expressions": _wrong_expressions,
    "mappings of one task": lambda n: _mappings_of_one(n, lambda i: f"x{i}"),
    "mappings into one variable": lambda n: _mappings_of_one(n, lambda i: f"x.y{i}"),
    "elements that nothing leads to": lambda n: document(_ENDS, *map(task, range(n))),
    "flows that lead nowhere": lambda n: document(
        _ENDS, *(flow(f"no{i}", f"nobody{i}") for i in range(n))
    ),
    "elements with one id": lambda n: document(_ENDS, '<bpmn:task id="x" name="x"/>' * n),
    "comments in front": lambda n: document(_ENDS, prolog="<!-- a -->\n" * n),
    "comments before a document type": lambda n: (
        b"<?xml version='1.0'?>" + b"<!-- a --> " * n + b"<!DOCTYPE x><x/>"
    ),
    "comments before nothing": lambda n: b"<?xml version='1.0'?>" + b"<!-- a --> " * n + b"<a",
    "attributes of one element": _attributes,
    "namespaces with braces": _namespaces,
    "start tags that do not end": lambda n: document()[:-40] + b"<a b='" * n,
    "a long condition": lambda n: _condition("=" + " or ".join(f"a{i} = {i}" for i in range(n))),
    "a condition of brackets": lambda n: _condition("=" + "(" * n),
    "a condition of names": lambda n: _condition("=" + "word " * n),
    "a condition of comments": lambda n: _condition("=" + "/* a */" * n + "a"),
    "a long path": lambda n: _condition("=a" + ".b" * n),
}
"""By what there is many of; each gives a file for a number."""
