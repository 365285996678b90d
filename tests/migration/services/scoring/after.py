"""Scoring: the whole task, parts of it, and objects made of it by hand."""

from dataclasses import asdict, dataclass, field
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from workflow_runtime import WorkflowBuilder, WorkflowTask

builder = WorkflowBuilder("scoring").with_process("process.bpmn")


class Applicant(BaseModel):
    model_config = ConfigDict(extra="ignore")
    name: str
    income: float
    debts: list[float] = []


class Band(TypedDict):
    letter: str
    of: int


@dataclass
class Price:
    rate: float
    reasons: list = field(default_factory=list)


@builder.task("score-applicant")
async def score_applicant(task: WorkflowTask):
    applicant = Applicant(**task.scope["applicant"])
    points = int(applicant.income / 100 - sum(applicant.debts))
    return {
        "score": points,
        "good": points >= int(task.headers["cutoff"]),
        "by": f"{task.headers['model']} {task.job.job_type} {task.element_id} {task.process_id}",
        "left": task.retries_left,
        "version": task.scope.get("formVersion", 1),
    }


@builder.task("find-band")
async def find_band(score: int, task: WorkflowTask, good=None):
    assert set(task.scope) <= {"score", "good"}, "only what is named is fetched"
    return {"band": Band(letter="A" if good else ["C", "B"][score > 300], of=3)}


@builder.task("price-loan")
def price_loan(**kwargs):
    applicant = Applicant(**kwargs["applicant"])
    price = Price(rate=round(2000 / max(kwargs["points"], 1), 2))
    if applicant.debts:
        price.reasons.append("debts")
    return {"price": asdict(price), "applicant": applicant.model_dump()}


@builder.task("audit-decision")
async def audit_decision(
    task: WorkflowTask, score, band: Annotated[Band, Field(alias="band")], rate
) -> dict:
    return {
        "audited": {"score": score, "rate": rate},
        "letter": band["letter"],
        "applicantSeen": "applicant" in set(task.scope),
    }


if __name__ == "__main__":
    builder.serve()
