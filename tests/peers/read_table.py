"""Other readers of the table: deltalake, Polars and DuckDB must see what Flowglass says is there.

Run by `cargo xtask test --peers` as `python read_table.py FLOWGLASS`; see xtask/src/peers.rs.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import polars
from deltalake import DeltaTable

COUNTERS = ["PacketsSrcToDest", "BytesSrcToDest", "PacketsDestToSrc", "BytesDestToSrc"]
# So many that there is something to compact.
COMMITS = 8
passed = failed = 0


def check(name, got, wanted):
    global passed, failed
    if got == wanted:
        passed += 1
        print(f"ok: {name}")
    else:
        failed += 1
        print(f"FAILED: {name}: got {str(got)[:400]}, wanted {str(wanted)[:400]}")


def flowglass(*arguments):
    run = subprocess.run([sys.argv[1], *arguments], capture_output=True, text=True, check=True)
    return run.stdout


def ask(table, sql):
    return json.loads(flowglass("query", "--table", str(table), "--format", "json", "--sql", sql))


def readers_agree(table, state):
    """Every reader sees what Flowglass says is in the table. `state` is what was done to it last."""

    def agree(name, got, wanted):
        check(f"{state}: {name}", got, wanted)

    sums = ", ".join(f"sum({name}) AS {name}" for name in COUNTERS)
    wanted = ask(table, f"SELECT count(*) AS n, {sums} FROM Flows")[0]
    by_rule = ask(table, "SELECT AclRuleLogged AS r, FlowStatus AS s, count(*) AS n FROM Flows GROUP BY 1, 2")
    by_rule = sorted((row["r"] or "", row["s"], row["n"]) for row in by_rule)

    delta = DeltaTable(str(table / "Flows"))
    arrow = delta.to_pyarrow_table()
    agree("deltalake: rows", arrow.num_rows, wanted["n"])
    for name in COUNTERS:
        agree(f"deltalake: {name}", sum(value for value in arrow[name].to_pylist() if value is not None), wanted[name])
    agree("deltalake: properties", delta.metadata().configuration.get("flowglass.format"), "2")

    frame = polars.read_delta(str(table / "Flows"))
    agree("polars: rows", frame.height, wanted["n"])
    for name in COUNTERS:
        agree(f"polars: {name}", frame[name].sum(), wanted[name])
    grouped = frame.group_by("AclRuleLogged", "FlowStatus").len().rows()
    agree("polars: rows by rule and decision", sorted((r or "", s, n) for r, s, n in grouped), by_rule)

    files = delta.file_uris()
    duck = duckdb.connect()
    listed = "[" + ", ".join("'" + path.removeprefix("file://") + "'" for path in files) + "]"
    source = f"read_parquet({listed}, hive_partitioning = true)"
    row = duck.sql(f"SELECT count(*), {', '.join(f'sum({name})' for name in COUNTERS)} FROM {source}").fetchall()[0]
    agree("duckdb: rows and sums", [int(value) for value in row], [wanted["n"], *(wanted[name] for name in COUNTERS)])
    rows = duck.sql(f"SELECT AclRuleLogged, FlowStatus, count(*) FROM {source} GROUP BY 1, 2").fetchall()
    agree("duckdb: rows by rule and decision", sorted((r or "", s, n) for r, s, n in rows), by_rule)

    # The times must be the same instants everywhere.
    first = ask(table, "SELECT min(TimeGenerated) AS t FROM Flows")[0]["t"]
    agree("polars: earliest time", frame["TimeGenerated"].min().isoformat(timespec="milliseconds")[:23], first[:23])
    # Bounds in the log must hold: pruning by other readers rests on them.
    one = ask(table, "SELECT SrcIp AS ip, count(*) AS n FROM Flows GROUP BY SrcIp ORDER BY n DESC, ip LIMIT 1")[0]
    pruned = polars.scan_delta(str(table / "Flows")).filter(polars.col("SrcIp") == one["ip"]).collect().height
    agree("polars: rows of one address, with pruning", pruned, one["n"])
    pruned = delta.to_pyarrow_dataset().to_table(filter=None).num_rows
    agree("deltalake: dataset rows", pruned, wanted["n"])

    log = DeltaTable(str(table / "IngestLog")).to_pyarrow_table()
    agree("deltalake: IngestLog adds up", sum(log["TuplesStored"].to_pylist()), wanted["n"])
    return wanted, len(files)


def main(folder):
    # Two worlds in one table: several commits, several days, two formats of log.
    for seed in (1, 2):
        flowglass("demo", "--seed", str(seed), "--size", "tiny", "--dir", str(folder / "demo"))
    table = folder / "table"
    blobs = sorted(str(path) for path in folder.glob("demo/*/blobs/**/*.json"))
    for part in range(COMMITS):
        flowglass("ingest", *blobs[part::COMMITS], "--table", str(table))
    before = readers_agree(table, "ingested")

    flowglass("table", "compact", "--table", str(table))
    compacted = readers_agree(table, "compacted")
    check("compacted: the rows of before, in fewer files", (compacted[0], compacted[1] < before[1]), (before[0], True))

    # From the checkpoint on: what came before it is gone.
    flowglass("table", "checkpoint", "--table", str(table))
    for name in ("Flows", "IngestLog"):
        entries = sorted((table / name / "_delta_log").glob("*.json"))
        for entry in entries[:-1]:
            entry.unlink()
    check("from a checkpoint: the rows of before", readers_agree(table, "from a checkpoint")[0], before[0])


with tempfile.TemporaryDirectory() as folder:
    main(Path(folder))
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
