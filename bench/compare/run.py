"""Compares Flowglass's way in with other programs': `python3 bench/compare/run.py --quick`.

One command, from nothing to a table of figures; README.md beside it says what is compared, and how.
"""

import argparse
import json
import os
import platform
import shlex
import shutil
import signal
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

import environment
import measure
import report
from trouble import Trouble

PEERS = ("chdb", "duckdb", "orjson", "polars")
CASES = ("blob", "folder")
FULL_MIB, QUICK_MIB = 1024, 64
FAILED, STOPPED = 3, 143
BUSY_LOAD = 3
TERMS = (
    "each run is a process of its own on two cores; input in memory, output new, all of it flushed to disk",
    "a peer's seconds begin when its libraries are loaded, those of flowglass with its process",
    "peers leave out RecordOffset, RecordHash, RecordOccurrence and SystemId; they do not sort, look for",
    "duplicates, hash what they read, keep positions, or judge what they read; they rely on Azure's first",
    "block, and on records that all begin with the same key",
)


def arguments():
    parser = argparse.ArgumentParser(description="Compares Flowglass's way in with other programs'.")
    parser.add_argument(
        "--quick", action="store_true", help=f"{QUICK_MIB} MiB of each input, two rounds: to try it"
    )
    parser.add_argument("--size", type=int, metavar="MIB", help=f"of each input [default: {FULL_MIB}]")
    parser.add_argument("--rounds", type=int, metavar="N", help="after one that is not counted [default: 5]")
    parser.add_argument("--only", metavar="NAMES", help=f"peers, with commas between: {', '.join(PEERS)}")
    parser.add_argument("--case", choices=CASES, help="one input only [default: both]")
    parser.add_argument(
        "--input", metavar="PATH", type=Path, help="your own blob, or folder of VNet flow logs"
    )
    parser.add_argument("--flowglass", metavar="PATH", help="a binary to compare [default: a release build]")
    parser.add_argument(
        "--memory", type=float, metavar="GB", help="at most, per program [default: 3/4 of what is free]"
    )
    parser.add_argument(
        "--seconds", type=int, metavar="N", default=1800, help="at most, per run [default: 1800]"
    )
    parser.add_argument(
        "--runs", metavar="DIR", help="for results [default: bench/runs; target/compare if quick]"
    )
    parser.add_argument("--note", metavar="TEXT", help="to keep with the results, such as which build it was")
    asked = parser.parse_args()
    asked.peers = [name.strip() for name in asked.only.split(",")] if asked.only else list(PEERS)
    for name in asked.peers:
        if name not in PEERS:
            parser.error(f"`--only {name}`: there is no such peer; there are {', '.join(PEERS)}")
    asked.size = asked.size or (QUICK_MIB if asked.quick else FULL_MIB)
    asked.rounds = asked.rounds or (2 if asked.quick else 5)
    if asked.size < 1 or asked.rounds < 1:
        parser.error("`--size` and `--rounds` begin at 1")
    return asked


def commands(asked, binary, python):
    """How each program is run on a source, and where below its folder the rows are."""

    def mine(source, out):
        return [binary, "ingest", source, "--table", out, "--threads", "2"], out / "Flows"

    def theirs(name):
        script = environment.HERE / f"peer_{name}.py"
        return lambda source, out: ([python, script, source, out], out)

    return {report.MINE: mine} | {name: theirs(name) for name in asked.peers}


def settings():
    kept = {"PATH", "HOME", "TMPDIR", "LANG"}
    own = {"PYTHONDONTWRITEBYTECODE": "1"}
    return {name: value for name, value in os.environ.items() if name in kept} | own


def say(progress):
    """One line that is written over; nothing where nobody watches."""
    if sys.stderr.isatty():
        print(f"\r{progress:<60}\r", end="", file=sys.stderr, flush=True)


class Case:
    """One input, and what every program made of it."""

    def __init__(self, name, source, asked, programs, python):
        self.source, self.asked, self.programs, self.python = source, asked, programs, python
        size, files = environment.warm(source)
        self.told = {"name": name, "bytes": size, "files": files, "rows": None, "answer": None}
        self.told["programs"] = {name: {"runs": [], "trouble": None} for name in programs}

    def run(self):
        answers = {}
        for name in self.programs:
            say(f"{self.told['name']}: checking {name}")
            _, folder = self.once(name)
            if not self.trouble(name):
                answers[name] = self.answer(folder)
        self.judge(answers)
        for number in range(self.asked.rounds):
            for name in self.programs:
                if not self.trouble(name):
                    say(f"{self.told['name']}: round {number + 1} of {self.asked.rounds}, {name}")
                    self.timed_run(name)
        say("")
        return self.told

    def trouble(self, name):
        return self.told["programs"][name]["trouble"]

    def judge(self, answers):
        """The answer that most give is taken as right; between two, that of flowglass, which comes first."""
        if not answers:
            return
        right = max(answers.values(), key=list(answers.values()).count)
        self.told["answer"], self.told["rows"] = right, right["rows"]
        for name, answer in answers.items():
            wrong = [f"{key} {answer[key]} for {right[key]}" for key in right if answer[key] != right[key]]
            if wrong:
                more = f"; and {len(wrong) - 3} more" if len(wrong) > 3 else ""
                self.told["programs"][name]["trouble"] = (
                    f"differs from most, so not timed: {'; '.join(wrong[:3])}{more}"
                )

    def timed_run(self, name):
        cost, folder = self.once(name)
        if cost.failure:
            self.told["programs"][name]["runs"] = []
            return
        loaded = json.loads(cost.stdout.splitlines()[-1]) if name != report.MINE else {}
        self.told["programs"][name]["runs"].append(
            {
                "wall": cost.wall,
                "cpu": cost.cpu,
                "loading": loaded.get("loaded_at", cost.started_at) - cost.started_at,
                "loading_cpu": loaded.get("loaded_cpu", 0.0),
                "peak_bytes": cost.peak_bytes,
                "written": sum(file.stat().st_size for file in folder.rglob("*.parquet")),
            }
        )

    def once(self, name):
        out = environment.PLACE / "out"
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        # Nobody pays for what another has left to write.
        os.sync()
        command, folder = self.programs[name](self.source, out)
        cost = measure.run(list(map(str, command)), settings(), self.asked.memory * 1e9, self.asked.seconds)
        if cost.failure:
            self.told["programs"][name]["trouble"] = cost.failure
        return cost, folder

    def answer(self, folder):
        script = environment.HERE / "answer.py"
        run = subprocess.run([self.python, script, folder], capture_output=True, text=True, env=settings())
        if run.returncode != 0:
            why = (run.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise Trouble(f"DuckDB cannot read `{folder}`: {why}", "the files are still there: look at them")
        return json.loads(run.stdout)


def machine():
    cores = sorted(os.sched_getaffinity(0))
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.machine(),
        "cores": min(len(cores), 2),
        "cores_there": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9),
        "system": f"{platform.system()} {platform.release()}",
        "load": f"{os.getloadavg()[0]:.1f}",
    }


def busy():
    """A warning, where others are at work: who uses both cores waits for them, who uses one does not."""
    load = os.getloadavg()[0]
    if load < BUSY_LOAD:
        return []
    return [f"the machine was busy (load {load:.1f}): seconds favour programs that use one core; see CPU"]


def versions(python, binary, peers):
    mine = environment.version(binary) if binary else "of an unnamed build"
    site = next(python.parent.parent.glob("lib/python*/site-packages"))
    found = {item.name.lower(): item.version for item in metadata.distributions(path=[str(site)])}
    wanted = {*peers, "pyarrow"} if "orjson" in peers else set(peers)
    return {
        "flowglass": mine,
        **{name: found[name] for name in sorted(wanted)},
        "Python": platform.python_version(),
    }


def memory_free_gb():
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable")) / 1e6


def command(script):
    return shlex.join(["python3", f"bench/compare/{script}", *sys.argv[1:]])


def inputs(asked, size):
    if asked.input:
        return {asked.input.name: asked.input.resolve()}
    made = {"blob": environment.blob, "folder": environment.folder_of_blobs}
    return {name: made[name](size) for name in ([asked.case] if asked.case else CASES)}


def compare(asked):
    size = asked.size * environment.MEBIBYTE
    environment.check_space(environment.size_of(asked.input) if asked.input else size)
    binary = environment.flowglass(asked.flowglass)
    python = environment.python()
    sources = inputs(asked, size)
    asked.memory = asked.memory or memory_free_gb() * 3 / 4
    comparison = {
        "when": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "command": command("run.py"),
        "machine": machine(),
        "versions": versions(python, binary, asked.peers),
        "terms": [*([asked.note] if asked.note else []), *busy(), *TERMS],
    }
    # Inherited by every program that is compared.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    programs = commands(asked, binary, python)
    comparison["cases"] = [Case(name, sources[name], asked, programs, python).run() for name in sources]
    shutil.rmtree(environment.PLACE / "out", ignore_errors=True)
    return comparison


def keep(comparison, asked):
    folder = environment.ROOT / "bench" / "runs"
    if asked.runs or asked.quick:
        folder = Path(asked.runs or environment.PLACE / "runs")
    folder.mkdir(parents=True, exist_ok=True)
    of = f"{asked.size}-mib" + (f"-{asked.case}" if asked.case else "")
    name = f"{comparison['when'][:10]}-compare-{asked.input.stem if asked.input else of}"
    (folder / f"{name}.json").write_text(json.dumps(comparison, indent=1) + "\n")
    (folder / f"{name}.txt").write_text(report.text(comparison))
    return folder / f"{name}.txt"


def main():
    if platform.system() != "Linux":
        raise Trouble("this measures by way of /proc", "run it on Linux")
    asked = arguments()
    # As with Ctrl-C: what is running is ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(STOPPED))
    comparison = compare(asked)
    print(report.text(comparison), end="")
    print(f"\nkept in {keep(comparison, asked)}, and in JSON beside it")


if __name__ == "__main__":
    try:
        main()
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        sys.exit(FAILED)
    except KeyboardInterrupt:
        sys.exit(STOPPED)
