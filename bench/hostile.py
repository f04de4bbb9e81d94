"""Hostile input, read into a table: what is kept, what is said, and the memory it takes.

    python3 bench/hostile.py target/release/flowglass [FOLDER]

Makes the inputs (3 GB) in FOLDER, or in a temporary one, and prints a line for each. Python 3.11 and Linux alone.
Exits with 1 if good records are lost, or if more memory is taken than is allowed to any input.
"""

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

PEAK_MB_MAX = 300
HEAD = (
    '{"time":"2024-03-14T10:59:59Z","flowLogVersion":4,"flowLogGUID":"g","macAddress":"0022487BC205",'
    '"category":"FlowLogFlowEvent","flowLogResourceID":"/F","targetResourceID":"/t",'
    '"operationName":"FlowLogFlowEvent","flowRecords":{"flows":['
)


def tuple_of(number):
    return f'"1710413935827,10.0.0.1,10.0.{number // 250 % 250}.{number % 250},50000,443,6,O,C,NX,1,60,1,40"'


def group(rule, tuples):
    return '{"rule":"%s","flowTuples":[%s]}' % (rule, tuples)


def record(groups):
    return HEAD + '{"aclID":"/nsg","flowGroups":[' + groups + "]}]}}"


GOOD = record(group("UserRule_web", tuple_of(7)))


def around(*middle):
    """A blob that begins and ends with a good record."""
    yield '{"records":[' + GOOD
    for part in middle:
        yield from [part] if isinstance(part, str) else part
    yield "," + GOOD + "]}"


def repeated(text, times, every):
    return (text * every for _ in range(times // every))


def rules(count):
    return ((", " if n else "") + group(f"UserRule_r{n}", tuple_of(n)) for n in range(count))


def records(count):
    return ("," + record(group(f"UserRule_r{n}", tuple_of(n))) for n in range(count))


def tuples(count):
    return (("," if n else "") + tuple_of(n) for n in range(count))


def bomb(parts):
    pack = zlib.compressobj(9, zlib.DEFLATED, 31)
    yield from (pack.compress(part.encode()) for part in parts)
    yield pack.flush()


SPLIT = "@"
ONE_GROUP = record(group("UserRule_web", SPLIT)).split(SPLIT)
MANY_GROUPS = record(SPLIT).split(SPLIT)
# Name, how many good rows there are, the parts of the blob.
INPUTS = [
    ("a line of 2 GB", 2, lambda: around(',{"junk":"', repeated("x", 2 << 30, 1 << 20), '"}')),
    ("a record of 500 MB", 7_000_002, lambda: around("," + ONE_GROUP[0], tuples(7_000_000), ONE_GROUP[1])),
    ("a million rules in one record", 1_000_002, lambda: around("," + MANY_GROUPS[0], rules(1_000_000), MANY_GROUPS[1])),
    ("a million rules in as many records", 1_000_002, lambda: around(records(1_000_000))),
    ("10,000 levels of nesting", 2, lambda: around(',{"a":' + "[" * 10_000 + "]" * 10_000 + "}")),
    ("a million levels of nesting", 2, lambda: around(',{"a":' + "[" * 1_000_000 + "]" * 1_000_000 + "}")),
    ("a zip bomb of 20 GB", 2, lambda: bomb(around(repeated(" ", 20 << 30, 1 << 20)))),
    ("bytes that are not UTF-8", 2, lambda: around("," + GOOD.replace("UserRule_web", "\udcff\udcfe"))),
    ("a NUL in an address", 2, lambda: around("," + GOOD.replace("10.0.0.1,", "10.0.\0.1,"))),
    ("numbers of 400 digits", 2, lambda: around("," + GOOD.replace(",443,", "," + "4" * 400 + ","), "," + GOOD.replace(",60,", "," + "9" * 400 + ","))),
    ("a tuple of 1970, one of 9999", 2, lambda: around("," + GOOD.replace("1710413935827", "5"), "," + GOOD.replace("1710413935827", "253402300799000"))),
    ("an empty blob", 0, lambda: []),
    ("a blob cut off in a record", 1, lambda: ['{"records":[' + GOOD + "," + GOOD[:-60]]),
]


def read(flowglass, path, table):
    began = time.monotonic()
    run = subprocess.Popen(
        [flowglass, "ingest", str(path), "--table", str(table), "--format", "json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = run.stdout.read()
    _, status, used = os.wait4(run.pid, 0)
    run.returncode = os.waitstatus_to_exitcode(status)
    # Errors and remarks are read too, so what is said need not be JSON alone.
    stored = re.search(r'"stored": (\d+)', said)
    codes = sorted(set(re.findall(r"FG\d{4}", said)))
    return run.returncode, int(stored[1]) if stored else 0, codes, used.ru_maxrss // 1024, time.monotonic() - began, said


def main(flowglass, folder):
    version = subprocess.run([flowglass, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    print(f"# python3 bench/hostile.py {flowglass}; {version}; {platform.machine()}, {os.cpu_count()} cores")
    print(f"{'input':<36}{'MB':>8}{'exit':>6}{'good rows':>11}{'kept':>11}{'peak MB':>9}{'seconds':>9}  said")
    failed = False
    for name, good, parts in INPUTS:
        path, table = folder / "input.json", folder / "table"
        with open(path, "wb") as out:
            for part in parts():
                out.write(part if isinstance(part, bytes) else part.encode("utf-8", "surrogateescape"))
        code, kept, codes, peak, seconds, said = read(flowglass, path, table)
        size = path.stat().st_size / 1e6
        print(f"{name:<36}{size:>8,.1f}{code:>6}{good:>11,}{kept:>11,}{peak:>9}{seconds:>9.1f}  {' '.join(codes)}", flush=True)
        if kept < good or peak > PEAK_MB_MAX:
            failed = True
            print(f"FAILED: {json.dumps(said[-2000:])}")
        path.unlink()
        shutil.rmtree(table, ignore_errors=True)
    return failed


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory(dir=sys.argv[2] if len(sys.argv) == 3 else None) as place:
        sys.exit(1 if main(sys.argv[1], Path(place)) else 0)
