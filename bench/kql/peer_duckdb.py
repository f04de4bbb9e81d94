"""DuckDB over the same Parquet files: a line of JSON in (`{"sql"}`), a line out (`{"seconds", "rows"}`)."""

import datetime
import json
import sys
import time

import duckdb

pattern, threads = sys.argv[1], int(sys.argv[2])
database = duckdb.connect()
database.execute(f"SET threads = {threads}; SET TimeZone = 'UTC'; SET enable_progress_bar = false")
database.execute(f"CREATE VIEW Flows AS SELECT * FROM read_parquet('{pattern}', hive_partitioning = true)")


def cell(value):
    if isinstance(value, datetime.datetime):
        text = value.astimezone(datetime.timezone.utc).replace(tzinfo=None).isoformat()
        return text.rstrip("0").rstrip(".") + "Z" if "." in text else text + "Z"
    return value


for line in sys.stdin:
    begun = time.perf_counter()
    rows = database.execute(json.loads(line)["sql"]).fetchall()
    seconds = time.perf_counter() - begun
    print(json.dumps({"seconds": seconds, "rows": [[cell(value) for value in row] for row in rows]}), flush=True)
