"""A job goes over the line and back with everything that the protocol knows of it."""

import pytest
from tests.support.zeebe_stubs import pb

from workflow_devkit.engine.protocol_fields import job_fields
from workflow_runtime.gateway.wire import read_job

NOT_KEPT = {"tenantId": "the engine has one tenant, and handlers are not told of any"}
"""Fields that do not become part of a job, and why."""
FIELDS = pb.ActivatedJob.DESCRIPTOR.fields
OBJECTS = {"customHeaders", "variables"}


def full():
    """A message in which no field has the value that it has when it was not sent."""
    return pb.ActivatedJob(**{field.name: value(field) for field in FIELDS})


def value(field):
    if field.name in OBJECTS:
        return f'{{"{field.name}": "{field.number}"}}'
    return field.name if field.type == field.TYPE_STRING else field.number


@pytest.mark.parametrize("name", [f.name for f in FIELDS if f.name not in NOT_KEPT])
def test_each_field_of_a_job_is_read_and_written(name):
    assert getattr(pb.ActivatedJob(**job_fields(read_job(full()))), name) == getattr(full(), name)


def test_what_is_not_kept_of_a_job_is_in_the_protocol():
    assert NOT_KEPT.keys() <= {field.name for field in FIELDS}
