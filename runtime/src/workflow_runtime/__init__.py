"""Run BPMN processes on Zeebe from Python."""
