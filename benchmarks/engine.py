"""How fast the embedded engine is, and how much it remembers, beside SpiffWorkflow.

``python -m benchmarks.engine [--rounds 5] [--instances 3200]``: prints JSON, medians and ranges of
rounds in which the contestants take turns. The limits are checked: exit 1 if one is missed.
"""

import argparse
import asyncio
import json
import logging
import statistics
import subprocess
import sys

from benchmarks import engine_loads as loads
from loguru import logger

SPIFF_SHARE = 10  # SpiffWorkflow gets a tenth of the instances: it needs as long for them
AT_MOST = {
    ("start", "engine", "ms"): 5,
    ("start", "gRPC server", "ms"): 50,
    ("a timer of 30 days", "test", "ms"): 20,
    ("100,000 waiting", "engine", "bytes_each"): 4096,
    ("100,000 waiting", "engine", "of_few"): 1.2,
    ("100,000 waiting", "engine", "among_many_of_few"): 1.2,
}
AT_LEAST = {
    ("orders", "engine", "per_s"): 3_000,
    ("orders", "engine", "of_peer"): 5,
}


def child(load):
    command = [sys.executable, "-m", loads.__name__, load]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def milliseconds(load):
    return {"ms": asyncio.run(load())["seconds"] * 1000}


def one_round(count):
    """Every contestant once."""
    grown = child("growth")
    few = grown["us_each_of_few"]
    grown["of_few"] = grown["us_each_of_many"] / few
    grown["among_many_of_few"] = grown["us_each_among_many"] / few
    ours = asyncio.run(loads.orders(count))
    peer = asyncio.run(loads.spiff_orders(count // SPIFF_SHARE))
    return {
        "start": {
            "engine": milliseconds(loads.start_engine),
            "gRPC server": milliseconds(loads.start_server),
        },
        "orders": {
            "engine": ours | {"of_peer": ours["per_s"] / peer["per_s"]},
            "SpiffWorkflow": peer,
        },
        "100,000 waiting": {"engine": grown},
        "a timer of 30 days": {"test": milliseconds(loads.month)},
    }


def summary(rounds):
    """The tree of one round, with the spread of all rounds for each number."""
    first = rounds[0]
    if not isinstance(first, dict):
        return {
            "median": round(statistics.median(rounds), 2),
            "min": round(min(rounds), 2),
            "max": round(max(rounds), 2),
        }
    return {name: summary([each[name] for each in rounds]) for name in first}


def median(report, path):
    for name in path:
        report = report[name]
    return report["median"]


def missed(report):
    slow = [path for path, most in AT_MOST.items() if median(report, path) > most]
    low = [path for path, least in AT_LEAST.items() if median(report, path) < least]
    return [" / ".join(path) for path in slow + low]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--instances", type=int, default=3_200)
    return parser.parse_args()


def main():
    options = arguments()
    logger.remove()
    logging.disable(logging.WARNING)
    one_round(options.instances // 10)  # imports and caches
    report = summary([one_round(options.instances) for _ in range(options.rounds)])
    report = {"benchmark": "engine", **report, "missed": missed(report)}
    print(json.dumps(report, indent=2))
    return 1 if report["missed"] else 0


if __name__ == "__main__":
    sys.exit(main())
