"""Namespaces of BPMN files, as they stand before the names of tags and attributes."""

from __future__ import annotations

from typing import Final

BPMN: Final = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
BPMNDI: Final = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC: Final = "{http://www.omg.org/spec/DD/20100524/DC}"
DI: Final = "{http://www.omg.org/spec/DD/20100524/DI}"
BIOC: Final = "{http://bpmn.io/schema/bpmn/biocolor/1.0}"
COLOR: Final = "{http://www.omg.org/spec/BPMN/non-normative/color/1.0}"
MODELER: Final = "{http://camunda.org/schema/modeler/1.0}"
ZEEBE: Final = "{http://camunda.org/schema/zeebe/1.0}"
