"""How long published queries take to be understood: `python3 bench/kql/understand.py QUERIES.jsonl SCHEMA.json`.

Each query is asked twice. Of empty literal tables: the text, its binding, and the steps run in memory over nothing. And of
a table of flows at a time when there were none: the text, its binding, the plans with all their rules, and running them
without a file. Tables that are not made of flows here are flows with the columns of SCHEMA, which hold nulls. One warm
process each, the least of the rounds. Then the text alone: a query of 35 KB, and 1 MB that is no query at all.
"""

import argparse
import json
import random
import re
import statistics
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "compare"))

import environment  # noqa: E402
from asked import VIEWS, Asked, lines  # noqa: E402
import trouble  # noqa: E402

ROUNDS = 5


def literal(name, columns):
    return f"let {name} = datatable({', '.join(f'{quoted(column)}: {kind}' for column, kind in columns)})[];\n"


def planned(name, columns):
    if name in VIEWS:
        return ""
    nulls = ", ".join(f"{quoted(column)} = {null(kind)}" for column, kind in columns)
    return f"let {name} = Flows | project {nulls};\n"


def null(kind):
    return {"string": "''", "dynamic": "dynamic(null)"}.get(kind, f"{kind}(null)")


def quoted(column):
    return column if re.fullmatch(r"[A-Za-z_]\w*", column) else f"['{column}']"


def with_tables(query, schema, defined):
    """The query behind definitions of the tables and functions that it names."""

    def names(text, held):
        return [name for name in held if re.search(rf"\b{name}\b", text)]

    functions = [name for name in names(query, schema["functions"]) if not (defined is planned and name in VIEWS)]
    bodies = [schema["functions"][name] for name in functions]
    tables = names(query + "".join(body["body"] for body in bodies), schema["tables"])
    text = "".join(defined(name, schema["tables"][name]) for name in tables)
    for name, body in zip(functions, bodies):
        text += f"let {name} = {body['parameters']} {body['body']};\n"
    return text + query


def best(program, query):
    seconds, answer = [], None
    for _ in range(ROUNDS):
        taken, answer = program.ask({"id": 0, "query": query})
        seconds.append(taken)
    return min(seconds), answer


def long_query(size):
    """Many conditions, columns and a join, of about so many bytes."""
    rows = "datatable(SrcIp: string, DestPort: int, Bytes: long)['10.0.0.4', 22, 7]"
    text, number = f"let T = {rows};\nT\n", 0
    while len(text) < size:
        text += f"| extend c{number} = iff(SrcIp has '10.0.{number}' and DestPort in (22, 443, {number}), Bytes * {number}, tolong(strlen(SrcIp)))\n"
        number += 1
    return text + "| join kind=inner (T | summarize Total = sum(Bytes) by SrcIp) on SrcIp\n| count"


def main():
    parser = argparse.ArgumentParser(description="Times how published queries are understood.")
    parser.add_argument("queries", type=Path)
    parser.add_argument("schema", type=Path)
    parser.add_argument("--flowglass", metavar="PATH", help="a binary [default: a release build]")
    parser.add_argument("--table", metavar="DIR", type=Path, help="a table of flows [default: that of run.py]")
    asked = parser.parse_args()
    binary = environment.flowglass(asked.flowglass)
    schema = json.loads(asked.schema.read_text())
    table = asked.table or environment.PLACE / "kql-430-96"
    print("# python3 bench/kql/understand.py QUERIES.jsonl SCHEMA.json")
    print(f"# {time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC; flowglass {environment.version(binary)}")
    flags = ["--table", str(table), "--timespan", "2000-01-01/2000-01-02"]
    for what, defined, more in (
        ("empty tables, in memory", literal, ["--table", "/nonexistent/table"]),
        ("a table of flows when there were none, as plans", planned, flags),
    ):
        program = Asked([str(binary), "query", "--batch", *more])
        times, refused = [], []
        for query in lines(asked.queries):
            text = with_tables(query["query"], schema, defined)
            seconds, answer = best(program, text)
            if answer["ok"]:
                times.append((seconds, query["id"], len(text)))
            else:
                refused.append(f"{query['id']}: {answer['error']['message']}")
        times.sort()
        seconds = [taken for taken, _, _ in times]
        ninety = seconds[len(seconds) * 9 // 10]
        print(f"{what}: {len(times)} queries answered, {len(refused)} refused; least of {ROUNDS} rounds each")
        print(f"  median {statistics.median(seconds) * 1000:.2f} ms, nine of ten under {ninety * 1000:.1f} ms, worst {seconds[-1] * 1000:.1f} ms"
              f" (query {times[-1][1]}, {times[-1][2]:,} bytes with its tables)")
        for line in refused:
            print(f"  refused {line[:150]}")
        program.close()
    program = Asked([str(binary), "query", "--batch", "--table", "/nonexistent/table"])
    wrong = long_query(35_000).removesuffix("count") + "nonsense"
    taken, answer = best(program, wrong)
    print(f"{len(wrong):,} bytes with a mistake at the end, parsed and refused: {taken * 1000:.2f} ms ({answer['error']['code']})")
    taken, answer = best(program, long_query(35_000))
    print(f"{len(long_query(35_000)):,} bytes, parsed, bound, planned and run: {taken * 1000:.2f} ms (ok: {answer['ok']})")
    random.seed(1)
    garbage = "".join(random.choice("|()[]{}'\"=~<>!,;.:aZ09_ \n\t@#$%^&*-+/\\é") for _ in range(1_000_000))
    taken, answer = best(program, garbage)
    print(f"1 MB that is no query: {taken * 1000:.1f} ms, {answer['error']['code']}: {answer['error']['message'][:80]}")
    program.close()


if __name__ == "__main__":
    trouble.run(main)
