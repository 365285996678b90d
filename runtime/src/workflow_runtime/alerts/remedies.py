"""What a person on call does about an incident, by the type of its error."""

from __future__ import annotations

from workflow_runtime.observers import IncidentAlert

__all__ = ["REMEDIES", "remedy", "remedy_of_all"]

_SET = "set the variable with `workflow set-scope {place} --var NAME=VALUE`, then `{resolve}`"
_CAUSE = "remove the cause, then `{resolve}`"
_DEPLOY = "with `workflow deploy FILE`, then `{resolve}`"
_OR = "; or"

REMEDIES = {
    "JOB_NO_RETRIES": _CAUSE,
    "UNHANDLED_ERROR_EVENT": "no event of the diagram catches this error: release a handler that "
    f"does not throw it, then `{{resolve}}`{_OR}, and for an error end event always, "
    "`workflow cancel {instance}`",
    "CONDITION_ERROR": _SET,
    "EXTRACT_VALUE_ERROR": _SET,
    "IO_MAPPING_ERROR": _SET,
    "CALLED_ELEMENT_ERROR": f"deploy the called process {_DEPLOY}",
    "CALLED_DECISION_ERROR": f"deploy the decision {_DEPLOY}",
    "DECISION_EVALUATION_ERROR": _SET,
    "FORM_NOT_FOUND": f"deploy the form {_DEPLOY}",
    "RESOURCE_NOT_FOUND": f"deploy what is linked {_DEPLOY}",
    "MESSAGE_SIZE_EXCEEDED": "make the variables smaller with `workflow set-scope {place} --var "
    "NAME=null`, then `{resolve}`",
    "EXECUTION_LISTENER_NO_RETRIES": _CAUSE,
    "TASK_LISTENER_NO_RETRIES": _CAUSE,
    "AD_HOC_SUB_PROCESS_NO_RETRIES": _CAUSE,
    "UNKNOWN": _CAUSE,
}
"""From https://docs.camunda.io/docs/components/concepts/incidents/; with the commands that help.

docs/how-to/on-call.md has the same commands. Those for what the embedded engine can raise are
executed against it by tests.
"""


def remedy(alert: IncidentAlert) -> str:
    """One sentence with commands that can be copied."""
    place = _options(instance=alert.instance_key, element=alert.element_id)
    resolve = f"workflow incidents resolve {place}"
    # Often only the broker knows the incident's key yet: then it is found by its place.
    if alert.incident_key:
        job = f" --job {alert.job_key}" if alert.job_key else ""
        resolve = f"workflow resolve {alert.incident_key}{job}"
    return _sentence(alert).format(instance=alert.instance_key, place=place, resolve=resolve)


def remedy_of_all(alert: IncidentAlert) -> str:
    """One sentence with commands for all incidents of a process, element and error at once."""
    place = _options(process=alert.process_id, element=alert.element_id, error=alert.error_type)
    sentence = _sentence(alert).partition(_OR)[0]
    return sentence.format(place=place, resolve=f"workflow incidents resolve {place}")


def _sentence(alert: IncidentAlert) -> str:
    # What only newer brokers raise is dealt with like a failed job: remove the cause, resolve.
    return REMEDIES.get(alert.error_type, _CAUSE)


def _options(**values: object) -> str:
    # Operate may not know the element yet.
    return " ".join(f"--{name} {value}" for name, value in values.items() if value)
