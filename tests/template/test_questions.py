"""Every question of the template is asked in words, and every answer makes a difference."""

import json
import math

import pytest
from tests.template.conftest import ROOT
from tests.template.test_bake import CHOICES, own_files
from tests.template.test_generated import EXTREMES

TEMPLATE = json.loads((ROOT / "cookiecutter.json").read_text(encoding="utf-8"))
PROMPTS = TEMPLATE["__prompts__"]
QUESTIONS = [key for key in TEMPLATE if not key.startswith("_")]
CODE = sorted(set(CHOICES) - {"python_version", "ci", "runtime_source"})
"""Questions whose answers may change what a service does."""


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_has_a_sentence(question):
    prompt = PROMPTS.get(question, "")
    assert prompt["__prompt__"] if question in CHOICES else prompt


@pytest.mark.parametrize("question", CHOICES)
def test_each_choice_has_words(question):
    assert list(PROMPTS[question]) == ["__prompt__", *CHOICES[question]]
    assert all(PROMPTS[question].values())


@pytest.mark.parametrize("question", CHOICES)
def test_each_answer_gives_another_service(bake, question):
    services = [contents(bake(**{question: answer})) for answer in CHOICES[question]]
    assert len(set(services)) == len(services), f"{question}: two answers give the same files"


@pytest.mark.parametrize("question", CODE)
def test_each_answer_is_in_a_service_that_runs_its_own_checks(question):
    default = CHOICES[question][0]
    given = {row.values[0].get(question, default) for row in EXTREMES}
    assert sorted(given) == sorted(CHOICES[question]), "add it to EXTREMES in test_generated.py"


def test_the_number_of_combinations_is_told():
    number = math.prod(map(len, CHOICES.values()))
    assert f"each of the {number:,} combinations" in (ROOT / "tox.ini").read_text(encoding="utf-8")


def contents(service):
    return frozenset((str(f.relative_to(service)), f.read_bytes()) for f in own_files(service))
