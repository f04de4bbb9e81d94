"""A Python script of the careful kind: `orjson` for the JSON, `pyarrow` for everything after it.

Tried (one blob of 266 MB, two cores, seconds of wall time and of processor):

    two processes, pieces of 8 MiB, tuples by pyarrow.csv    3.0    5.5   kept
    two processes, half of the blob each                     3.5    8.6   half is the kernel's, for memory
    one process, pyarrow.csv on two threads                  4.8    5.9   3.7 if two files are written at once
    one process, str.split and a list per column            15     16     by its figure for 67 MB: 3.7
"""

import gc
import multiprocessing
import os
from itertools import accumulate, chain, repeat

import orjson
import peer
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

TEXT = pa.dictionary(pa.int32(), pa.string())
# The thirteen fields of a tuple, by name of the column that they become or are made into.
FIELDS = {
    "TimeGenerated": pa.int64(),
    "SrcIp": TEXT,
    "DestIp": TEXT,
    "SrcPort": pa.int32(),
    "DestPort": pa.int32(),
    "L4Protocol": TEXT,
    "FlowDirection": TEXT,
    "FlowState": TEXT,
    "FlowEncryption": TEXT,
    "PacketsSrcToDest": pa.int64(),
    "BytesSrcToDest": pa.int64(),
    "PacketsDestToSrc": pa.int64(),
    "BytesDestToSrc": pa.int64(),
}
# One row group: as many rows as ours has.
ROWS_AT_ONCE = 256 * 1024
# Of one blob, parsed at once.
PIECE_BYTES = 8 << 20
ORDER = (
    "TimeGenerated RecordTime MacAddress SrcIp DestIp SrcPort DestPort L4Protocol FlowDirection FlowState"
    " FlowStatus FlowEncryption PacketsSrcToDest BytesSrcToDest PacketsDestToSrc BytesDestToSrc AclGroup"
    " AclRule AclRuleKind AclIdLogged AclRuleLogged TargetResourceId FlowLogResourceId FlowLogGuid"
    " LogFormat SourceId TupleIndex"
).split()


def rule_name(rule):
    head, mark, tail = rule.partition("_")
    if head in ("UserRule", "DefaultRule"):
        return tail.lower() if mark else None
    return rule.lower() or None


def rule_kind(rule):
    head = rule.partition("_")[0]
    if head in ("UserRule", "DefaultRule"):
        return head
    known = {"PlatformRule": "PlatformRule", "unspecified": "Unspecified", "": "Unknown"}
    return known.get(rule, "SecurityAdminRule")


def mac_address(logged):
    digits = logged.upper()
    return "-".join(digits[at : at + 2] for at in range(0, 12, 2))


def acl_group(logged):
    return "unspecified" if logged == peer.NIL_GUID else logged.lower()


class Groups:
    """What each group of tuples has in common, one entry per group."""

    def __init__(self):
        self.tuples, self.bases = [], []
        self.records, self.acl, self.rules = [], [], []
        self.rows = 0

    def add(self, records, source):
        for record in records:
            base = 0
            context = (record, source)
            for flow in record["flowRecords"]["flows"]:
                for group in flow["flowGroups"]:
                    tuples = group["flowTuples"]
                    self.tuples.append(tuples)
                    self.bases.append(base)
                    base += len(tuples)
                    self.rows += len(tuples)
                    self.records.append(context)
                    self.acl.append(flow["aclID"])
                    self.rules.append(group["rule"])

    def of_record(self, key):
        return [record[key] for record, _ in self.records]


def split_tuples(groups):
    """The tuples' fields by Arrow's CSV reader, which is native and keeps empty apart from 0."""
    text = "\n".join(chain.from_iterable(groups.tuples)).encode()
    return pa.csv.read_csv(
        pa.BufferReader(text),
        pa.csv.ReadOptions(column_names=list(FIELDS), block_size=8 << 20),
        pa.csv.ParseOptions(quote_char=False),
        pa.csv.ConvertOptions(column_types=FIELDS, null_values=[""]),
    )


def meant(column, translate):
    """A dictionary column with other words for its few values."""
    chunks = []
    for chunk in column.chunks:
        words = [translate(word) for word in chunk.dictionary.to_pylist()]
        chunks.append(pa.DictionaryArray.from_arrays(chunk.indices, pa.array(words, pa.string())))
    return pa.chunked_array(chunks, TEXT)


def columns(groups):
    lengths = [len(tuples) for tuples in groups.tuples]
    ends = list(accumulate(lengths))
    total = ends[-1]
    # Which group each row is of.
    spans = pa.LargeListArray.from_arrays(pa.array([0, *ends], pa.int64()), pa.nulls(total))
    group = pc.list_parent_indices(spans).cast(pa.int32())

    def spread(values):
        encoded = pa.array(values, pa.string()).dictionary_encode()
        return pa.DictionaryArray.from_arrays(encoded.indices.take(group), encoded.dictionary)

    def spread_meant(values, translate):
        known = {value: translate(value) for value in set(values)}
        return spread([known[value] for value in values])

    table = split_tuples(groups)
    made = {name: table[name] for name in FIELDS}
    made["TimeGenerated"] = pc.multiply(made["TimeGenerated"], 1000).cast(pa.timestamp("us", "UTC"))
    made["L4Protocol"] = meant(table["L4Protocol"], lambda word: peer.PROTOCOLS.get(word, word))
    made["FlowDirection"] = meant(
        table["FlowDirection"], lambda word: "Inbound" if word == "I" else "Outbound"
    )
    made["FlowStatus"] = meant(table["FlowState"], lambda word: "Denied" if word == "D" else "Allowed")
    # Azure writes seven digits of a second; a timestamp has six.
    times = pa.array([time[:26] + "Z" for time in groups.of_record("time")])
    made["RecordTime"] = times.cast(pa.timestamp("us", "UTC")).take(group)
    made["MacAddress"] = spread_meant(groups.of_record("macAddress"), mac_address)
    made["AclGroup"] = spread_meant(groups.acl, acl_group)
    made["AclRule"] = spread_meant(groups.rules, rule_name)
    made["AclRuleKind"] = spread_meant(groups.rules, rule_kind)
    made["AclIdLogged"] = spread(groups.acl)
    made["AclRuleLogged"] = spread(groups.rules)
    made["TargetResourceId"] = spread(groups.of_record("targetResourceID"))
    made["FlowLogResourceId"] = spread(groups.of_record("flowLogResourceID"))
    made["FlowLogGuid"] = spread(groups.of_record("flowLogGUID"))
    made["LogFormat"] = spread(repeat("vnet-4", len(lengths)))
    made["SourceId"] = pa.array([source for _, source in groups.records], pa.int64()).take(group)
    # Row number, less the number of the first row of the record.
    firsts = pa.array([end - length - base for end, length, base in zip(ends, lengths, groups.bases)])
    numbers = pc.subtract(pc.cumulative_sum(pa.repeat(pa.scalar(1, pa.int64()), total)), 1)
    made["TupleIndex"] = pc.subtract(numbers, firsts.take(group)).cast(pa.int32())
    return pa.table({name: made[name] for name in ORDER})


class Writer:
    """One file per day."""

    def __init__(self, out, name):
        self.out, self.name, self.files = out, name, {}

    def write(self, table):
        days = pc.floor_temporal(table["TimeGenerated"], unit="day").cast(pa.date32())
        for day in days.unique():
            rows = table.filter(pc.equal(days, day))
            self.file(day, rows.schema).write_table(rows)

    def file(self, day, schema):
        if day not in self.files:
            folder = f"{self.out}/FlowDate={day}"
            os.makedirs(folder, exist_ok=True)
            self.files[day] = pa.parquet.ParquetWriter(
                f"{folder}/{self.name}.parquet",
                schema,
                compression="zstd",
                compression_level=peer.ZSTD_LEVEL,
                store_schema=False,
            )
        return self.files[day]

    def close(self):
        for file in self.files.values():
            file.close()


def one_core(task):
    """Half of the work: some blobs, or some parts of one."""
    number, out, pieces = task
    # Nothing here goes round in circles, and looking for what does costs a third of the time.
    gc.disable()
    # Two processes, and two cores.
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    writer = Writer(out, f"part-{number}")
    groups = Groups()
    for path, place in pieces:
        records = orjson.loads(peer.part(path, *(place or peer.body(path))))
        groups.add(records, peer.source_id(path))
        if groups.rows >= ROWS_AT_ONCE:
            writer.write(columns(groups))
            groups = Groups()
    if groups.rows > 0:
        writer.write(columns(groups))
    writer.close()


def ingest(path, out):
    if peer.is_folder(path):
        pieces = [(blob, None) for blob in peer.blobs(path)]
    else:
        count = max(os.path.getsize(path) // PIECE_BYTES, peer.THREADS)
        pieces = [(path, place) for place in peer.cuts(path, count)]
    tasks = [(number, out, pieces[number :: peer.THREADS]) for number in range(peer.THREADS)]
    with multiprocessing.get_context("fork").Pool(peer.THREADS) as pool:
        pool.map(one_core, tasks, chunksize=1)


if __name__ == "__main__":
    peer.run(ingest)
