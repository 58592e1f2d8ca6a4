"""Crash test: runs are killed at random moments, disks fill up, files are torn; then all must be as it should.

    python -m tests.crash [--rounds 200] [--seed 0]

After each round: every release that was ever current reads as it did, every capture of the current one is read back, and
a reader sees the release that was current before, or the new one whole. At the end: one more run completes, and the tables
are those that the archive alone gives. A full and a read-only disk need root, for a small disk of their own; without it they
are left out, and it is said.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flows.backfill import run_backfill
from flows.pipeline import run_ingest
from flows.rebuild import run_rebuild
from flows.run import RELEASED
from flows.submit import in_turn
from storage import open_release
from storage.archive import read_capture
from storage.digest import content_hash
from storage.folder import DataFolder
from storage.releases import numbers

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "seeds" / "reports"
DISK = "60m"
HARMS = ("kill", "kill", "kill", "kill", "torn record", "torn log", "full disk", "read-only disk")


@contextmanager
def small_disk() -> Iterator[tuple[Path, bool]]:
    """A folder on a small disk of its own, or an ordinary one, and which of the two it is."""
    with tempfile.TemporaryDirectory() as folder:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "none", folder], capture_output=True)
        try:
            yield Path(folder), mounted.returncode == 0
        finally:
            if mounted.returncode == 0:
                subprocess.run(["umount", "-l", folder], check=True)


class CrashTest:
    """A data folder, what its releases held when they were made, and ways to harm it."""

    def __init__(self, work: Path, *, mounted: bool, seed: int) -> None:
        self.source, self.data = work / "in", work / "disk" / "data"
        self.work, self.mounted = work, mounted
        self.disk = work / "disk"
        self.chance = random.Random(seed)
        self.expected: dict[int, dict[str, str]] = {}
        self.done: Counter[str] = Counter()
        self.source.mkdir(parents=True)
        self.texts = [path.read_bytes() for path in sorted(SAMPLES.glob("*.txt"))]
        for number, text in enumerate(self.texts):
            (self.source / f"{number}.txt").write_bytes(text)
        began = time.monotonic()
        assert self.run("ingest").wait() == 0
        self.usual = time.monotonic() - began
        self.look()

    def run(self, command: str) -> subprocess.Popen[bytes]:
        """Start a command of lvzhi."""
        sources = [str(self.source), "--source", "s"] if command == "ingest" else []
        line = [sys.executable, "-m", "flows.cli", command, *sources, "--data", str(self.data)]
        return subprocess.Popen(line, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def change(self) -> None:
        """Something new in the source."""
        number = self.chance.randrange(2 * len(self.texts))
        text = self.chance.choice(self.texts).decode() + f"\n开展视察{self.chance.randrange(2, 999)}次。\n"
        (self.source / f"{number}.txt").write_text(text, encoding="utf-8")

    def round(self) -> str:
        """One harm, and a look whether all that was released stands."""
        harm = self.chance.choice(HARMS)
        if not self.mounted and harm.endswith("disk"):
            harm = "kill"
        self.change()
        command = self.chance.choice(("ingest", "ingest", "backfill", "maintain"))
        getattr(self, "do_" + harm.replace(" ", "_").replace("-", "_"))(command)
        self.done[harm] += 1
        self.look()
        return harm

    def do_kill(self, command: str) -> None:
        """SIGKILL at a random moment."""
        process = self.run(command)
        time.sleep(self.chance.uniform(0.3, 1.1) * self.usual)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def do_torn_record(self, command: str) -> None:
        """The last record of what a killed run archived is not there to its end."""
        named = set(open_release(self.data).frame("captures")["run_id"])
        self.do_kill("ingest")
        for path in (self.data / "archive").iterdir():
            run = path.name.split(".")[0]
            if run not in named and run not in set(open_release(self.data).frame("captures")["run_id"]):
                size = path.stat().st_size
                os.truncate(path, self.chance.randrange(size) if size else 0)

    def do_torn_log(self, command: str) -> None:
        """An entry of a Delta log that no release names, not there to its end."""
        self.do_kill(command)
        name = self.chance.choice((*RELEASED, "runs"))
        log = self.data / "tables" / name / "_delta_log"
        last = max(int(path.stem) for path in log.glob("*.json"))
        whole = (log / f"{last:020}.json").read_bytes()
        (log / f"{last + 1:020}.json").write_bytes(whole[: self.chance.randrange(len(whole) - 1)])

    def do_full_disk(self, command: str) -> None:
        """A disk that fills up in mid-run."""
        free = shutil.disk_usage(self.disk).free
        left = self.chance.randrange(1_000, 150_000)
        ballast = self.disk / "ballast"
        with ballast.open("wb") as file:
            file.truncate(0)
            os.posix_fallocate(file.fileno(), 0, max(4096, free - left))
        try:
            self.run(command).wait()
        finally:
            ballast.unlink()

    def do_read_only_disk(self, command: str) -> None:
        """A disk that can no longer be written, in mid-run."""
        process = self.run(command)
        time.sleep(self.chance.uniform(0.3, 1.0) * self.usual)
        # The kernel refuses while a file is open for writing: then the next moment is tried.
        while (
            process.poll() is None
            and subprocess.run(["mount", "-o", "remount,ro", str(self.disk)], capture_output=True).returncode
        ):
            time.sleep(0.01)
        process.wait()
        subprocess.run(["mount", "-o", f"remount,rw,size={DISK}", str(self.disk)], check=True)

    def look(self) -> None:
        """Every release reads as it did when it was made, and the archive gives back all captures of the current one."""
        for number in numbers(DataFolder(self.data)):
            reader = open_release(self.data, number)
            held = {name: content_hash(name, reader.frame(name)) for name in RELEASED}
            assert self.expected.setdefault(number, held) == held, f"release {number} changed"
        reader = open_release(self.data)
        for row in reader.frame("captures").iter_rows(named=True):
            if row["warc_file"]:
                data = read_capture(reader.folder.archive, row["warc_file"], row["warc_offset"], row["sha256"])
                assert hashlib.sha256(data).hexdigest() == row["sha256"]
        assert reader.release.number == max(self.expected), "the current release went back"

    def end(self) -> None:
        """The next run completes, and the tables are those that the archive gives."""
        assert self.run("ingest").wait() == 0
        run_ingest([str(self.source)], self.data, source_name="s", submit=in_turn)
        self.look()
        reader = open_release(self.data)
        digests = {hashlib.sha256(path.read_bytes()).hexdigest() for path in self.source.iterdir()}
        latest = reader.frame("captures").sort("captured_at").unique("report_id", keep="last")
        assert set(latest["sha256"]) == digests, "a page of the source is missing"
        assert "running" not in reader.frame("runs")["status"].to_list()
        rebuilt = self.work / "rebuilt"
        shutil.copytree(self.data / "archive", rebuilt / "archive")
        run_rebuild(rebuilt, submit=in_turn)
        for data in (self.data, rebuilt):
            for _ in range(6):
                if not run_backfill(data, submit=in_turn).summary.changed:
                    break
        ours, theirs = open_release(self.data), open_release(rebuilt)
        for name in RELEASED:
            same = content_hash(name, ours.frame(name)) == content_hash(name, theirs.frame(name))
            assert same, f"{name} is not what the archive gives"


def crash(rounds: int, seed: int) -> Counter[str]:
    """So many rounds, and the look at the end.

    Returns:
        How often each harm was done.
    """
    with tempfile.TemporaryDirectory() as folder, small_disk() as (disk, mounted):
        (Path(folder) / "disk").symlink_to(disk)
        test = CrashTest(Path(folder), mounted=mounted, seed=seed)
        for number in range(1, rounds + 1):
            harm = test.round()
            print(f"{number}/{rounds} {harm}: {len(test.expected)} releases stand", file=sys.stderr)
        test.end()
        if not mounted:
            print("left out: full disk, read-only disk (need root)", file=sys.stderr)
        return test.done


def main() -> None:
    """Read the arguments, crash, print what was done."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    done = crash(given.rounds, given.seed)
    print(", ".join(f"{count} {harm}" for harm, count in sorted(done.items())), "- all stands")


if __name__ == "__main__":
    main()
