"""Polars: read_json with a schema, explode by group and by tuple, str.split_exact.

Tried (one blob of 266 MB, two cores, seconds of wall time and of processor, without loading the library):

    two arrays of records, a thread each               2.5    4.4   kept
    one array of records                               2.7    4.4
    records as lines (read_ndjson)                     3.0    4.8   twice the processor for many small records
    the whole blob (read_json)                         a tenth slower than one array
    texts of records and groups as String              4.7    7.3   Categorical is kept: encoded once
    tuples joined to one text, and read_csv            a fifth slower than split_exact
    sink_parquet in place of collect and write         2.8    4.8
    sink_parquet with PartitionBy                      3.5    5.6   a filter for each day is kept
"""

import os
from concurrent.futures import ThreadPoolExecutor

import peer

os.environ["POLARS_MAX_THREADS"] = str(peer.THREADS)

import polars as pl  # noqa: E402  (it reads the variable when it is imported)

GROUP = pl.Struct({"rule": pl.String, "flowTuples": pl.List(pl.String)})
FLOW = pl.Struct({"aclID": pl.String, "flowGroups": pl.List(GROUP)})
RECORD = {
    "SourceId": pl.Int64,
    "time": pl.String,
    "flowLogGUID": pl.String,
    "macAddress": pl.String,
    "flowLogResourceID": pl.String,
    "targetResourceID": pl.String,
    "flowRecords": pl.Struct({"flows": pl.List(FLOW)}),
}
FIELDS = [f"f{number}" for number in range(1, 14)]


def rule_starts(kind):
    rule = pl.col("rule")
    return (rule == kind) | rule.str.starts_with(kind + "_")


def groups(records):
    """One row per group of tuples; `base` says how many tuples lie before its record."""
    rule = pl.col("rule")
    length = pl.col("flowTuples").list.len().cast(pl.Int64)
    texts = {
        "MacAddress": pl.col("macAddress").str.to_uppercase().str.extract_all("..").list.join("-"),
        "AclGroup": pl.when(pl.col("aclID") == peer.NIL_GUID)
        .then(pl.lit("unspecified"))
        .otherwise(pl.col("aclID").str.to_lowercase()),
        "AclRule": pl.when(rule.str.starts_with("UserRule_") | rule.str.starts_with("DefaultRule_"))
        .then(rule.str.replace("^[^_]*_", "").str.to_lowercase())
        .when(rule.is_in(["UserRule", "DefaultRule", ""]))
        .then(None)
        .otherwise(rule.str.to_lowercase()),
        "AclRuleKind": pl.when(rule_starts("UserRule"))
        .then(pl.lit("UserRule"))
        .when(rule_starts("DefaultRule"))
        .then(pl.lit("DefaultRule"))
        .when(rule == "PlatformRule")
        .then(pl.lit("PlatformRule"))
        .when(rule == "unspecified")
        .then(pl.lit("Unspecified"))
        .when(rule == "")
        .then(pl.lit("Unknown"))
        .otherwise(pl.lit("SecurityAdminRule")),
        "AclIdLogged": pl.col("aclID"),
        "AclRuleLogged": rule,
        "TargetResourceId": pl.col("targetResourceID"),
        "FlowLogResourceId": pl.col("flowLogResourceID"),
        "FlowLogGuid": pl.col("flowLogGUID"),
    }
    return (
        records.with_row_index("record")
        .unnest("flowRecords")
        .explode("flows")
        .unnest("flows")
        .explode("flowGroups")
        .unnest("flowGroups")
        .with_columns((length.cum_sum() - length).alias("before"))
        .select(
            pl.col("time")
            .str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us", time_zone="UTC")
            .alias("RecordTime"),
            *(text.cast(pl.Categorical).alias(name) for name, text in texts.items()),
            "SourceId",
            "flowTuples",
            pl.col("before").first().over("record").alias("base"),
        )
    )


def rows(records):
    """One row per tuple."""
    row = pl.int_range(pl.len(), dtype=pl.Int64)
    tuples = (
        groups(records)
        .explode("flowTuples")
        .with_columns((row - pl.col("base")).cast(pl.Int32).alias("TupleIndex"))
        .with_columns(pl.col("flowTuples").str.split_exact(",", 12).struct.rename_fields(FIELDS))
        .unnest("flowTuples")
    )
    state = pl.col("f8")
    return tuples.select(
        (pl.col("f1").cast(pl.Int64) * 1000).cast(pl.Datetime("us", "UTC")).alias("TimeGenerated"),
        "RecordTime",
        "MacAddress",
        pl.col("f2").alias("SrcIp"),
        pl.col("f3").alias("DestIp"),
        pl.col("f4").cast(pl.Int32).alias("SrcPort"),
        pl.col("f5").cast(pl.Int32).alias("DestPort"),
        pl.col("f6").replace(peer.PROTOCOLS).alias("L4Protocol"),
        pl.when(pl.col("f7") == "I")
        .then(pl.lit("Inbound"))
        .otherwise(pl.lit("Outbound"))
        .alias("FlowDirection"),
        state.alias("FlowState"),
        pl.when(state == "D").then(pl.lit("Denied")).otherwise(pl.lit("Allowed")).alias("FlowStatus"),
        pl.col("f9").alias("FlowEncryption"),
        # Empty is no number, and so null.
        pl.col("f10").cast(pl.Int64, strict=False).alias("PacketsSrcToDest"),
        pl.col("f11").cast(pl.Int64, strict=False).alias("BytesSrcToDest"),
        pl.col("f12").cast(pl.Int64, strict=False).alias("PacketsDestToSrc"),
        pl.col("f13").cast(pl.Int64, strict=False).alias("BytesDestToSrc"),
        "AclGroup",
        "AclRule",
        "AclRuleKind",
        "AclIdLogged",
        "AclRuleLogged",
        "TargetResourceId",
        "FlowLogResourceId",
        "FlowLogGuid",
        pl.lit("vnet-4").alias("LogFormat"),
        "SourceId",
        "TupleIndex",
    )


def read_records(path):
    if peer.is_folder(path):
        paths = peer.blobs(path)
        middle = len(paths) // 2
        arrays = [peer.array(paths[:middle]), peer.array(paths[middle:])]
        schema, extra = RECORD, {}
    else:
        arrays = [peer.part(path, *place) for place in peer.cuts(path, peer.THREADS)]
        schema = {name: kind for name, kind in RECORD.items() if name != "SourceId"}
        extra = {"SourceId": pl.lit(peer.source_id(path), dtype=pl.Int64)}
    with ThreadPoolExecutor(peer.THREADS) as pool:
        frames = list(pool.map(lambda array: pl.read_json(bytes(array), schema=schema), arrays))
    return pl.concat(frames).with_columns(**extra)


def ingest(path, out):
    table = rows(read_records(path).lazy()).collect()
    day = pl.col("TimeGenerated").dt.date()
    for (date,) in table.select(day.unique()).rows():
        folder = f"{out}/FlowDate={date}"
        os.makedirs(folder)
        table.filter(day == date).write_parquet(
            f"{folder}/data.parquet", compression="zstd", compression_level=peer.ZSTD_LEVEL
        )


if __name__ == "__main__":
    peer.run(ingest)
