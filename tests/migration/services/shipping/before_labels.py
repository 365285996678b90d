"""The packing table."""

import functools
import time

from pyzeebe import Job, ZeebeTaskRouter

router = ZeebeTaskRouter()
_tried = set()


def timed(function):
    @functools.wraps(function)
    async def wrapper(*args, **kwargs):
        started = time.perf_counter()
        try:
            return await function(*args, **kwargs)
        finally:
            print(f"{function.__name__} took {time.perf_counter() - started:.3f} s")

    return wrapper


def retrying(attempts):
    """As the libraries for it do."""

    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            for attempt in range(1, attempts + 1):
                try:
                    return function(*args, **kwargs)
                except ConnectionError:
                    if attempt == attempts:
                        raise
            raise AssertionError("never here")

        return wrapper

    return decorate


def audit(job: Job) -> Job:
    raise OSError("the audit trail is full")


@router.task(task_type="print-label", before=[audit])
@timed
async def print_label(customer: dict, customerName: str = "", express: bool = False) -> dict:
    return {"label": f"{customer['name']}{' (express)' if express else ''}"}


@router.task(task_type="pack-parcel")
@retrying(3)
def pack_parcel(shipmentId: str, label: str):
    if shipmentId not in _tried:
        _tried.add(shipmentId)
        raise ConnectionError("the scale does not answer")
    return {"packed": label}
