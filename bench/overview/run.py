"""How long an overview of a month takes: `python3 bench/overview/run.py`.

A made-up company's 300 interfaces log for thirty days, a little more than 100 million tuples. They are ingested, its exports are loaded, and
sums by the hour are kept. Then `flowglass overview` is asked as a whole process: cold, where the machine lets its caches be
dropped, and warm. One day's sums are held against what its rows come to, computed anew.
"""

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "compare"))

import environment  # noqa: E402
import trouble  # noqa: E402
from trouble import Trouble  # noqa: E402

INTERFACES, HOURS = 300, 720
QUICK_INTERFACES, QUICK_HOURS = 41, 48
THREADS = "2"
CACHES = Path("/proc/sys/vm/drop_caches")
# A company's days begin here (crates/sim/examples/company.rs).
DAY = "datetime(2026-03-02), datetime(2026-03-03)"
SUMS = "summarize sum(Tuples), sum(Attempts), sum(Denials), sum(PacketsSrcToDest), sum(BytesSrcToDest), sum(BytesDestToSrc), count()"
ROUNDS = 3


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a million tuples: to try it")
    parser.add_argument("--table", metavar="DIR", type=Path, help="a table that is there already")
    parser.add_argument("--flowglass", metavar="PATH", help="a binary to measure [default: a release build]")
    return parser.parse_args()


def timed(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, cpu, answer


def made(asked, binary):
    """The table, made if it is not there."""
    if asked.table:
        return asked.table
    interfaces, hours = (QUICK_INTERFACES, QUICK_HOURS) if asked.quick else (INTERFACES, HOURS)
    place = environment.PLACE / f"overview-{interfaces}-{hours}"
    if place.exists():
        return place
    environment.check_space(environment.BYTES_PER_INTERFACE_DAY * interfaces * hours // 24 // 3)
    logs = environment.PLACE / "inputs" / f"month-{interfaces}-{hours}"
    environment.make_company(logs, interfaces, hours, "--release")
    part = place.with_name(place.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    seconds, _, _ = timed([binary, "ingest", logs, "--table", part, "--threads", THREADS])
    print(f"ingested in {seconds:.0f} s")
    exports = logs.with_suffix(".facts")
    subprocess.run([binary, "facts", "load", exports, "--at", "2026-03-02", "--table", part], check=True)
    part.rename(place)
    shutil.rmtree(logs)
    return place


def cold():
    """Whether nothing of the disk is in memory now."""
    try:
        os.sync()
        CACHES.write_text("3")
        return True
    except OSError:
        return False


def main():
    asked = arguments()
    binary = environment.flowglass(asked.flowglass)
    table = made(asked, binary)
    at = ("--table", table, "--threads", THREADS)
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, flowglass {environment.version(binary)}")

    def rows(query):
        answer = subprocess.run([binary, "query", query, *at, "--format", "json"], check=True, capture_output=True)
        return json.loads(answer.stdout)

    print(f"{rows('Flows | count')[0]['Count']:,} tuples")
    seconds, cpu, answer = timed([binary, "table", "rollup", *at, "--format", "json"])
    print(f"kept in {seconds:.1f} s, {cpu:.1f} CPU s: {answer.strip()}")
    begun = time.perf_counter()
    computed = rows(f"FlowsHourlyOf({DAY}) | {SUMS}")
    print(f"a day's sums from rows: {time.perf_counter() - begun:.1f} s")
    kept = rows(f"FlowsHourly | where TimeGenerated >= datetime(2026-03-02) and TimeGenerated < datetime(2026-03-03) | {SUMS}")
    if kept != computed:
        raise Trouble(f"kept {kept}, computed {computed}", "this is a mistake of ours: please report it")
    for round in range(ROUNDS):
        kind = "cold" if cold() else "warm (caches cannot be dropped here)"
        seconds, cpu, _ = timed([binary, "overview", *at])
        print(f"overview, {kind}: {seconds:.2f} s, {cpu:.2f} CPU s")
    for round in range(ROUNDS):
        seconds, cpu, _ = timed([binary, "overview", *at])
        print(f"overview, warm: {seconds:.2f} s, {cpu:.2f} CPU s")


if __name__ == "__main__":
    trouble.run(main)
