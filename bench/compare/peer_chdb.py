"""ClickHouse in the process (`chdb`): JSONEachRow, ARRAY JOIN by group and by tuple, splitByChar.

Tried (one blob of 266 MB, two cores, seconds of wall time and of processor):

    the array of records alone, as JSONEachRow     2.9   5.2   kept
    the whole blob, as one row of JSONEachRow      3.2   5.6   kept for folders, where each file is a row
    records as lines, for parallel parsing         3.0   5.7   parsing is 0.4 s: what is saved, cutting costs
    with row groups of 1,000,000 (the default)     5.4   9.5   too few of them to write on two cores
    with Bloom filters of all columns (default)    3.6   6.6   we write them for two columns
    extractGroups in place of splitByChar          reading takes 2.3 times the processor

Texts that a record or a group gives to its tuples are LowCardinality, so that each is handled once.
"""

import chdb
import peer

RECORD = (
    "time String, flowLogGUID String, macAddress String, flowLogResourceID String,"
    " targetResourceID String, flowRecords Tuple(flows Array(Tuple(aclID String,"
    " flowGroups Array(Tuple(rule String, flowTuples Array(String))))))"
)
RECORD_FIELDS = (
    "time",
    "flowLogGUID",
    "macAddress",
    "flowLogResourceID",
    "targetResourceID",
    "flowRecords",
)

SETTINGS = f"""
SETTINGS max_threads = {peer.THREADS}, max_insert_threads = {peer.THREADS}, use_hive_partitioning = 0,
  output_format_parquet_compression_method = 'zstd', output_format_compression_level = {peer.ZSTD_LEVEL},
  output_format_parquet_row_group_size = 250000, output_format_parquet_write_bloom_filter = 0,
  output_format_parquet_string_as_string = 1
"""

# One row per record; `bases` says how many tuples of the record lie before each group.
RECORDS = """
SELECT parseDateTime64BestEffort(time, 6, 'UTC') AS RecordTime,
  toLowCardinality(arrayStringConcat(extractAll(upper(macAddress), '..'), '-')) AS MacAddress,
  toLowCardinality(targetResourceID) AS TargetResourceId,
  toLowCardinality(flowLogResourceID) AS FlowLogResourceId,
  toLowCardinality(flowLogGUID) AS FlowLogGuid,
  SourceId,
  arrayFlatten(arrayMap(f -> arrayMap(g -> (f.aclID, g.rule, g.flowTuples), f.flowGroups),
    flowRecords.flows)) AS groups,
  arrayMap(g -> length(g.3), groups) AS lengths,
  arrayMap((end, length) -> end - length, arrayCumSum(lengths), lengths) AS bases
FROM ({source})
"""

GROUPS = f"""
SELECT RecordTime, MacAddress, TargetResourceId, FlowLogResourceId, FlowLogGuid, SourceId, base,
  toLowCardinality(g.1) AS AclIdLogged,
  toLowCardinality(g.2) AS AclRuleLogged,
  if(AclIdLogged = '{peer.NIL_GUID}', 'unspecified', lower(AclIdLogged)) AS AclGroup,
  multiIf(
    startsWith(g.2, 'UserRule_') OR startsWith(g.2, 'DefaultRule_'),
      lower(substring(g.2, position(g.2, '_') + 1)),
    g.2 IN ('UserRule', 'DefaultRule', ''), NULL,
    lower(g.2)) AS AclRule,
  multiIf(
    g.2 = 'UserRule' OR startsWith(g.2, 'UserRule_'), 'UserRule',
    g.2 = 'DefaultRule' OR startsWith(g.2, 'DefaultRule_'), 'DefaultRule',
    g.2 = 'PlatformRule', 'PlatformRule',
    g.2 = 'unspecified', 'Unspecified',
    g.2 = '', 'Unknown',
    'SecurityAdminRule') AS AclRuleKind,
  g.3 AS tuples
FROM ({RECORDS}) ARRAY JOIN groups AS g, bases AS base
"""

TUPLES = f"""
SELECT RecordTime, MacAddress, TargetResourceId, FlowLogResourceId, FlowLogGuid, SourceId, AclIdLogged,
  AclRuleLogged, AclGroup, AclRule, AclRuleKind, base + number - 1 AS place, splitByChar(',', t) AS s
FROM ({GROUPS}) ARRAY JOIN tuples AS t, arrayEnumerate(tuples) AS number
"""

PROTOCOLS = ", ".join(f"s[6] = '{number}', '{name}'" for number, name in peer.PROTOCOLS.items())

ROWS = f"""
SELECT fromUnixTimestamp64Micro(toInt64(s[1]) * 1000, 'UTC') AS TimeGenerated, RecordTime, MacAddress,
  s[2] AS SrcIp, s[3] AS DestIp, toInt32(s[4]) AS SrcPort, toInt32(s[5]) AS DestPort,
  multiIf({PROTOCOLS}, s[6]) AS L4Protocol,
  if(s[7] = 'I', 'Inbound', 'Outbound') AS FlowDirection, s[8] AS FlowState,
  if(s[8] = 'D', 'Denied', 'Allowed') AS FlowStatus, s[9] AS FlowEncryption,
  toInt64OrNull(s[10]) AS PacketsSrcToDest, toInt64OrNull(s[11]) AS BytesSrcToDest,
  toInt64OrNull(s[12]) AS PacketsDestToSrc, toInt64OrNull(s[13]) AS BytesDestToSrc,
  AclGroup, AclRule, AclRuleKind, AclIdLogged, AclRuleLogged, TargetResourceId, FlowLogResourceId,
  FlowLogGuid, 'vnet-4' AS LogFormat, SourceId, toInt32(place) AS TupleIndex
FROM ({TUPLES})
"""


def quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def one_blob(path):
    name = peer.records_in_memory(path)
    return (
        f"SELECT *, toInt64({peer.source_id(path)}) AS SourceId"
        f" FROM file({quoted(name)}, 'JSONEachRow', {quoted(RECORD)})"
    )


def many_blobs(folder):
    fields = ", ".join(f"record.{field} AS {field}" for field in RECORD_FIELDS)
    every = quoted(f"{folder}/**/*.json")
    structure = quoted(f"records Array(Tuple({RECORD}))")
    return (
        f"SELECT {fields}, reinterpretAsInt64(cityHash64(_path)) AS SourceId"
        f" FROM file({every}, 'JSONEachRow', {structure}) ARRAY JOIN records AS record"
    )


def ingest(path, out):
    source = many_blobs(path) if peer.is_folder(path) else one_blob(path)
    connection = chdb.connect(":memory:")
    target = quoted(out + "/FlowDate={_partition_id}/data.parquet")
    rows = ROWS.replace("{source}", source)
    connection.query(
        f"INSERT INTO FUNCTION file({target}, 'Parquet') PARTITION BY toDate(TimeGenerated) {rows} {SETTINGS}"
    )


if __name__ == "__main__":
    peer.run(ingest)
