"""What published queries find in a seeded world: `python3 bench/kql/published.py QUERIES.jsonl SCHEMA.json --flowglass PROGRAM`.

Two worlds of two days are made: one on 4 and 5 January 2026, where the fixed times of the queries lie, and one that ends
today, for those that ask for the last hours or days. Each query runs over both, unchanged, in one process; what counts is
the world with more rows. Queries of tables that are not made of flows, addresses or resources are left out by name.
"""

import argparse
import datetime
import json
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "compare"))

import environment  # noqa: E402
from asked import VIEWS, Asked, lines  # noqa: E402


def world(program, folder, start, hours):
    command = [program, "demo", "--dir", str(folder), "--start", start.isoformat(), "--hours", str(hours)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    [table] = folder.glob(f"*-{start.isoformat()}/table")
    return table


def main():
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("queries")
    flags.add_argument("schema")
    flags.add_argument("--flowglass", default="target/release/flowglass")
    flags.add_argument("--dir", default="target/compare/published")
    flags.add_argument("--hours", type=int, default=48)
    flags.add_argument("--only", help="the id of one query")
    given = flags.parse_args()
    schema = json.load(open(given.schema))
    others = (set(schema["tables"]) | set(schema["functions"])) - VIEWS
    today = datetime.datetime.now(datetime.timezone.utc).date()
    folder = Path(given.dir)
    worlds = [
        ("January", world(given.flowglass, folder, datetime.date(2026, 1, 4), given.hours)),
        ("today", world(given.flowglass, folder, today - datetime.timedelta(hours=given.hours - 24), given.hours)),
    ]
    asked = [
        (name, Asked([given.flowglass, "query", "--batch", "--table", str(table)])) for name, table in worlds
    ]
    print(f"Two worlds of 41 machines and {given.hours} hours, by {environment.version(given.flowglass)}\n")
    print("| query | rows | of world | milliseconds | |")
    print("|---|---|---|---|---|")
    ran = found = 0
    for query in lines(given.queries):
        if given.only not in (None, query["id"]):
            continue
        text = query["query"]
        missing = sorted(name for name in others if re.search(rf"\b{re.escape(name)}\b", text))
        if missing:
            print(f"| {query['id']} | | | | asks for {', '.join(missing)} |")
            continue
        best = None
        for name, process in asked:
            seconds, answer = process.ask({"id": query["id"], "query": text})
            rows = len(answer["rows"]) if answer["ok"] else -1
            error = "" if answer["ok"] else f"{answer['error']['code']}: {answer['error']['message']}"
            if best is None or rows > best[0]:
                best = (rows, name, seconds, error)
        rows, name, seconds, error = best
        ran += rows >= 0
        found += rows > 0
        shown = "" if rows < 0 else f"{rows:,}"
        print(f"| {query['id']} | {shown} | {name} | {seconds * 1000:.0f} | {error} |", flush=True)
    for _, process in asked:
        process.close()
    print(f"\n{ran} queries ran, {found} of them found rows")


main()
