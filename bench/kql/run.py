"""KQL in Flowglass beside SQL in DuckDB, ten questions over the same Parquet files: `python3 bench/kql/run.py`.

Both are warm processes with two threads that are asked in turn; the least of the rounds counts. The answers must agree,
row by row. What is timed is from the question to the last row, as text for Flowglass, as Python values for DuckDB.
"""

import argparse
import json
import math
import platform
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "compare"))

import environment  # noqa: E402
from asked import Asked  # noqa: E402
from questions import QUESTIONS  # noqa: E402
import trouble  # noqa: E402
from trouble import Trouble  # noqa: E402

# Four days of 410 interfaces: more than 20 million tuples.
INTERFACES, HOURS = 430, 96
QUICK_INTERFACES, QUICK_HOURS = 41, 24
THREADS = 2


def arguments():
    parser = argparse.ArgumentParser(description="Compares answers in KQL with DuckDB's in SQL.")
    parser.add_argument("--quick", action="store_true", help="half a million tuples, two rounds: to try it")
    parser.add_argument("--table", metavar="DIR", type=Path, help="a table that is there already")
    parser.add_argument("--flowglass", metavar="PATH", help="a binary to compare [default: a release build]")
    parser.add_argument("--rounds", type=int, metavar="N", help="after one that is not counted [default: 5]")
    parser.add_argument("--only", metavar="TEXT", help="questions whose name holds this")
    parser.add_argument("--runs", metavar="DIR", type=Path, help="where to keep the result [default: print only]")
    asked = parser.parse_args()
    asked.rounds = asked.rounds or (2 if asked.quick else 5)
    return asked


def table(asked, binary):
    """A table of seeded flows; made once."""
    if asked.table:
        return asked.table
    interfaces, hours = (QUICK_INTERFACES, QUICK_HOURS) if asked.quick else (INTERFACES, HOURS)
    environment.check_space(environment.BYTES_PER_INTERFACE_DAY * interfaces * hours // 24)
    place = environment.PLACE / f"kql-{interfaces}-{hours}"
    if place.exists():
        return place
    logs = environment.PLACE / "inputs" / f"company-{interfaces}-{hours}"
    if not logs.exists():
        environment.make_company(logs, interfaces, hours, "--release")
    part = place.with_name(place.name + ".part")
    subprocess.run([binary, "ingest", logs, "--table", part, "--threads", str(THREADS)], check=True)
    part.rename(place)
    return place


def same(left, right):
    if isinstance(left, float) or isinstance(right, float):
        if left is None or right is None:
            return left is right
        return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-9)
    return (left or None) == (right or None)


def check(name, mine, theirs):
    is_same = len(mine) == len(theirs) and all(
        len(left) == len(right) and all(map(same, left, right)) for left, right in zip(mine, theirs)
    )
    if not is_same:
        differing = [pair for pair in zip(mine, theirs) if not all(map(same, *pair))][:3]
        raise Trouble(
            f"`{name}`: the answers differ: {len(mine)} and {len(theirs)} rows, the first that differ {differing}",
            "one of the two texts in questions.py asks something else",
        )


def measured(asked, mine, theirs):
    rows = []
    for name, (kql, sql) in QUESTIONS.items():
        if asked.only and asked.only not in name:
            continue
        best = [math.inf, math.inf]
        for turn in range(asked.rounds + 1):
            seconds, answer = mine.ask({"id": name, "query": kql})
            if not answer["ok"]:
                raise Trouble(f"`{name}`: {answer['error']['message']}", "see questions.py")
            _, other = theirs.ask({"sql": sql})
            if turn == 0:
                check(name, answer["rows"], other["rows"])
                count = len(answer["rows"])
            else:
                best = [min(best[0], seconds), min(best[1], other["seconds"])]
        rows.append((name, count, *best))
        print(line(rows[-1]), flush=True)
    return rows


def line(row):
    name, count, mine, theirs = row
    return f"{name:<20} {count:>8,} {mine * 1000:>11,.0f} {theirs * 1000:>11,.0f} {theirs / mine:>8.2f}"


def main():
    asked = arguments()
    python = environment.python()
    binary = environment.flowglass(asked.flowglass)
    place = table(asked, binary)
    theirs = Asked([str(python), str(HERE / "peer_duckdb.py"), f"{place}/Flows/*/*.parquet", str(THREADS)])
    mine = Asked([str(binary), "query", "--batch", "--table", str(place), "--threads", str(THREADS)])
    _, counted = mine.ask({"id": 0, "query": "Flows | count"})
    _, version = theirs.ask({"sql": "SELECT version()"})
    head = [
        "# python3 bench/kql/run.py" + (" --quick" if asked.quick else ""),
        f"# {time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC, {platform.machine()}, 2 threads each;"
        f" flowglass {environment.version(binary)}, DuckDB {version['rows'][0][0]}",
        f"# {counted['rows'][0][0]:,} flows; least of {asked.rounds} rounds, asked in turn; answers agree row by row",
        "",
        f"{'question':<20} {'rows':>8} {'KQL ms':>11} {'DuckDB ms':>11} {'times':>8}",
    ]
    print("\n".join(head))
    rows = measured(asked, mine, theirs)
    mine.close()
    theirs.close()
    if asked.runs:
        asked.runs.mkdir(parents=True, exist_ok=True)
        path = asked.runs / f"{time.strftime('%Y-%m-%d', time.gmtime())}-kql-beside-duckdb.txt"
        path.write_text("\n".join(head + [line(row) for row in rows]) + "\n")
        print(f"kept in {path}")


if __name__ == "__main__":
    trouble.run(main)
