"""Runs one program and says what it cost: wall time, processor time, memory. Its children count.

Keep this process small: a child's peak memory begins with that of the process it was started from.
"""

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

# Between looks at the memory of all processes together.
LOOK_SECONDS = 0.1
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Cost:
    started_at: float
    wall: float
    cpu: float
    peak_bytes: int
    stdout: str
    # Why it failed, or nothing.
    failure: str | None


def run(command, environment, memory_max, seconds_max):
    """Runs a command to its end, or until it takes more than it may."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.monotonic()
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment, start_new_session=True
        )
        spare_others(child.pid)
        watch = Watch(child.pid, memory_max, seconds_max)
        watch.start()
        try:
            _, status, usage = os.wait4(child.pid, 0)
        except BaseException:
            # Somebody stopped the comparison: the program is in a session of its own, and would go on.
            watch.end("stopped")
            watch.stop()
            child.wait()
            raise
        wall = time.monotonic() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        watch.stop()
        return Cost(
            started_at=started,
            wall=wall,
            cpu=usage.ru_utime + usage.ru_stime,
            peak_bytes=max(usage.ru_maxrss * 1024, watch.peak_bytes),
            stdout=text(out),
            failure=watch.stopped_for or failure(child.returncode, text(err)),
        )


def spare_others(pid):
    """If the machine runs out of memory, this program goes and no other."""
    try:
        Path(f"/proc/{pid}/oom_score_adj").write_text("1000")
    except OSError:
        pass  # it is over already, or this is not Linux


def text(file):
    file.seek(0)
    return file.read().decode(errors="replace")


def failure(code, stderr):
    if code == 0:
        return None
    if code < 0:
        name = signal.Signals(-code).name
        return f"killed by {name}" + (", as when memory runs out" if name == "SIGKILL" else "")
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    telling = [line for line in lines if "rror" in line.split(":")[0]]
    return f"exit code {code}: {(telling or lines or ['it said nothing'])[-1][:300]}"


class Watch(threading.Thread):
    """Looks at the memory of a process and its children, and ends them when they take too much."""

    def __init__(self, pid, memory_max, seconds_max):
        super().__init__(daemon=True)
        self.pid, self.memory_max, self.seconds_max = pid, memory_max, seconds_max
        self.peak_bytes, self.stopped_for = 0, None
        self.over = threading.Event()

    def run(self):
        started = time.monotonic()
        while not self.over.wait(LOOK_SECONDS):
            held = sum(resident(pid) for pid in family(self.pid))
            self.peak_bytes = max(self.peak_bytes, held)
            if held > self.memory_max:
                self.end(f"took more than {self.memory_max / 1e9:.1f} GB of memory")
            elif time.monotonic() - started > self.seconds_max:
                self.end(f"took more than {self.seconds_max} s")

    def end(self, reason):
        if self.stopped_for is None:
            self.stopped_for = reason
            # The session that the child was started in, and nothing else; it may be over by now.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    def stop(self):
        self.over.set()
        self.join()


def family(pid):
    """The process and everything below it."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found += [int(child) for child in task.read_text().split()]
            except OSError:
                pass  # the thread is over
    return found


def resident(pid):
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES
    except (OSError, IndexError):
        return 0
