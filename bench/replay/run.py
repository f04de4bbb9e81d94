"""How long a replay of a month takes: `python3 bench/replay/run.py`.

A made-up company's 200 interfaces log for thirty days, some 70 million tuples. They are ingested, and its exports are loaded. Then its groups
are proposed with one rule taken away, one that is for half of its addresses, and one that denies, and `flowglass replay` is run as a whole
process: time, CPU and the most memory of it.
"""

import argparse
import json
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
import trouble  # noqa: E402
from trouble import Trouble  # noqa: E402

INTERFACES, HOURS = 200, 720
QUICK_INTERFACES, QUICK_HOURS = 41, 24
THREADS = "2"
ROUNDS = 3


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="half a million tuples: to try it")
    parser.add_argument("--table", metavar="DIR", type=Path, help="a table that is there already")
    parser.add_argument("--exports", metavar="DIR", type=Path, help="the exports that belong to it")
    parser.add_argument("--logs", metavar="DIR", type=Path, help="logs that are there already, with their exports beside them")
    parser.add_argument("--memory", metavar="SIZE", help="what `replay` may use")
    parser.add_argument("--flowglass", metavar="PATH", help="a binary to measure [default: a release build]")
    return parser.parse_args()


def measured(command, exits):
    """Seconds, CPU seconds, the most memory in MB, and what it said."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    exit = os.waitstatus_to_exitcode(status)
    process.returncode = exit
    if exit not in exits:
        raise subprocess.CalledProcessError(exit, command)
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, said


def logs_of(asked):
    """Logs and their exports, made if they are not there."""
    if asked.logs:
        return asked.logs
    interfaces, hours = (QUICK_INTERFACES, QUICK_HOURS) if asked.quick else (INTERFACES, HOURS)
    logs = environment.PLACE / "inputs" / f"month-{interfaces}-{hours}"
    if not logs.exists():
        environment.check_space(environment.BYTES_PER_INTERFACE_DAY * interfaces * hours // 24)
        environment.make_company(logs, interfaces, hours, "--release")
    return logs


def made(asked, binary):
    """The table and the exports, made if they are not there."""
    if asked.table:
        if not asked.exports:
            raise Trouble("`--table` needs `--exports`", "name the folder that was loaded with `facts load`")
        return asked.table, asked.exports
    logs = logs_of(asked)
    place = environment.PLACE / f"replay-{logs.name}"
    exports = logs.with_suffix(".facts")
    if place.exists():
        return place, exports
    part = place.with_name(place.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    seconds, *_ = measured([binary, "ingest", logs, "--table", part, "--threads", THREADS], {0})
    print(f"ingested in {seconds:.0f} s")
    subprocess.run([binary, "facts", "load", exports, "--at", "2026-03-02", "--table", part], check=True, stdout=subprocess.DEVNULL)
    part.rename(place)
    if not asked.logs:
        shutil.rmtree(logs)
    return place, exports


def proposed(exports):
    """The groups with three changes: one in each of three tiers."""
    groups = json.loads((exports / "nsgs.json").read_text())
    by_name = {group["name"]: group["properties"]["securityRules"] for group in groups["value"]}

    def rule(group, name):
        return next(held for held in by_name[group] if held["name"] == name)

    by_name["nsg-data"].remove(rule("nsg-data", "AllowSqlFromApp"))
    narrowed = rule("nsg-web", "AllowHttpsFromInternet")["properties"]
    for name in ("sourceAddressPrefix", "sourceAddressPrefixes"):
        narrowed.pop(name, None)
    narrowed["sourceAddressPrefix"] = "0.0.0.0/1"
    deny = json.loads(json.dumps(rule("nsg-app", "AllowAppFromWeb")))
    deny["name"] = "DenyMonitoring"
    deny["id"] = deny["id"].replace("AllowAppFromWeb", "DenyMonitoring")
    deny["properties"].update({"priority": 105, "access": "Deny", "destinationPortRange": "22"})
    deny["properties"].pop("destinationPortRanges", None)
    by_name["nsg-app"].append(deny)
    environment.PLACE.mkdir(parents=True, exist_ok=True)
    path = environment.PLACE / "replay-proposed.json"
    path.write_text(json.dumps(groups))
    return path


def main():
    asked = arguments()
    binary = environment.flowglass(asked.flowglass)
    table, exports = made(asked, binary)
    rules = proposed(exports)
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, flowglass {environment.version(binary)}")
    command = [binary, "replay", "--rules", rules, "--table", table, "--threads", THREADS, "--format", "json"]
    if asked.memory:
        command += ["--memory", asked.memory]
    for round in range(ROUNDS):
        seconds, cpu, most, said = measured(command, {0, 1})
        told = json.loads(said)
        print(f"replay of {told['lines']:,} lines: {seconds:.1f} s, {cpu:.1f} CPU s, {most:.0f} MB at most")
    for impact, held in told["totals"].items():
        print(f"  {impact}: {held['flows']:,} flows, {held['lines']:,} lines")
    print(f"  interfaces whose rules would change: {len(told['affected'])}, problems: {len(told['problems'])}")


if __name__ == "__main__":
    trouble.run(main)
