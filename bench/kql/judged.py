"""How fast `nsg_verdict` and `nsg_rule` are over a table: `python3 bench/kql/judged.py`.

A made-up company's flows, some millions, with its exports as facts. Each question is asked by one warm process with one thread, with the
function and without: a query without it reads the same columns. The least of the rounds counts. What is printed is rows a second of the whole
query, and of the function alone: the rows by the time that it adds.
"""

import argparse
import math
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "compare"))

import environment  # noqa: E402
from asked import Asked  # noqa: E402
import trouble  # noqa: E402
from trouble import Trouble  # noqa: E402

# A day of 300 interfaces: more than three million tuples.
INTERFACES, HOURS = 300, 24
QUICK_INTERFACES, QUICK_HOURS = 41, 6
FACTS_TIME = "2026-01-01"
# A query with the function is to be answered at this rate by one thread.
WANTED = 1_000_000

COLUMNS = "MacAddress, TimeGenerated, FlowDirection, SrcIp, SrcPort, DestIp, DestPort, L4Protocol"
WITHOUT_PORT = COLUMNS.replace("SrcPort", "long(null)")
MISSING = " or ".join(
    f"isempty({column})" if column not in ("TimeGenerated", "SrcPort", "DestPort") else f"isnull({column})"
    for column in COLUMNS.split(", ")
)

QUESTIONS = {
    "without": f"iff({MISSING}, '', FlowStatus)",
    "nsg_verdict": f"nsg_verdict({COLUMNS})",
    "nsg_rule": f"nsg_rule({COLUMNS})",
    "of one load": f"nsg_verdict({COLUMNS}, '1')",
    "any source port": f"nsg_verdict({WITHOUT_PORT})",
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="some ten thousand tuples: to try it")
    parser.add_argument("--table", metavar="DIR", type=Path, help="a table with facts that is there already")
    parser.add_argument("--flowglass", metavar="PATH", help="a binary to measure [default: a release build]")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="after one that is not counted [default: 3]")
    parser.add_argument("--runs", metavar="DIR", type=Path, help="where to keep the result [default: print only]")
    return parser.parse_args()


def table(asked, binary):
    """Flows and the exports that belong to them; made once."""
    if asked.table:
        return asked.table
    interfaces, hours = (QUICK_INTERFACES, QUICK_HOURS) if asked.quick else (INTERFACES, HOURS)
    place = environment.PLACE / f"judged-{interfaces}-{hours}"
    if place.exists():
        return place
    environment.check_space(environment.BYTES_PER_INTERFACE_DAY * interfaces * hours // 24)
    logs = environment.PLACE / "inputs" / f"judged-{interfaces}-{hours}"
    if not logs.exists():
        environment.make_company(logs, interfaces, hours, "--release")
    part = place.with_name(place.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    quiet = {"check": True, "stdout": subprocess.DEVNULL}
    subprocess.run([binary, "ingest", logs, "--table", part], **quiet)
    exports = logs.with_suffix(".facts")
    subprocess.run([binary, "facts", "load", exports, "--at", FACTS_TIME, "--table", part], **quiet)
    part.rename(place)
    return place


def measured(asked, program):
    """Of each question the least time, and what it said."""
    best = {name: math.inf for name in QUESTIONS}
    said = {}
    for turn in range(asked.rounds + 1):
        for name, expression in QUESTIONS.items():
            query = f"Flows | extend Said = {expression} | summarize Rows = count() by Said"
            seconds, answer = program.ask({"id": name, "query": query})
            if not answer["ok"]:
                raise Trouble(f"`{name}`: {answer['error']['message']}", "the table needs facts: `flowglass facts load`")
            said[name] = answer["rows"]
            if turn > 0:
                best[name] = min(best[name], seconds)
    return best, said


def main():
    asked = arguments()
    binary = environment.flowglass(asked.flowglass)
    place = table(asked, binary)
    program = Asked([str(binary), "query", "--batch", "--table", str(place), "--threads", "1"])
    best, said = measured(asked, program)
    program.close()
    rows = sum(row[-1] for row in said["without"])
    head = [
        "# python3 bench/kql/judged.py" + (" --quick" if asked.quick else ""),
        f"# {time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC, {platform.machine()}, {os.cpu_count()} cores, one thread;"
        f" flowglass {environment.version(binary)}",
        f"# {rows:,} flows; least of {asked.rounds} rounds",
        "",
        f"{'question':<16} {'ms':>9} {'rows/s':>12} {'of it alone':>12}  answers",
    ]
    lines = []
    for name, seconds in best.items():
        added = seconds - best["without"]
        alone = f"{rows / added:,.0f}" if name != "without" and added > 0 else "-"
        lines.append(f"{name:<16} {seconds * 1000:>9,.0f} {rows / seconds:>12,.0f} {alone:>12}  {len(said[name])}")
    for row in said["nsg_verdict"]:
        lines.append(f"# {row[0]}: {row[-1]:,}")
    slow = [name for name, seconds in best.items() if name.startswith("nsg_") and rows / seconds < WANTED]
    lines.append(f"# below {WANTED:,} rows/s: {', '.join(slow) if slow else 'none'}")
    print("\n".join(head + lines))
    if asked.runs:
        asked.runs.mkdir(parents=True, exist_ok=True)
        path = asked.runs / f"{time.strftime('%Y-%m-%d', time.gmtime())}-rules-in-kql.txt"
        path.write_text("\n".join(head + lines) + "\n")
        print(f"kept in {path}")


if __name__ == "__main__":
    trouble.run(main)
