"""Variables of the environment that cannot be read: named in a sentence, with the remedy."""

import subprocess
import sys
import traceback

import pytest
from pydantic import AliasChoices, BaseModel, Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict
from tests.support.commands import environment

from workflow_runtime import ConfigurationError, EnvironmentSettings, WorkflowSettings

SERVICE = """
from pydantic import Field
from pydantic_settings import SettingsConfigDict
from workflow_runtime import EnvironmentSettings, WorkflowBuilder, WorkflowSettings, serve

class Settings(EnvironmentSettings):
    model_config = SettingsConfigDict(env_file=".env", env_prefix="SERVICE_", extra="ignore")

    mail_retries: int = Field(default=100, ge=1)

def build():
    Settings()
    settings = WorkflowSettings(_env_file=".env", service_name="x", require_address=True)
    return WorkflowBuilder.from_settings(settings)

if __name__ == "__main__":
    serve(build)
"""


class Database(BaseModel):
    port: int = 5432


class Own(EnvironmentSettings):
    """As strangers have them."""

    model_config = SettingsConfigDict(
        env_file=".env", env_prefix="SHOP_", env_nested_delimiter="__", extra="ignore"
    )

    retries: int = Field(default=7, ge=1)
    debug: bool = False
    hosts: list[str] = Field(default_factory=list)
    database: Database = Database()
    token: SecretStr = SecretStr("")
    smtp_port: int = Field(default=25, validation_alias=AliasChoices("SMTP_PORT", "MAIL_PORT"))

    @model_validator(mode="after")
    def _together(self):
        if self.debug and self.retries > 50:
            raise ValueError("debug takes at most 50 retries")
        return self


class Demanding(EnvironmentSettings):
    token: SecretStr


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"SHOP_RETRIES": "many"}, "Own: SHOP_RETRIES: Input should be a valid integer"),
        ({"shop_retries": "0"}, "Own: SHOP_RETRIES: Input should be greater than or equal to 1"),
        ({"SHOP_RETRIES": '"3"'}, "leave the quotes out: they are part of the value"),
        ({"SHOP_DEBUG": "'true'"}, "SHOP_DEBUG: .*leave the quotes out"),
        ({"SHOP_HOSTS": "one,two"}, r'Own: SHOP_HOSTS: it has to be JSON, such as \["a", "b"\]'),
        ({"SHOP_DATABASE__PORT": "many"}, "Own: SHOP_DATABASE__PORT: Input should be"),
        ({"SHOP_DATABASE": '{"port": "many"}'}, "Own: SHOP_DATABASE__PORT: Input should be"),
        ({"MAIL_PORT": "many"}, "Own: MAIL_PORT: Input should be"),
        ({"SHOP_DEBUG": "1", "SHOP_RETRIES": "60"}, "Own: Value error, debug takes at most 50"),
        (
            {"SHOP_RETRIES": "many", "SHOP_DEBUG": "perhaps"},
            "SHOP_RETRIES: Input.*; SHOP_DEBUG: Input",
        ),
    ],
    ids=str,
)
def test_a_service_s_own_setting_is_named_with_its_variable(variables, said, monkeypatch):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=said):
        Own()


def test_one_of_a_dotenv_file_is_named_too(tmp_path):
    (tmp_path / ".env").write_text("SHOP_RETRIES=many\n")
    with pytest.raises(ConfigurationError, match="Own: SHOP_RETRIES: Input should be"):
        Own()


def test_one_that_is_missing_is_named(monkeypatch):
    monkeypatch.delenv("TOKEN", raising=False)
    with pytest.raises(ConfigurationError, match="Demanding: TOKEN: Field required"):
        Demanding()


def test_an_argument_is_named_as_it_was_given(monkeypatch):
    monkeypatch.setenv("SHOP_RETRIES", "3")
    with pytest.raises(ConfigurationError, match="Own: retries: Input should be"):
        Own(retries=0)
    with pytest.raises(ConfigurationError, match="WorkflowSettings: max_running: Input should"):
        WorkflowSettings(max_running=0)


def test_no_value_is_repeated(monkeypatch):
    monkeypatch.setenv("SHOP_RETRIES", "hunter2")
    monkeypatch.setenv("SHOP_DEBUG", "hunter2")
    with pytest.raises(ConfigurationError) as caught:
        Own()
    monkeypatch.setenv("SHOP_HOSTS", "hunter2")
    with pytest.raises(ConfigurationError) as broken:
        Own()
    for each in (caught, broken):
        assert "hunter2" not in "".join(traceback.format_exception(each.value))


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r", " ", "\t\n"], ids=repr)
def test_what_stands_around_a_value_is_no_part_of_it(ending, monkeypatch):
    # kubectl create secret --from-file, echo secret | base64, an .env with CRLF.
    given = {
        "SHOP_DEBUG": "true",
        "SHOP_TOKEN": "s3cret",
        "WORKFLOW_CLIENT_SECRET": "s3cret",
        "WORKFLOW_STREAM": "true",
        "WORKFLOW_LOG_FORMAT": "json",
        "WORKFLOW_OPERATE_URL": "http://localhost:8081",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value + ending)
    own, settings = Own(), WorkflowSettings()
    assert own.debug
    assert own.token.get_secret_value() == "s3cret"
    assert settings.client_secret.get_secret_value() == "s3cret"
    assert settings.stream
    assert settings.log_format == "json"
    assert settings.operate_url == "http://localhost:8081"


@pytest.mark.parametrize("empty", ['""', "''", ' ""\n'], ids=repr)
def test_quotes_with_nothing_between_them_are_empty(empty, monkeypatch):
    # docker run --env-file takes quotes for a part of the value.
    for name in ("SHOP_RETRIES", "SHOP_TOKEN", "WORKFLOW_PASSWORD", "WORKFLOW_HEALTH_PORT"):
        monkeypatch.setenv(name, empty)
    own, settings = Own(), WorkflowSettings()
    assert (own.retries, own.token.get_secret_value()) == (7, "")
    assert (settings.password.get_secret_value(), settings.health_port) == ("", None)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"SERVICE_MAIL_RETRIES": "many"}, "Settings: SERVICE_MAIL_RETRIES: Input should be"),
        ({"WORKFLOW_MAX_RUNNING": "many"}, "WorkflowSettings: WORKFLOW_MAX_RUNNING: Input should"),
        ({"ZEEBE_ADDRESS": "ftp://there"}, "unknown scheme"),
    ],
    ids=str,
)
@pytest.mark.parametrize(
    ("command", "code"),
    [(("service.py",), 2), (("-m", "workflow_runtime.cli", "run", "service:build"), 1)],
    ids=["python", "workflow run"],
)
def test_a_start_ends_with_a_sentence(command, code, variables, said, tmp_path):
    (tmp_path / "service.py").write_text(SERVICE)
    found = subprocess.run(
        [sys.executable, *command],
        env=environment(**variables),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert found.returncode == code
    assert said in found.stderr
    assert "Traceback" not in found.stderr
    assert len(found.stderr.splitlines()) == 1
