"""Small diagrams for the tests of the engine."""

import re

from workflow_runtime.gateway.port import Resource

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d" targetNamespace="t">"""


def definitions(body):
    return f"{HEAD}{body}</bpmn:definitions>".encode()


def process(process_id, body, *flows, top=""):
    """One executable process; a flow is written ``source>target``."""
    ends = [flow.split(">") for flow in flows]
    arrows = "".join(
        f'<bpmn:sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in ends
    )
    for a, b in ends:  # without it a boundary event leads nowhere for the engine's checks
        outgoing = rf"\1<bpmn:outgoing>{a}_{b}</bpmn:outgoing>"
        body = re.sub(rf'(<bpmn:boundaryEvent id="{a}"[^>]*>)', outgoing, body)
    inner = f'<bpmn:process id="{process_id}" isExecutable="true">{body}{arrows}</bpmn:process>'
    return Resource(f"{process_id}.bpmn", definitions(top + inner))


def task(element_id, retries=3, inside=""):
    return (
        f'<bpmn:serviceTask id="{element_id}"><bpmn:extensionElements>'
        f'<zeebe:taskDefinition type="{element_id}" retries="{retries}"/>'
        f"</bpmn:extensionElements>{inside}</bpmn:serviceTask>"
    )


def start(definition=""):
    return f'<bpmn:startEvent id="start">{definition}</bpmn:startEvent>'


def end(element_id="end"):
    return f'<bpmn:endEvent id="{element_id}"/>'


def timer(text, form="timeDuration"):
    return (
        f'<bpmn:timerEventDefinition id="t{abs(hash((text, form)))}">'
        f'<bpmn:{form} xsi:type="bpmn:tFormalExpression">{text}</bpmn:{form}>'
        "</bpmn:timerEventDefinition>"
    )


def catch(element_id, definition):
    return (
        f'<bpmn:intermediateCatchEvent id="{element_id}">{definition}</bpmn:intermediateCatchEvent>'
    )


def boundary(element_id, host, definition, *, interrupting=True):
    cancels = "true" if interrupting else "false"
    return (
        f'<bpmn:boundaryEvent id="{element_id}" attachedToRef="{host}" cancelActivity="{cancels}">'
        f"{definition}</bpmn:boundaryEvent>"
    )


def message(name, key="=key"):
    return (
        f'<bpmn:message id="{name}" name="{name}"><bpmn:extensionElements>'
        f'<zeebe:subscription correlationKey="{key}"/></bpmn:extensionElements></bpmn:message>'
    )


def on_message(name):
    return f'<bpmn:messageEventDefinition id="m_{name}" messageRef="{name}"/>'
