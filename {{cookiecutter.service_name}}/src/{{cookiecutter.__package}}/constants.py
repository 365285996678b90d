{% set process = cookiecutter.__process_id | constant %}
"""Names in the diagrams, made by `workflow constants`: do not edit."""

from enum import StrEnum


class Process(StrEnum):
    """Ids of the processes."""

{% if process | length + cookiecutter.__process_id | length > 91 %}
    {{ process }} = (
        "{{ cookiecutter.__process_id }}"
    )
{% else %}
    {{ process }} = "{{ cookiecutter.__process_id }}"
{% endif %}


class Task(StrEnum):
    """Types of the service tasks."""

    CREATE_ACCOUNT = "{{ cookiecutter.__process_id }}_createAccount"
    CREATE_PROFILE = "{{ cookiecutter.__process_id }}_createProfile"
    GRANT_BONUS = "{{ cookiecutter.__process_id }}_grantBonus"
    REMOVE_ACCOUNT = "{{ cookiecutter.__process_id }}_removeAccount"
    SEND_CONFIRMATION = "{{ cookiecutter.__process_id }}_sendConfirmation"
    SEND_WELCOME = "{{ cookiecutter.__process_id }}_sendWelcome"


class Event(StrEnum):
    """Names of the messages that processes wait for."""

    EMAIL_CONFIRMED = "{{ cookiecutter.__process_id }}_emailConfirmed"
