"""Compares layouts: `python3 bench/compare/layout.py flowglass-data`.

Bytes per row and per column of one of our tables, and of the same rows written by other programs.
"""

import argparse
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import unquote

import environment
import measure
import report
from run import FAILED, command, machine, say, settings, versions
from trouble import Trouble

# In the order of our files, unless the name says otherwise; each with its program's own row groups.
WAYS = (
    "ours",
    "duckdb",
    "duckdb as logged",
    "duckdb by time",
    "duckdb by interface, time",
    "duckdb by addresses",
    "duckdb v2",
    "duckdb v2 by interface, time",
    "duckdb v2 by addresses",
    "chdb",
    "polars",
)
# The columns of the table by column: beside them stands what DuckDB did best.
SHOWN = ("ours", "duckdb", "duckdb v2", "chdb", "polars")


def files(table):
    """The files that the table's log names, by day."""
    log = table / "Flows" / "_delta_log"
    if not log.is_dir():
        raise Trouble(f"`{table}` is no table of flowglass's", "name the folder that holds `Flows`")
    versions = sorted(log.glob("*.json"))
    if not versions or int(versions[0].stem) != 0:
        raise Trouble(
            f"the log of `{table}` does not begin with its first version", "ingest into a new table"
        )
    known = {}
    for version in versions:
        for line in version.read_text().splitlines():
            action = json.loads(line)
            if "add" in action:
                known[action["add"]["path"]] = action["add"]["partitionValues"]["FlowDate"]
            elif "remove" in action:
                known.pop(action["remove"]["path"], None)
    days = {}
    for path, day in sorted(known.items()):
        days.setdefault(day, []).append(str((table / "Flows" / unquote(path)).resolve()))
    if not days:
        raise Trouble(f"`{table}` is empty", "ingest something first")
    return days


def write(way, days, python):
    """What a program makes of the rows; its files are removed when their columns are known."""
    out = environment.PLACE / "layout"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    script = environment.HERE / "layout_peer.py"
    run = subprocess.run(
        [python, script, way, out], input=json.dumps(days), capture_output=True, text=True, env=settings()
    )
    shutil.rmtree(out, ignore_errors=True)
    if run.returncode != 0:
        return {"trouble": measure.failure(run.returncode, run.stderr)}
    return json.loads(run.stdout.splitlines()[-1])


def totals(made):
    ours = made["ours"]["bytes"]
    lines = [("written by", "bytes", "B/row", "ours is")]
    for way, told in made.items():
        if "trouble" not in told:
            share = f"{told['bytes']:,}", f"{told['bytes'] / told['rows']:.2f}", f"{ours / told['bytes']:.2f}"
            lines.append((way, *share))
    return [
        *report.table(lines),
        *(f"{way}: {told['trouble']}" for way, told in made.items() if "trouble" in told),
    ]


def by_column(made):
    whole = {way: told for way, told in made.items() if "trouble" not in told}
    duckdb = {way: told["bytes"] for way, told in whole.items() if way.startswith("duckdb")}
    best = min(duckdb, key=duckdb.get, default=None)
    ways = [way for way in dict.fromkeys([*SHOWN, best]) if way in whole]
    columns = [*whole["ours"]["columns"], "columns together", "footer, indexes, Bloom filters", "all"]

    def bytes_of(way, column):
        told = whole[way]
        together = sum(told["columns"].values())
        sums = {"columns together": together, columns[-2]: told["bytes"] - together, "all": told["bytes"]}
        return told["columns"].get(column, sums.get(column, 0))

    lines = [("bytes a row", *ways, *(f"ours / {way}" for way in ("duckdb", best) if way in whole))]
    for column in columns:
        shares = [bytes_of(way, column) / whole[way]["rows"] for way in ways]
        than = [bytes_of(way, column) for way in ("duckdb", best) if way in whole]
        ratios = [f"{bytes_of('ours', column) / other:.2f}" if other > 0 else "-" for other in than]
        lines.append((column, *(f"{share:.3f}" for share in shares), *ratios))
    return report.table(lines)


def text(comparison):
    here = comparison["machine"]
    told = ", ".join(f"{name} {version}" for name, version in comparison["versions"].items())
    made = comparison["made"]
    return "\n".join(
        [
            f"# {comparison['command']}",
            f"# {comparison['when']}, {here['processor']}, {here['memory_gb']} GB; {told}",
            f"# {made['ours']['rows']:,} rows; all write zstd; `ours is`: how many times as large as theirs",
            "",
            *totals(made),
            "",
            *by_column(made),
            "",
        ]
    )


def main():
    parser = argparse.ArgumentParser(description="Compares the layout of a table with what others write.")
    parser.add_argument("table", metavar="TABLE", type=Path, help="such as `flowglass-data`")
    parser.add_argument("--flowglass", metavar="PATH", help="the binary that made it, for its version")
    parser.add_argument("--runs", metavar="DIR", type=Path, help="for results [default: bench/runs]")
    asked = parser.parse_args()
    binary = environment.flowglass(asked.flowglass) if asked.flowglass else None
    days = files(asked.table)
    environment.check_space(sum(Path(path).stat().st_size for paths in days.values() for path in paths))
    python = environment.python()
    made = {}
    for way in WAYS:
        say(f"writing: {way}")
        made[way] = write(way, days, python)
    say("")
    if "trouble" in made["ours"]:
        raise Trouble(
            f"cannot measure `{asked.table}`: {made['ours']['trouble']}",
            "`flowglass table check` looks closer",
        )
    comparison = {
        "when": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "command": command("layout.py"),
        "machine": machine(),
        "versions": versions(python, binary, ("chdb", "duckdb", "polars")),
        "made": made,
    }
    print(text(comparison), end="")
    folder = asked.runs or environment.ROOT / "bench" / "runs"
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{comparison['when'][:10]}-layout-{made['ours']['rows']}-rows"
    (folder / f"{name}.json").write_text(json.dumps(comparison, indent=1) + "\n")
    (folder / f"{name}.txt").write_text(text(comparison))
    print(f"\nkept in {folder / name}.txt, and in JSON beside it")


if __name__ == "__main__":
    try:
        main()
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        sys.exit(FAILED)
