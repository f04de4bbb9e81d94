"""What a program's output holds, by DuckDB: run as `python answer.py FOLDER`, prints one line of JSON.

Programs that give different answers did different work, and are not compared.
"""

import json
import sys

import duckdb

COUNTERS = ("PacketsSrcToDest", "BytesSrcToDest", "PacketsDestToSrc", "BytesDestToSrc")
TIMES = ("TimeGenerated", "RecordTime")
INTEGERS = ("SrcPort", "DestPort", *COUNTERS, "TupleIndex")
TEXTS = (
    "MacAddress SrcIp DestIp L4Protocol FlowDirection FlowState FlowStatus FlowEncryption AclGroup AclRule"
    " AclRuleKind AclIdLogged AclRuleLogged TargetResourceId FlowLogResourceId FlowLogGuid LogFormat"
).split()


def values():
    """Each column as a value that compares, whatever type it was written in."""
    made = {name: f"epoch_us({name})" for name in TIMES}
    made |= {name: f"{name}::BIGINT" for name in INTEGERS}
    return made | {name: f"{name}::VARCHAR" for name in TEXTS}


def questions():
    asked = {
        "rows": "count(*)",
        "denied": "count(*) FILTER (FlowStatus = 'Denied')",
        "earliest": "min(epoch_us(TimeGenerated))",
        "latest": "max(epoch_us(TimeGenerated))",
        "source addresses": "count(DISTINCT SrcIp)",
        "destination addresses": "count(DISTINCT DestIp)",
        "sources": "count(DISTINCT SourceId)",
        "rows in a wrong day": "count(*) FILTER (FlowDate::DATE <> epoch_ms(epoch_ms(TimeGenerated))::DATE)",
    }
    for name in COUNTERS:
        asked[f"sum of {name}"] = f"sum({name})::VARCHAR"
        asked[f"{name} reported"] = f"count({name})"
    # The same values on whatever rows, then the same rows in whatever order.
    for name, value in values().items():
        asked[f"values of {name}"] = f"sum(hash({value}))::VARCHAR"
    asked["rows, all columns together"] = f"sum(hash({', '.join(values().values())}))::VARCHAR"
    return asked


def main(folder):
    asked = questions()
    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    connection.execute("SET TimeZone = 'UTC'")
    files = f"{folder}/FlowDate=*/*.parquet".replace("'", "''")
    row = connection.execute(
        f"SELECT {', '.join(asked.values())} FROM read_parquet('{files}', hive_partitioning = true)"
    ).fetchone()
    print(json.dumps(dict(zip(asked, row))))


if __name__ == "__main__":
    main(sys.argv[1])
