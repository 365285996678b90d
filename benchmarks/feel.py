"""How fast FEEL is: evaluations a second of one condition, beside feelin in the same run.

Five rounds, the contestants taking turns; medians and ranges, in CPU time of the process, V8's
threads included: nothing here waits. The limits are checked: exit 1 if one is missed.
"""

import gc
import json
import statistics
import sys
import time

from benchmarks import feel_feelin

from workflow_devkit.feel import compile_expression, evaluate
from workflow_devkit.feel.evaluation import compile_uncached

EXPRESSION = 'amount > 100 and status = "ok"'
VARIABLES = {"amount": 250, "status": "ok"}
ROUNDS = 5
LIMITS = {"parse and evaluate": 50_000, "compiled": 500_000}
RATIO = 10


def parse_and_evaluate(times):
    for _ in range(times):
        value = compile_uncached(EXPRESSION).evaluate(VARIABLES).value
    return value


def through_the_cache(times):
    for _ in range(times):
        value = evaluate(EXPRESSION, VARIABLES).value
    return value


def compiled(times):
    expression = compile_expression(EXPRESSION)
    for _ in range(times):
        value = expression.evaluate(VARIABLES).value
    return value


def contestants():
    """Name, function and number of evaluations of each."""
    found = [
        ("parse and evaluate", parse_and_evaluate, 10_000),
        ("evaluate", through_the_cache, 100_000),
        ("compiled", compiled, 200_000),
    ]
    engine, reason = feel_feelin.load()
    if engine is None:
        return found, reason
    peers = (("feelin", feel_feelin.call, 1_000), ("feelin, loop in V8", feel_feelin.loop, 2_000))
    for name, run, times in peers:
        found.append((name, bound(engine, run), times))
    return found, None


def bound(engine, run):
    return lambda times: run(engine, EXPRESSION, VARIABLES, times)


def rate(run, times):
    gc.collect()
    started = time.process_time()
    value = run(times)
    seconds = time.process_time() - started
    assert value is True, value
    return times / seconds


def measure(runs):
    rates = {name: [] for name, _, _ in runs}
    for _, run, times in runs:
        rate(run, max(times // 10, 100))
    for _ in range(ROUNDS):
        for name, run, times in runs:
            rates[name].append(rate(run, times))
    return rates


def main():
    runs, reason = contestants()
    measured = measure(runs)
    rates = {name: round(statistics.median(found)) for name, found in measured.items()}
    ranges = {name: [round(min(found)), round(max(found))] for name, found in measured.items()}
    report = {"benchmark": "feel", "expression": EXPRESSION, "per second": rates, "ranges": ranges}
    missed = [name for name, limit in LIMITS.items() if rates[name] < limit]
    if reason:
        report["note"] = reason
    else:
        peer = rates["feelin"]
        ratios = {name: round(rates[name] / peer, 1) for name, _, _ in runs[:3]}
        report["times feelin"] = ratios
        best = rates["feelin, loop in V8"]
        report["times feelin, loop in V8"] = {
            name: round(rates[name] / best, 1) for name, _, _ in runs[:3]
        }
        missed += [f"{name} against feelin" for name, ratio in ratios.items() if ratio < RATIO]
    report["missed"] = missed
    print(json.dumps(report, indent=2))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
