"""Writes the rows of a table's files anew with another program, and says how large each column is.

Run as `python layout_peer.py WAY OUT` with the files as JSON on standard input, `{day: [path, ...]}`; prints
one line of JSON. `ours` writes nothing and measures the files themselves.
"""

import json
import os
import sys

# Spilled to disk beyond this: sorting 20 million rows of 31 columns needs more than many machines have.
MEMORY = "6GB"
# Ways of DuckDB: an order, and what else is asked for.
DUCKDB = {
    "duckdb": ("", ""),
    "duckdb as logged": ("SourceId, RecordOffset, TupleIndex", ""),
    "duckdb by time": ("TimeGenerated", ""),
    "duckdb by interface, time": ("MacAddress, TimeGenerated", ""),
    "duckdb by addresses": ("MacAddress, SrcIp, DestIp, DestPort, TimeGenerated", ""),
    "duckdb v2": ("", ", PARQUET_VERSION V2"),
    "duckdb v2 by interface, time": ("MacAddress, TimeGenerated", ", PARQUET_VERSION V2"),
    "duckdb v2 by addresses": ("MacAddress, SrcIp, DestIp, DestPort, TimeGenerated", ", PARQUET_VERSION V2"),
}


def by_duckdb(order, more):
    import duckdb

    connection = duckdb.connect()
    connection.execute(
        f"SET threads = 2; SET memory_limit = '{MEMORY}'; SET temp_directory = '{sys.argv[2]}/spill'"
    )

    def write(paths, out):
        listed = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
        sort = f"ORDER BY {order}" if order else ""
        connection.execute(
            f"COPY (SELECT * FROM read_parquet([{listed}], hive_partitioning = false) {sort})"
            f" TO '{out}' (FORMAT parquet, COMPRESSION zstd{more})"
        )

    return write


def by_polars():
    import polars

    def write(paths, out):
        polars.scan_parquet(paths, hive_partitioning=False).sink_parquet(out, compression="zstd")

    return write


def by_chdb():
    import chdb

    connection = chdb.connect(":memory:")

    def write(paths, out):
        # One after another keeps the order of the rows.
        every = " UNION ALL ".join(f"SELECT * FROM file('{path}', 'Parquet')" for path in paths)
        connection.query(
            f"INSERT INTO FUNCTION file('{out}', 'Parquet') SELECT * FROM ({every})"
            " SETTINGS max_threads = 1, use_hive_partitioning = 0,"
            " output_format_parquet_compression_method = 'zstd', output_format_parquet_string_as_string = 1"
        )

    return write


def sizes(paths):
    from pyarrow import parquet

    columns, rows, held = {}, 0, 0
    for path in paths:
        told = parquet.read_metadata(path)
        rows += told.num_rows
        held += os.path.getsize(path)
        for group in range(told.num_row_groups):
            for number in range(told.num_columns):
                column = told.row_group(group).column(number)
                name = column.path_in_schema
                columns[name] = columns.get(name, 0) + column.total_compressed_size
    return {"rows": rows, "bytes": held, "columns": columns}


def main(way, out):
    days = json.load(sys.stdin)
    if way == "ours":
        print(json.dumps(sizes([path for paths in days.values() for path in paths])))
        return
    if way in DUCKDB:
        write = by_duckdb(*DUCKDB[way])
    else:
        write = {"polars": by_polars, "chdb": by_chdb}[way]()
    written = []
    for day, paths in days.items():
        written.append(f"{out}/{day}.parquet")
        write(paths, written[-1])
    print(json.dumps(sizes(written)))


if __name__ == "__main__":
    main(*sys.argv[1:3])
