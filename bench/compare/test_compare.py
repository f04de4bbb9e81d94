"""What is ours to get wrong: cutting blobs, judging, measuring.

`python3 -m unittest discover bench/compare`
"""

import io
import json
import os
import signal
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import environment
import measure
import peer
import report
import run
from trouble import Trouble


def blob(records, first_key="time"):
    made = [
        {first_key: f"2026-03-02T10:00:{at % 60:02}", "x": ["},{", "a" * (at % 37)]} for at in range(records)
    ]
    return {"records": made}


class Cutting(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "PT1H.json")

    def write(self, told):
        Path(self.path).write_text(json.dumps(told, separators=(",", ":")))
        return told["records"]

    def test_no_record_is_lost_or_cut_wherever_pieces_end(self):
        for first_key in ("time", "category"):
            records = self.write(blob(50, first_key))
            numbered = [{"SourceId": peer.source_id(self.path), **record} for record in records]
            for size in (16, 17, 31, 64, 1 << 20):
                with (
                    self.subTest(first_key=first_key, size=size),
                    mock.patch.object(peer, "CHUNK_BYTES", size),
                ):
                    out = io.BytesIO()
                    peer.write_records(self.path, out, b"\n")
                    self.assertEqual([json.loads(line) for line in out.getvalue().splitlines()], numbered)
                    self.assertEqual(json.loads(peer.array([self.path, self.path])), numbered * 2)

    def test_parts_hold_every_record_once(self):
        records = self.write(blob(50))
        for count in (1, 2, 7, 500):
            parts = [json.loads(peer.part(self.path, *place)) for place in peer.cuts(self.path, count)]
            self.assertEqual(sum(parts, []), records)
            self.assertGreater(len(parts), count // 12)
        records = self.write(blob(1))
        self.assertEqual(json.loads(peer.part(self.path, *peer.cuts(self.path, 2)[0])), records)

    def test_what_is_no_blob_is_refused(self):
        Path(self.path).write_text('[{"time":"x"}]')
        self.assertRaises(ValueError, peer.body, self.path)


class Judging(unittest.TestCase):
    def case(self, answers):
        case = run.Case.__new__(run.Case)
        case.told = {"programs": {name: {"runs": [], "trouble": None} for name in answers}}
        case.judge(answers)
        return {name for name, told in case.told["programs"].items() if told["trouble"]}, case.told["answer"]

    def test_who_differs_from_most_is_named(self):
        right, wrong = {"rows": 2}, {"rows": 3}
        self.assertEqual(self.case({"flowglass": right, "chdb": right, "polars": wrong}), ({"polars"}, right))
        self.assertEqual(
            self.case({"flowglass": wrong, "chdb": right, "polars": right}), ({"flowglass"}, right)
        )
        self.assertEqual(self.case({"flowglass": right, "polars": wrong}), ({"polars"}, right))

    def test_ratios_are_of_rounds_and_loading_does_not_count(self):
        def runs(*walls):
            return {"trouble": None, "runs": [made(wall) for wall in walls]}

        def made(wall):
            shared = {"loading_cpu": 0.0, "peak_bytes": 1, "written": 10}
            return {"wall": wall + 1, "loading": 1, "cpu": wall, **shared}

        programs = {"flowglass": runs(2, 20, 2), "chdb": runs(4, 40, 4), "polars": runs(9, 9, 9)}
        case = {"name": "blob", "bytes": 10**9, "files": 1, "rows": 5, "programs": programs}
        self.assertEqual(report.fastest_peer(case, report.counted), "chdb")
        self.assertEqual(report.ratio(case, "flowglass", "chdb", report.counted), 0.5)
        self.assertIn("2.00 to 20.00", report.case_text(case))


class Measuring(unittest.TestCase):
    def run_it(self, program, memory=10**9, seconds=60):
        return measure.run(["python3", "-c", program], dict(os.environ), memory, seconds)

    def test_children_count(self):
        fork = "import os; pid = os.fork(); held = b'x' * 200_000_000; pid and os.wait()"
        cost = self.run_it(fork)
        self.assertIsNone(cost.failure)
        self.assertGreater(cost.peak_bytes, 200_000_000)

    def test_failures_say_why(self):
        self.assertIn("ValueError: why", self.run_it("raise ValueError('why')").failure)
        self.assertIn(
            "0.1 GB", self.run_it("import time; x = b'x' * 300_000_000; time.sleep(60)", 10**8).failure
        )
        self.assertIn("1 s", self.run_it("import time; time.sleep(60)", seconds=1).failure)
        self.assertIn("SIGKILL", self.run_it("import os; os.kill(os.getpid(), 9)").failure)

    def test_who_stops_the_comparison_stops_the_program(self):
        def interrupt(*_):
            raise KeyboardInterrupt

        before = signal.signal(signal.SIGALRM, interrupt)
        self.addCleanup(signal.signal, signal.SIGALRM, before)
        with tempfile.TemporaryDirectory() as folder:
            mark = Path(folder) / "pid"
            program = f"import os, time; open({str(mark)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
            signal.setitimer(signal.ITIMER_REAL, 1)
            self.assertRaises(KeyboardInterrupt, self.run_it, program, 10**9, 60)
            self.assertFalse(Path("/proc", mark.read_text()).exists())

    def test_room_is_looked_for_first(self):
        self.assertRaises(Trouble, environment.check_space, 10**18)


if __name__ == "__main__":
    unittest.main()
