#!/usr/bin/env python3
"""Growing blobs on Azurite, followed by `flowglass collect`: how late a row is, and whether every row is there once.

    python3 bench/collect/run.py --flowglass target/release/flowglass --nics 1000 --appends 60 --notices

The clock of a row's latency starts when the emulator has answered Put Block List, and stops when the commit of the table that
holds the row can be seen: from outside of the collector. Which commit holds it is told by the table afterwards. With `--kills`
and `--outages` the collector is killed and the emulator stopped at moments that the seed says.
"""

import argparse
import base64
import collections
import csv
import heapq
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from azurite import ACCOUNT, Account, Azurite, free_port  # noqa: E402

CONTAINER, QUEUE, TABLES = "insights-logs-flowlogflowevent", "notices", "tables"
LOG = "/SUBSCRIPTIONS/11111111-2222-3333-4444-555555555555/RESOURCEGROUPS/NETWORKWATCHERRG/PROVIDERS/MICROSOFT.NETWORK/NETWORKWATCHERS/NETWORKWATCHER_WESTEUROPE/FLOWLOGS/BENCH"
FOLDER = "flowLogResourceID=/11111111-2222-3333-4444-555555555555_NETWORKWATCHERRG/NETWORKWATCHER_WESTEUROPE_BENCH"
TARGET = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/net"
OPENING, CLOSING = b'{"records":[', b"]}"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flowglass", required=True, metavar="BIN", help="the program")
    parser.add_argument("--azurite", default="target/azurite", metavar="FOLDER", help="where Azurite is installed")
    parser.add_argument("--nics", type=int, default=100, help="interfaces whose blobs grow")
    parser.add_argument("--appends", type=int, default=5, help="blocks of each")
    parser.add_argument("--interval", type=float, default=60, help="seconds between two blocks of one blob, as Azure does it: 60")
    parser.add_argument("--tuples", type=int, default=20, help="tuples of a block")
    parser.add_argument("--notices", action="store_true", help="Event Grid's notices come into a queue")
    parser.add_argument("--notices-lost", type=int, default=0, help="of a thousand notices so many are lost, and as many come twice")
    parser.add_argument("--poll", type=int, help="`collect --poll`; without it the program's own")
    parser.add_argument("--table", choices=["folder", "az"], default="folder", help="where the table is")
    parser.add_argument("--kills", type=int, default=0, help="SIGKILLs of the collector")
    parser.add_argument("--outages", type=int, default=0, help="stops of the emulator, of some seconds")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=16, help="threads that let blobs grow")
    parser.add_argument("--patience", type=float, default=300, help="seconds to wait for the last rows")
    parser.add_argument("--out", metavar="FILE", help="the figures as JSON")
    parser.add_argument("--keep", metavar="FOLDER", help="work there, and leave it")
    return parser.parse_args()


def mac(nic):
    return f"0022{nic:08X}"


def name(nic, hour):
    return f"{FOLDER}/{time.strftime('y=%Y/m=%m/d=%d/h=%H/m=00', time.gmtime(hour))}/macAddress={mac(nic)}/PT1H.json"


def number(options, nic, append, tuple_):
    """Each tuple has its own: it travels as the bytes that were sent."""
    return (nic * options.appends + append) * options.tuples + tuple_ + 1


def record(options, nic, append, hour):
    at = hour * 1000 + append * 1000 * max(1, 3500 // max(1, options.appends))
    tuples = []
    for tuple_ in range(options.tuples):
        address = f"10.{nic >> 16 & 255}.{nic >> 8 & 255}.{nic & 255}"
        bytes_ = number(options, nic, append, tuple_)
        tuples.append(f"{at + tuple_},{address},203.0.113.{tuple_ % 250},{1024 + append},443,6,O,C,NX,1,{bytes_},1,60")
    return json.dumps({
        "time": time.strftime("%Y-%m-%dT%H:%M:%S.0000000Z", time.gmtime(at // 1000 + 60)),
        "flowLogGUID": "66aa66aa-bb77-cc88-dd99-00ee00ee00ee", "macAddress": mac(nic), "category": "FlowLogFlowEvent",
        "flowLogResourceID": LOG, "targetResourceID": TARGET, "operationName": "FlowLogFlowEvent", "flowLogVersion": 4,
        "flowRecords": {"flows": [{"aclID": TARGET.replace("virtualNetworks/net", "networkSecurityGroups/nsg"),
                                   "flowGroups": [{"rule": "DefaultRule_AllowInternetOutBound", "flowTuples": tuples}]}]},
    }, separators=(",", ":")).encode()


def notice(nic, hour, number_):
    """As Event Grid writes them, in turns in its own form and in that of CloudEvents."""
    blob = name(nic, hour)
    subject = f"/blobServices/default/containers/{CONTAINER}/blobs/{blob}"
    source = f"/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/{ACCOUNT}"
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    data = {"api": "PutBlockList", "eTag": f"0x{number_:X}", "contentType": "application/octet-stream",
            "contentLength": 1000, "blobType": "BlockBlob", "url": f"https://{ACCOUNT}.blob.core.windows.net/{CONTAINER}/{blob}"}
    kind = "Microsoft.Storage.BlobCreated"
    if number_ % 2:
        return json.dumps({"topic": source, "subject": subject, "eventType": kind, "id": str(number_), "data": data,
                           "dataVersion": "", "metadataVersion": "1", "eventTime": now})
    return json.dumps({"specversion": "1.0", "source": source, "subject": subject, "type": kind, "id": str(number_),
                       "time": now, "data": data})


class Grower:
    """Lets all blobs grow, each on its own second of the interval."""

    def __init__(self, options, account):
        self.options, self.account = options, account
        self.hour = int(time.time()) // 3600 * 3600
        self.blocks = collections.defaultdict(list)
        self.ends = {}
        # Of (interface, append): when it was answered.
        self.answered = {}
        self.late = 0.0
        self.random = random.Random(options.seed)
        self.lock = threading.Lock()
        began = time.time() + 1
        phase = options.interval / options.nics
        self.plan = [(began + nic * phase, 0, nic) for nic in range(options.nics)]
        heapq.heapify(self.plan)

    def run(self):
        threads = [threading.Thread(target=self.work) for _ in range(self.options.threads)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def work(self):
        while True:
            with self.lock:
                if not self.plan:
                    return
                due, append, nic = heapq.heappop(self.plan)
            time.sleep(max(0.0, due - time.time()))
            self.append(nic, append)
            with self.lock:
                self.late = max(self.late, time.time() - due)
                if append + 1 < self.options.appends:
                    heapq.heappush(self.plan, (due + self.options.interval, append + 1, nic))

    def append(self, nic, append):
        blob, blocks = name(nic, self.hour), self.blocks[nic]
        # Block ids are base64 of one length.
        block = lambda kind, number_: base64.b64encode(f"{kind}{number_:011d}".encode()).decode()
        if not blocks:
            for kind, body in (("A", OPENING), ("Z", CLOSING)):
                self.account.put_block(CONTAINER, blob, block(kind, 0), body)
            blocks[:] = [block("A", 0), block("Z", 0)]
            self.ends[nic, -1] = len(OPENING)
        body = (b"," if append else b"") + record(self.options, nic, append, self.hour)
        self.account.put_block(CONTAINER, blob, block("D", append), body)
        blocks.insert(len(blocks) - 1, block("D", append))
        self.account.put_block_list(CONTAINER, blob, blocks)
        answered = time.time()
        self.ends[nic, append] = self.ends[nic, append - 1] + len(body)
        self.answered[nic, append] = answered
        if self.options.notices:
            number_ = nic * self.options.appends + append
            with self.lock:
                drawn = self.random.randrange(1000)
            times = 0 if drawn < self.options.notices_lost else 2 if drawn < 2 * self.options.notices_lost else 1
            for _ in range(times):
                self.account.put_message(QUEUE, notice(nic, self.hour, number_))


class Commits:
    """Watches the table's log: when each version could first be seen."""

    def __init__(self, options, account, table):
        self.options, self.account, self.table = options, account, table
        self.seen = {}
        self.ends = threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def text(self, version):
        path = f"Flows/_delta_log/{version:020}.json"
        if self.options.table == "az":
            body = self.account.get(TABLES, f"t/{path}")
            return body.decode() if body is not None else None
        try:
            with open(os.path.join(self.table, path)) as file:
                return file.read()
        except FileNotFoundError:
            return None

    def watch(self):
        version = 0
        while not self.ends.is_set():
            text = self.text(version)
            if text is None:
                time.sleep(0.02 if self.options.table == "az" else 0.005)
                continue
            self.seen[version] = (time.time(), text)
            version += 1


class Collector:
    """`flowglass collect` as a process, started again when it was killed."""

    def __init__(self, options, azurite, folder):
        self.options, self.folder = options, folder
        self.port = free_port()
        self.environment = {"PATH": os.environ["PATH"], "HOME": folder}
        self.container = f"{azurite.endpoint('blob')}/{CONTAINER}"
        self.queue = f"{azurite.endpoint('queue')}/{QUEUE}"
        self.table = f"{azurite.endpoint('blob')}/{TABLES}/t" if options.table == "az" else os.path.join(folder, "table")
        self.memory_kib = 0
        self.log = open(os.path.join(folder, "collect.log"), "ab")
        self.start()

    def start(self):
        command = [self.options.flowglass, "collect", self.container, "--table", self.table]
        command += ["--listen", f"127.0.0.1:{self.port}"]
        if self.options.notices:
            command += ["--queue", self.queue]
        if self.options.poll:
            command += ["--poll", str(self.options.poll)]
        self.child = subprocess.Popen(command, env=self.environment, cwd=self.folder, stdout=self.log, stderr=self.log)

    def look(self):
        """Its most memory so far. One that found nobody when it began has ended, and is started again as services are."""
        if self.options.outages and self.child.poll() is not None:
            self.start()
        try:
            with open(f"/proc/{self.child.pid}/status") as file:
                for line in file:
                    if line.startswith("VmHWM"):
                        self.memory_kib = max(self.memory_kib, int(line.split()[1]))
        except OSError:
            pass

    def kill(self):
        self.look()
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()
        self.start()

    def end(self):
        self.look()
        began = time.time()
        self.child.terminate()
        code = self.child.wait(60)
        return code, time.time() - began

    def metrics(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=5) as answer:
                lines = answer.read().decode().splitlines()
        except OSError:
            return {}
        return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines if line and line[0] != "#"}


def asked(options, folder, table, sql):
    answer = subprocess.run([options.flowglass, "query", "--table", table, "--format", "csv", "--sql", sql],
                            cwd=folder, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise SystemExit(f"{sql}: {answer.stderr}")
    return list(csv.DictReader(io.StringIO(answer.stdout)))


def fetched(account, folder):
    """A table of the account as a folder: a table is its files, wherever they are."""
    table = os.path.join(folder, "fetched")
    shutil.rmtree(table, ignore_errors=True)
    for blob in account.names(TABLES):
        path = os.path.join(table, os.path.relpath(blob, "t"))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(account.get(TABLES, blob) or b"")
    return table


def judged(options, folder, table):
    """Every row that was written against every row that is there: lost, doubled, wrong."""
    rows = asked(options, folder, table, "SELECT MacAddress, SrcIp, SrcPort, BytesSrcToDest, count(*) AS n FROM Flows "
                                         "GROUP BY MacAddress, SrcIp, SrcPort, BytesSrcToDest")
    found, wrong = collections.Counter(), 0
    for row in rows:
        bytes_ = int(row["BytesSrcToDest"])
        found[bytes_] += int(row["n"])
        nic, append = divmod((bytes_ - 1) // options.tuples, options.appends)
        as_written = (mac(nic), f"10.{nic >> 16 & 255}.{nic >> 8 & 255}.{nic & 255}", str(1024 + append))
        wrong += as_written != (row["MacAddress"].replace("-", "").replace(":", "").upper(), row["SrcIp"], row["SrcPort"])
    expected = options.nics * options.appends * options.tuples
    lost = sum(1 for bytes_ in range(1, expected + 1) if found[bytes_] == 0)
    return {"rows": sum(found.values()), "lost": lost, "doubled": sum(found.values()) - len(found), "wrong": wrong}


def latencies(options, folder, table, grower, commits):
    """From the answer to each append to the commit with its rows."""
    versions = {}
    for version, (_, text) in commits.seen.items():
        for line in text.splitlines():
            transaction = json.loads(line).get("txn")
            if transaction:
                shard = int(transaction["appId"].rsplit("-", 1)[1])
                versions[shard, transaction["version"]] = version
    reached = collections.defaultdict(list)
    for row in asked(options, folder, table, "SELECT Shard, Sequence, Source, RangeEnd FROM IngestLog"):
        version = versions.get((int(row["Shard"]), int(row["Sequence"])))
        if version is not None:
            reached[row["Source"].split(f"{CONTAINER}/", 1)[1]].append((version, int(row["RangeEnd"])))
    times = []
    for (nic, append), answered in grower.answered.items():
        end = grower.ends[nic, append]
        holding = [version for version, range_end in reached[name(nic, grower.hour)] if range_end >= end]
        if holding:
            times.append(max(0.0, commits.seen[min(holding)][0] - answered))
    return sorted(times)


def share(times, part):
    return round(times[min(len(times) - 1, int(len(times) * part))], 3) if times else None


def disturb(options, azurite, collector, seconds, ends):
    """Kills and outages, at moments that the seed says."""
    chance = random.Random(options.seed)
    moments = [(chance.uniform(0.05, 0.95) * seconds, "kill") for _ in range(options.kills)]
    moments += [(chance.uniform(0.1, 0.9) * seconds, "outage") for _ in range(options.outages)]
    began = time.time()
    for moment, what in sorted(moments):
        if ends.wait(max(0.0, began + moment - time.time())):
            return
        if what == "kill":
            collector.kill()
        else:
            azurite.stop()
            time.sleep(chance.uniform(1, 8))
            azurite.start()


def run(options, folder):
    azurite = Azurite(os.path.abspath(options.azurite), os.path.join(folder, "azurite"))
    account = Account(azurite)
    for service, held in (("blob", CONTAINER), ("blob", TABLES), ("queue", QUEUE)):
        account.create(service, held)
    grower = Grower(options, account)
    collector = Collector(options, azurite, folder)
    commits = Commits(options, account, os.path.join(folder, "table"))
    seconds = options.appends * options.interval
    ends = threading.Event()
    disturbing = threading.Thread(target=disturb, args=(options, azurite, collector, seconds, ends))
    disturbing.start()
    growing = threading.Thread(target=grower.run)
    began = time.time()
    growing.start()
    # Requests of the steady state: from when each blob is there.
    time.sleep(min(options.interval + 2, seconds / 2))
    before, from_ = collector.metrics(), time.time()
    after, to = before, from_
    while growing.is_alive():
        collector.look()
        time.sleep(1)
        latest = collector.metrics()
        if latest:
            after, to = latest, time.time()
    disturbing.join()
    grown = time.time()
    print(f"grown in {grown - began:.0f} s, the latest append {grower.late:.2f} s late", file=sys.stderr)
    expected = options.nics * options.appends * options.tuples
    until = time.time() + options.patience
    while time.time() < until:
        where = fetched(account, folder) if options.table == "az" else collector.table
        try:
            if int(asked(options, folder, where, "SELECT count(*) AS n FROM Flows")[0]["n"]) >= expected:
                break
        except SystemExit as error:
            print(f"not yet: {error}", file=sys.stderr)
        time.sleep(2)
    # Whoever doubles something does it now.
    time.sleep(2)
    code, ended_secs = collector.end()
    commits.ends.set()
    commits.thread.join()
    where = fetched(account, folder) if options.table == "az" else collector.table
    figures = {**vars(options), "tuples_in_all": expected, **judged(options, folder, where)}
    times = latencies(options, folder, where, grower, commits)
    requests = {key: round((after[key] - before.get(key, 0)) * 60 / max(1, to - from_), 1)
                for key in after if key.startswith("flowglass_requests_total")}
    check = subprocess.run([options.flowglass, "table", "check", "--deep", "--table", where], cwd=folder,
                           capture_output=True, text=True, check=False)
    last = max((seen for seen, _ in commits.seen.values()), default=grown)
    figures |= {
        "latency_secs": {"p50": share(times, 0.5), "p99": share(times, 0.99), "most": share(times, 1), "appends": len(times)},
        "tuples_per_second": round(expected / max(0.001, last - began)),
        "appends_per_second": round(options.nics * options.appends / max(0.001, last - began), 1),
        "memory_mib": round(collector.memory_kib / 1024), "requests_per_minute": requests if not options.kills else None,
        "commits": len(commits.seen), "ended_with": code, "ended_in_secs": round(ended_secs, 2), "check": check.returncode,
        "latest_append_late_secs": round(grower.late, 2),
    }
    azurite.stop()
    return figures


def main():
    options = arguments()
    options.flowglass = os.path.abspath(options.flowglass)
    folder = os.path.abspath(options.keep) if options.keep else tempfile.mkdtemp(prefix="bench-collect-")
    os.makedirs(folder, exist_ok=True)
    try:
        figures = run(options, folder)
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    text = json.dumps({key: value for key, value in figures.items() if key not in ("keep", "out", "flowglass", "azurite")}, indent=1)
    print(text)
    if options.out:
        with open(options.out, "w") as file:
            file.write(text + "\n")
    wrong = figures["lost"] or figures["doubled"] or figures["wrong"] or figures["check"] or figures["ended_with"]
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
