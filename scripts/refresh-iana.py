#!/usr/bin/env python3
"""Rewrite the IANA tables under crates/model/data from the official registries.

    scripts/refresh-iana.py                      fetch both registries from iana.org
    scripts/refresh-iana.py --from-services F    read a local service-names-port-numbers.csv
    scripts/refresh-iana.py --from-protocols F   read a local protocol-numbers-1.csv
    scripts/refresh-iana.py --self-test          try the rules on a small made-up registry

With only one of the two --from flags, only that table is rewritten. Standard library only.
After a refresh, correct the dates and sources in docs/licences/DATA.md.
"""

import argparse
import csv
import datetime
import io
import pathlib
import re
import sys
import urllib.request

SERVICES_URL = (
    "https://www.iana.org/assignments/service-names-port-numbers/service-names-port-numbers.csv"
)
PROTOCOLS_URL = "https://www.iana.org/assignments/protocol-numbers/protocol-numbers-1.csv"
LICENCE = "CC0-1.0 (https://www.iana.org/help/licensing-terms)"

# A registry this small is not the registry: an error page, or a truncated download.
SERVICES_AT_LEAST = 10_000
PROTOCOLS_AT_LEAST = 140

# RFC 6335, section 5.1. Names outside it are historic aliases of a well-formed one.
WELL_FORMED = re.compile(r"^(?=.*[A-Za-z])[A-Za-z0-9]+(-[A-Za-z0-9]+)*$")


def squeeze(text):
    """One line, single spaces: some registry cells span lines."""
    return " ".join(text.split())


def services(text):
    """{(port, transport): name}: the first well-formed listing of each port wins, else the first."""
    chosen = {}
    for row in csv.DictReader(io.StringIO(text)):
        name = (row.get("Service Name") or "").strip()
        ports = (row.get("Port Number") or "").strip()
        transport = (row.get("Transport Protocol") or "").strip().lower()
        if not name or re.search(r"\s", name) or transport not in ("tcp", "udp"):
            continue
        bounds = re.fullmatch(r"(\d+)(?:-(\d+))?", ports)
        if not bounds:
            continue
        low, high = int(bounds[1]), int(bounds[2] or bounds[1])
        if high > 65535 or low > high:
            raise SystemExit(f"error: `{ports}` is not a port range")
        for port in range(low, high + 1):
            held = chosen.get((port, transport))
            if held is None or (not WELL_FORMED.match(held) and WELL_FORMED.match(name)):
                chosen[(port, transport)] = name
    return chosen


def protocols(text):
    """{number: (keyword, name)}: unassigned ranges and entries without a keyword are left out."""
    chosen = {}
    for row in csv.DictReader(io.StringIO(text)):
        number = (row.get("Decimal") or "").strip()
        keyword = squeeze(row.get("Keyword") or "").removesuffix(" (deprecated)")
        name = squeeze(row.get("Protocol") or "")
        if not number.isdigit() or int(number) > 255:
            continue
        if not keyword or keyword == "Reserved":
            continue
        chosen.setdefault(int(number), (keyword, name or keyword))
    return chosen


def header(what, source, columns, date):
    return [
        f"# IANA {what}",
        f"# source: {source}; written {date} by scripts/refresh-iana.py",
        f"# licence: {LICENCE}; see docs/licences/DATA.md",
        f"# columns: {columns}",
    ]


def write(path, lines):
    path.write_text("\n".join(lines) + "\n", encoding="ascii", newline="\n")
    print(f"wrote {path} ({sum(not line.startswith('#') for line in lines)} rows)")


def services_lines(text, source, date):
    table = services(text)
    head = header("service names and port numbers", source, "port, transport, name", date)
    return head + [f"{port}\t{transport}\t{table[(port, transport)]}" for port, transport in sorted(table)]


def protocols_lines(text, source, date):
    table = protocols(text)
    head = header("protocol numbers", source, "number, keyword, name", date)
    return head + [f"{n}\t{table[n][0]}\t{table[n][1]}" for n in sorted(table)]


def load(path, url):
    if path:
        try:
            return pathlib.Path(path).read_text(encoding="utf-8-sig")
        except OSError as error:
            sys.exit(f"error: cannot read `{path}`: {error.strerror}")
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return answer.read().decode("utf-8-sig")
    except OSError as error:
        hint = "download it elsewhere and use --from-services or --from-protocols"
        sys.exit(f"error: cannot fetch {url}: {error}\nhint: {hint}")


def self_test():
    made_up = (
        "Service Name,Port Number,Transport Protocol,Description\n"
        ",4,tcp,Unassigned\n"
        "http,80,tcp,World Wide Web HTTP\n"
        "www,80,tcp,alias\n"
        "http,80,sctp,not ours\n"
        "whois++,63,tcp,historic spelling first\n"
        "whoispp,63,tcp,well formed\n"
        'two,7,udp,"two\nlines"\n'
        "x11,6000-6002,udp,a range\n"
        "no-port,,tcp,\n"
        "Spaced Name,9,tcp,not a service name\n"
    )
    got = services(made_up)
    want = {
        (80, "tcp"): "http",
        (63, "tcp"): "whoispp",
        (7, "udp"): "two",
        (6000, "udp"): "x11",
        (6001, "udp"): "x11",
        (6002, "udp"): "x11",
    }
    assert got == want, got
    made_up = (
        "Decimal,Keyword,Protocol,IPv6 Extension Header,Reference\n"
        "6,TCP,Transmission Control,,\n"
        '9,IGP,"any private interior gateway   \n(used by Cisco)",,\n'
        "13,ARGUS (deprecated),ARGUS,,\n"
        "61,,any host internal protocol,,\n"
        "125,FIRE,,,\n"
        "148-252,,Unassigned,,\n"
        "255,Reserved,,,\n"
    )
    got = protocols(made_up)
    want = {
        6: ("TCP", "Transmission Control"),
        9: ("IGP", "any private interior gateway (used by Cisco)"),
        13: ("ARGUS", "ARGUS"),
        125: ("FIRE", "FIRE"),
    }
    assert got == want, got
    lines = services_lines("Service Name,Port Number,Transport Protocol\na,10,tcp\nb,9,tcp\n", "x", "d")
    assert lines[-2:] == ["9\ttcp\tb", "10\ttcp\ta"], lines
    print("ok: self-test")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--from-services", metavar="CSV")
    parser.add_argument("--from-protocols", metavar="CSV")
    parser.add_argument("--source", metavar="TEXT", help="what to name as the source in the header")
    parser.add_argument("--out", metavar="DIR", help="default: crates/model/data beside this script")
    parser.add_argument("--self-test", action="store_true")
    asked = parser.parse_args()
    if asked.self_test:
        self_test()
        return
    out = pathlib.Path(asked.out or pathlib.Path(__file__).parent.parent / "crates/model/data")
    date = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    both = not asked.from_services and not asked.from_protocols
    jobs = []
    if both or asked.from_services:
        text = load(asked.from_services, SERVICES_URL)
        source = asked.source or (SERVICES_URL if both else "a local copy of the registry")
        jobs.append((out / "iana-services.tsv", services_lines(text, source, date), SERVICES_AT_LEAST))
    if both or asked.from_protocols:
        text = load(asked.from_protocols, PROTOCOLS_URL)
        source = asked.source or (PROTOCOLS_URL if both else "a local copy of the registry")
        jobs.append((out / "iana-protocols.tsv", protocols_lines(text, source, date), PROTOCOLS_AT_LEAST))
    # Everything is checked before anything is written, so a bad download changes nothing.
    for path, lines, at_least in jobs:
        rows = sum(not line.startswith("#") for line in lines)
        if rows < at_least:
            sys.exit(f"error: only {rows} rows for {path.name}\nhint: is this the whole registry?")
    for path, lines, _ in jobs:
        write(path, lines)


if __name__ == "__main__":
    main()
