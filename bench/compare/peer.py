"""What the peers' programs share: their arguments, how a blob is opened for them, and durability.

Each is run as `python peer_NAME.py SOURCE OUT`, a process of its own, where SOURCE is one blob or a
folder of many; it ends by printing one line of JSON.
"""

import hashlib
import io
import json
import mmap
import os
import sys
import time

THREADS = 2
# The level of crates/table/src/writer/layout.rs.
ZSTD_LEVEL = 1
# IANA's keywords of what flow logs can hold; all others stay numbers.
PROTOCOLS = {"6": "TCP", "17": "UDP", "1": "ICMP", "47": "GRE", "50": "ESP", "51": "AH"}
NIL_GUID = "00000000-0000-0000-0000-000000000000"

# Azure begins every blob with a block that holds just this, and ends it with a block of `]}`.
OPENING = b'{"records":['
CLOSING = b"]}"
# Small enough to be handled in the processor's cache.
CHUNK_BYTES = 1 << 20


def run(program):
    """Runs `program(source, out)`, makes what it wrote durable, and says when its libraries were loaded."""
    loaded = {"loaded_at": time.monotonic(), "loaded_cpu": cpu_seconds()}
    source, out = sys.argv[1:3]
    program(source, out)
    make_durable(out)
    print(json.dumps(loaded))


def cpu_seconds():
    times = os.times()
    return times.user + times.system


def make_durable(folder):
    """Flushes every file below the folder and every folder that names one, as a committed table has to."""
    for parent, _, names in os.walk(folder, topdown=False):
        for path in [os.path.join(parent, name) for name in names] + [parent]:
            handle = os.open(path, os.O_RDONLY)
            os.fsync(handle)
            os.close(handle)


def is_folder(path):
    return os.path.isdir(path)


def blobs(source):
    """The blob itself, or every blob of a folder, in order."""
    if not is_folder(source):
        return [source]
    paths = []
    for parent, _, names in os.walk(source):
        paths += [os.path.join(parent, name) for name in names if name.endswith(".json")]
    return sorted(paths)


def source_id(path):
    """A 64-bit code of a source's name."""
    digest = hashlib.blake2b(path.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def body(path):
    """Where the array of records begins and ends in a blob, by what Azure's first and last block are."""
    with open(path, "rb") as file:
        begins = file.read(len(OPENING)) == OPENING
        end = file.seek(-len(CLOSING), os.SEEK_END) + 1
        if not (begins and file.read() == CLOSING):
            raise ValueError(f"`{path}` does not begin and end as Azure's blobs do")
    return len(OPENING) - 1, end


def seam(path):
    """What stands between two records: all begin with the key that the first begins with."""
    with open(path, "rb") as file:
        first = file.read(len(OPENING) + 64)[len(OPENING) :]
    return b"}," + first[: first.index(b":") + 1]


def records_in_memory(path):
    """The blob's array of records alone, under a name that can be opened as a file."""
    handle = os.memfd_create("records")
    at, end = body(path)
    with open(path, "rb") as file:
        while at < end:
            at += os.sendfile(handle, file.fileno(), at, end - at)
    return f"/proc/self/fd/{handle}"


def lines_in_memory(paths):
    """The records of all blobs as a line each, with `SourceId` in front, under a name as above."""
    handle = os.memfd_create("lines")
    with open(handle, "wb", closefd=False) as lines:
        for path in paths:
            write_records(path, lines, b"\n")
            lines.write(b"\n")
    return f"/proc/self/fd/{handle}"


def array(paths):
    """The records of all blobs as one array, with `SourceId` in front."""
    out = io.BytesIO()
    out.write(b"[")
    for number, path in enumerate(paths):
        if number > 0:
            out.write(b",")
        write_records(path, out, b",")
    out.write(b"]")
    return out.getvalue()


def write_records(path, out, between):
    """Writes a blob's records, each with `SourceId` in front."""
    start, end = body(path)
    opening = b'{"SourceId":%d,' % source_id(path)
    old = seam(path)
    new = old.replace(b",{", between + opening)
    with open(path, "rb") as file:
        file.seek(start + len(b"[{"))
        left, rest = end - start - len(b"[{]"), b""
        out.write(opening)
        while left > 0:
            piece = file.read(min(left, CHUNK_BYTES))
            left -= len(piece)
            piece = (rest + piece).replace(old, new)
            # The next piece may complete a seam.
            keep = len(old) - 1 if left > 0 else 0
            out.write(memoryview(piece)[: len(piece) - keep])
            rest = piece[len(piece) - keep :]


def cuts(path, count):
    """Where the blob's records can be cut into so many arrays, about, with no record cut."""
    start, end = body(path)
    places = []
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as blob:
        size = (end - start) // count
        while end - start > size * 3 // 2:
            comma = blob.find(seam(path), start + size) + 1
            if comma == 0:
                break
            places.append((start, comma + 1))
            start = comma
    return [*places, (start, end)]


def part(path, start, end):
    """Some bytes of a file as an array: the comma at either end becomes a bracket."""
    data = bytearray(end - start)
    with open(path, "rb") as file:
        file.seek(start)
        file.readinto(data)
    data[0] = ord("[")
    data[-1] = ord("]")
    return data
