"""Names that the diagram and the code share; a test compares them with the diagram."""

from enum import StrEnum
from typing import Final

SERVICE_NAME: Final = "{{ cookiecutter.service_name }}"
PROCESS_ID: Final = "{{ cookiecutter.__process_id }}"


class Task(StrEnum):
    """Types of the service tasks."""

    CREATE_ACCOUNT = "{{ cookiecutter.__process_id }}_createAccount"
    SEND_CONFIRMATION = "{{ cookiecutter.__process_id }}_sendConfirmation"
    CREATE_PROFILE = "{{ cookiecutter.__process_id }}_createProfile"
    GRANT_BONUS = "{{ cookiecutter.__process_id }}_grantBonus"
    SEND_WELCOME = "{{ cookiecutter.__process_id }}_sendWelcome"
    REMOVE_ACCOUNT = "{{ cookiecutter.__process_id }}_removeAccount"


class Event(StrEnum):
    """Names of the messages that the process waits for."""

    EMAIL_CONFIRMED = "{{ cookiecutter.__process_id }}_emailConfirmed"
