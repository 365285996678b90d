"""Scoring: the whole job, parts of it, and objects made of it by hand."""

import asyncio
import os
from dataclasses import asdict, dataclass, field
from typing import TypedDict

from pydantic import BaseModel, ConfigDict
from pyzeebe import Job, ZeebeTaskRouter, ZeebeWorker, create_insecure_channel

router = ZeebeTaskRouter()


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


@router.task(task_type="score-applicant")
async def score_applicant(job: Job):
    applicant = Applicant(**job.variables["applicant"])
    points = int(applicant.income / 100 - sum(applicant.debts))
    return {
        "score": points,
        "good": points >= int(job.custom_headers["cutoff"]),
        "by": f"{job.custom_headers['model']} {job.type} {job.element_id} {job.bpmn_process_id}",
        "left": job.retries,
        "version": job.variables.get("formVersion", 1),
    }


@router.task(task_type="find-band", single_value=True, variable_name="band")
async def find_band(score: int, job: Job, good=None) -> Band:
    assert set(job.variables) <= {"score", "good"}, "only what is named is fetched"
    return Band(letter="A" if good else ["C", "B"][score > 300], of=3)


@router.task(task_type="price-loan")
def price_loan(**kwargs):
    applicant = Applicant(**kwargs["applicant"])
    price = Price(rate=round(2000 / max(kwargs["points"], 1), 2))
    if applicant.debts:
        price.reasons.append("debts")
    return {"price": asdict(price), "applicant": applicant.model_dump()}


@router.task(task_type="audit-decision", variables_to_fetch=["score", "band", "rate"])
async def audit_decision(job: Job, band: Band, **variables) -> dict:
    return {
        "audited": variables,
        "letter": band["letter"],
        "applicantSeen": "applicant" in job.variables,
    }


async def main():
    channel = create_insecure_channel(grpc_address=os.environ["ZEEBE_ADDRESS"])
    worker = ZeebeWorker(channel)
    worker.include_router(router)
    await worker.work()


if __name__ == "__main__":
    asyncio.run(main())
