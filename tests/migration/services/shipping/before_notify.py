"""What customers are told."""

from pyzeebe import Job, JobController, ZeebeTaskRouter


async def on_error(exception: Exception, job: Job, job_controller: JobController) -> None:
    print(f"could not notify: {exception}")
    await job_controller.set_failure_status(f"Failed to notify. Reason: {exception}")


def dry_run(job: Job) -> Job:
    print(f"would notify about {job.variables}")
    return job


router = ZeebeTaskRouter(before=[dry_run], exception_handler=on_error)


@router.task("notify-customer")
async def notify_customer(customer, packed, phone=None):
    if phone == "none":
        raise ValueError(f"{customer['name']} has no phone")
    return {"told": f"{packed} is on its way"}
