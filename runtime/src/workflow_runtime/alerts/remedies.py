"""What a person on call does about an incident, by the type of its error."""

from __future__ import annotations

from workflow_runtime.observers import IncidentAlert

__all__ = ["REMEDIES", "remedy"]

_SET = "set the variable with `workflow set-scope {instance} --var NAME=VALUE`, then `{resolve}`"

REMEDIES = {
    "JOB_NO_RETRIES": "remove the cause, then `{resolve}`",
    "UNHANDLED_ERROR_EVENT": "no event of the diagram catches this error: "
    "`workflow cancel {instance}`, or change the diagram or the handler",
    "CONDITION_ERROR": _SET,
    "EXTRACT_VALUE_ERROR": _SET,
    "IO_MAPPING_ERROR": _SET,
    "CALLED_ELEMENT_ERROR": "deploy the called process, then `{resolve}`",
    "CALLED_DECISION_ERROR": "deploy the decision, then `{resolve}`",
    "DECISION_EVALUATION_ERROR": _SET,
    "FORM_NOT_FOUND": "deploy the form, then `{resolve}`",
    "MESSAGE_SIZE_EXCEEDED": "make the variables smaller, then `{resolve}`",
}
"""From https://docs.camunda.io/docs/components/concepts/incidents/; with the commands that help."""


def remedy(alert: IncidentAlert) -> str:
    """One sentence with commands that can be copied."""
    # What only newer brokers raise is dealt with like a failed job: remove the cause, resolve.
    sentence = REMEDIES.get(alert.error_type, REMEDIES["JOB_NO_RETRIES"])
    return sentence.format(instance=alert.instance_key, resolve=_resolve(alert))


def _resolve(alert: IncidentAlert) -> str:
    if not alert.incident_key:
        # Only the broker knows the incident's key yet: it is found by its place.
        place = f"--instance {alert.instance_key} --element {alert.element_id}"
        return f"workflow incidents resolve {place}"
    job = f" --job {alert.job_key}" if alert.job_key else ""
    return f"workflow resolve {alert.incident_key}{job}"
