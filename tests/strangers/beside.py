"""Programs without an event loop, with a service in a thread; which one, its argument says."""

import _thread
import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from pathlib import Path

from tests.support.diagrams import bpmn

from workflow_runtime import SyncWorkflow, WorkflowBuilder, WorkflowSettings, WrongPlace, serve

ORDER = bpmn("start begin\nservice work job=work\nend done\nbegin -> work -> done", "order")
KEPT: list[SyncWorkflow] = []
began = threading.Event()


def said(line):
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def build(**settings):
    Path("order.bpmn").write_bytes(ORDER)
    chosen = WorkflowSettings(**{"service_name": "beside", "address": "embedded://"} | settings)
    return WorkflowBuilder(settings=chosen).with_process("order.bpmn")


def waiting(task):
    began.set()
    task.shutdown.wait_in_thread()
    said("told")


def leaving(**settings):
    """A service whose handler runs until it is told to end."""
    workflow = build(**settings).with_handler("work", waiting).start_in_thread()
    workflow.start_process("order")
    began.wait()
    return workflow


def at_exit():
    leaving()


def by_sys_exit():
    leaving()
    sys.exit(3)


def by_an_exception():
    leaving()
    raise OSError("of the program")


def by_ctrl_c():
    leaving()
    _thread.interrupt_main()
    time.sleep(60)


def interrupted_while_it_waits():
    def interrupt():
        began.wait()
        os.kill(os.getpid(), signal.SIGINT)

    workflow = build().with_handler("work", waiting).start_in_thread()
    threading.Thread(target=interrupt).start()
    try:
        workflow.start_process_and_wait("order", timeout=3600)
    except KeyboardInterrupt:
        said("interrupted")


def with_a_handler_that_never_ends():
    def never(task):
        began.set()
        threading.Event().wait()

    workflow = build(grace=timedelta(0)).with_handler("work", never).start_in_thread()
    workflow.start_process("order")
    began.wait()


def heard_in_a_fork(workflow):
    for call in (
        lambda: workflow.start_process("order"),
        lambda: workflow.publish_later("paid"),
        workflow.health,
        workflow.stop,
    ):
        try:
            call()
        except WrongPlace as error:
            assert "fork" in str(error)  # noqa: PT017 - not a test
            said("refused")


def forked():
    workflow = leaving()
    if os.fork() == 0:
        heard_in_a_fork(workflow)
        sys.exit(0)
    os.wait()


def forked_by_multiprocessing():
    workflow = leaving()
    child = multiprocessing.get_context("fork").Process(target=heard_in_a_fork, args=[workflow])
    child.start()
    child.join()


def forked_by_a_pool():
    KEPT.append(leaving())
    with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as pool:
        pool.submit(in_a_pool).result()


def in_a_pool():
    heard_in_a_fork(KEPT[0])


def started_once_more_in_a_fork():
    builder = build().with_handler("work", lambda task: None)
    first = builder.start_in_thread()
    first.start_process_and_wait("order", timeout=60)
    if os.fork() == 0:
        with builder.start_in_thread() as workflow:
            workflow.start_process_and_wait("order", timeout=60)
            said("works")
        sys.exit(0)
    assert os.wait()[1] == 0


def started_in_a_fork_of_one_that_has_used_grpc():
    workflow = build(address="http://127.0.0.1:9").start_in_thread()
    while "UNAVAILABLE" not in workflow.health().deployment:
        time.sleep(0.01)
    workflow.stop(0)
    if os.fork() == 0:
        try:
            build(address="http://127.0.0.1:9").start_in_thread()
        except WrongPlace as error:
            said("gRPC" in str(error))
        sys.exit(0)
    os.wait()


def served_in_a_thread():
    def main():
        for run in (build().serve, lambda: serve(build)):
            try:
                run()
            except WrongPlace as error:
                said("start_in_thread" in str(error))

    thread = threading.Thread(target=main)
    thread.start()
    thread.join()


def logs():
    with build().with_handler("work", lambda task: None).start_in_thread() as workflow:
        assert isinstance(workflow, SyncWorkflow)
        said(logging.getLogger().handlers)


if __name__ == "__main__":
    globals()[sys.argv[1]]()
