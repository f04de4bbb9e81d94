"""DuckDB: read_json with explicit columns, unnest by group and by tuple, string_split.

Tried (one blob of 266 MB, two cores, seconds of wall time and of processor):

    records as lines, days first, one COPY a day       3.8    6.7   kept
    records as one array (read by one core)            6.4    6.2
    the whole blob, as one object                     14     14     by its figure for 67 MB: 3.6
    2,500 blobs by a pattern, each a line             10.8   19.4   3.5 and 5.9 as lines in one file
    COPY .. PARTITION_BY                              11.6   19.7
    into a table in memory, then one COPY a day        5.9   10.9
    split_part, 13 times, in place of string_split     1.3 times, regexp_extract into a struct 1.7 times
    PARQUET_VERSION V1 (the default)                   4.7    8.2   and a quarter larger
    preserve_insertion_order (the default)            13.1   17.4

ENUMs for what has few values change nothing. Days are found by reading the JSON once more, which takes
a second: less than PARTITION_BY costs.
"""

import os

import duckdb
import peer

FLOWS = 'STRUCT(flows STRUCT("aclID" VARCHAR, "flowGroups" STRUCT(rule VARCHAR, "flowTuples" VARCHAR[])[])[])'
RECORD = {
    "SourceId": "BIGINT",
    "time": "VARCHAR",
    "flowLogGUID": "VARCHAR",
    "macAddress": "VARCHAR",
    "flowLogResourceID": "VARCHAR",
    "targetResourceID": "VARCHAR",
    "flowRecords": FLOWS,
}

GROUPS = "list_transform(flowRecords.flows, lambda f: list_transform(f.flowGroups, lambda g: {group}))"

DAYS = f"""
SELECT DISTINCT make_timestamp(left(t, 13)::BIGINT * 1000)::DATE AS day
FROM (SELECT unnest(flatten(flatten({GROUPS.format(group="g.flowTuples")}))) AS t FROM {{source}})
ORDER BY day
"""

PROTOCOLS = " ".join(f"WHEN '{number}' THEN '{name}'" for number, name in peer.PROTOCOLS.items())

# `base`: how many tuples of the record lie before the group.
ROWS = f"""
WITH records AS (
  SELECT "time"::TIMESTAMPTZ AS RecordTime, upper(macAddress) AS m, targetResourceID AS TargetResourceId,
    flowLogResourceID AS FlowLogResourceId, flowLogGUID AS FlowLogGuid, SourceId,
    flatten({GROUPS.format(group="{'acl': f.aclID, 'rule': g.rule, 'tuples': g.flowTuples}")}) AS groups
  FROM {{source}}),
numbered AS (
  SELECT * EXCLUDE (groups), unnest(groups) AS g, unnest(list_transform(range(len(groups)),
    lambda i: coalesce(list_sum(list_transform(groups[1:i], lambda x: len(x.tuples))), 0)::INTEGER)) AS base
  FROM records),
named AS (
  SELECT RecordTime, concat_ws('-', m[1:2], m[3:4], m[5:6], m[7:8], m[9:10], m[11:12]) AS MacAddress,
    CASE g.acl WHEN '{peer.NIL_GUID}' THEN 'unspecified' ELSE lower(g.acl) END AS AclGroup,
    CASE WHEN starts_with(g.rule, 'UserRule_') OR starts_with(g.rule, 'DefaultRule_')
        THEN lower(g.rule[strpos(g.rule, '_') + 1:])
      WHEN g.rule IN ('UserRule', 'DefaultRule', '') THEN NULL
      ELSE lower(g.rule) END AS AclRule,
    CASE WHEN g.rule = 'UserRule' OR starts_with(g.rule, 'UserRule_') THEN 'UserRule'
      WHEN g.rule = 'DefaultRule' OR starts_with(g.rule, 'DefaultRule_') THEN 'DefaultRule'
      WHEN g.rule = 'PlatformRule' THEN 'PlatformRule'
      WHEN g.rule = 'unspecified' THEN 'Unspecified'
      WHEN g.rule = '' THEN 'Unknown'
      ELSE 'SecurityAdminRule' END AS AclRuleKind,
    g.acl AS AclIdLogged, g.rule AS AclRuleLogged, TargetResourceId, FlowLogResourceId, FlowLogGuid,
    SourceId, g.tuples AS tuples, base
  FROM numbered),
tuples AS (
  SELECT * EXCLUDE (tuples, base), unnest(tuples) AS t,
    unnest(range(base, base + len(tuples)))::INTEGER AS TupleIndex
  FROM named),
split AS (SELECT * EXCLUDE (t), string_split(t, ',') AS s FROM tuples)
SELECT make_timestamptz(s[1]::BIGINT * 1000) AS TimeGenerated, RecordTime, MacAddress,
  s[2] AS SrcIp, s[3] AS DestIp, s[4]::INTEGER AS SrcPort, s[5]::INTEGER AS DestPort,
  CASE s[6] {PROTOCOLS} ELSE s[6] END AS L4Protocol,
  CASE s[7] WHEN 'I' THEN 'Inbound' ELSE 'Outbound' END AS FlowDirection, s[8] AS FlowState,
  CASE s[8] WHEN 'D' THEN 'Denied' ELSE 'Allowed' END AS FlowStatus, s[9] AS FlowEncryption,
  nullif(s[10], '')::BIGINT AS PacketsSrcToDest, nullif(s[11], '')::BIGINT AS BytesSrcToDest,
  nullif(s[12], '')::BIGINT AS PacketsDestToSrc, nullif(s[13], '')::BIGINT AS BytesDestToSrc,
  AclGroup, AclRule, AclRuleKind, AclIdLogged, AclRuleLogged, TargetResourceId, FlowLogResourceId,
  FlowLogGuid, 'vnet-4' AS LogFormat, SourceId, TupleIndex
FROM split
"""


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def columns(types):
    return "{" + ", ".join(f"{quoted(name)}: {quoted(kind)}" for name, kind in types.items()) + "}"


def records(path):
    name = peer.lines_in_memory(peer.blobs(path))
    return f"read_json({quoted(name)}, format = 'newline_delimited', columns = {columns(RECORD)})"


def ingest(path, out):
    source = records(path)
    connection = duckdb.connect()
    connection.execute(f"SET threads = {peer.THREADS}")
    connection.execute("SET preserve_insertion_order = false")
    connection.execute("SET TimeZone = 'UTC'")
    rows = ROWS.replace("{source}", source)
    for (day,) in connection.execute(DAYS.replace("{source}", source)).fetchall():
        folder = f"{out}/FlowDate={day}"
        os.makedirs(folder)
        connection.execute(
            f"COPY (FROM ({rows}) WHERE TimeGenerated::DATE = '{day}') TO {quoted(folder + '/data.parquet')}"
            f" (FORMAT parquet, PARQUET_VERSION V2, COMPRESSION zstd, COMPRESSION_LEVEL {peer.ZSTD_LEVEL})"
        )


if __name__ == "__main__":
    peer.run(ingest)
