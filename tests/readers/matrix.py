"""The reader matrix: a release read with each library, at its oldest and newest version, gives the same rows.

    python -m tests.readers.matrix [--keep DIR]

Each version gets an environment of its own (with uv where it is there, else venv and pip). What is read: the files of an
export, and the files of a release in place, while runs and compactions go on beside.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import threading
import tomllib
from pathlib import Path

from flows.maintain import run_maintain
from flows.pipeline import run_ingest
from flows.submit import in_turn
from schemas.tables import TABLES
from storage import open_release
from storage.export import export

HERE = Path(__file__).parent
SAMPLES = HERE.parent.parent / "seeds" / "reports"
READ = HERE / "read.py"


def environment(folder: Path, packages: list[str]) -> Path:
    """Python of a new environment with these packages; made once."""
    python = folder / "bin" / "python"
    if not python.exists():
        if uv := shutil.which("uv"):
            subprocess.run([uv, "venv", "-q", "--python", sys.executable, str(folder)], check=True)
            subprocess.run([uv, "pip", "install", "-q", "--python", str(python), *packages], check=True)
        else:
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
            subprocess.run([str(python), "-m", "pip", "install", "-q", "--only-binary", ":all:", *packages], check=True)
    return python


def versions(python: Path, library: str) -> str:
    """Version of a library in an environment."""
    code = f"import {library}; print({library}.__version__)"
    return subprocess.run([str(python), "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def checksum(python: Path, library: str, table: str, files: list[str]) -> str:
    """Number of rows and checksum that a library reads."""
    key = ",".join(TABLES[table].key)
    done = subprocess.run([str(python), str(READ), library, key, *files], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{library} cannot read {table}: {done.stderr}")
    return done.stdout.strip()


class Busy:
    """Runs and compactions that go on in a data folder while a block runs."""

    def __init__(self, data: Path, source: Path) -> None:
        self.data, self.source = data, source
        self.rounds = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def __enter__(self) -> Busy:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _work(self) -> None:
        text = (SAMPLES / "portal.txt").read_text(encoding="utf-8")
        while not self._stop.is_set():
            self.rounds += 1
            (self.source / "busy.txt").write_text(f"{text}\n开展视察{self.rounds}次。\n", encoding="utf-8")
            run_ingest([str(self.source)], self.data, source_name="s", submit=in_turn)
            run_maintain(self.data)


def main() -> None:
    """Read everything with everything, compare, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, help="folder of the environments, for the next time")
    given = parser.parse_args()
    wanted = tomllib.loads((HERE / "versions.toml").read_text())
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        places = given.keep or work / "environments"
        source = work / "in"
        shutil.copytree(SAMPLES, source)
        (source / "bad.txt").write_text("no report", encoding="utf-8")  # so that the quarantine has a row, too
        run_ingest([str(source)], work / "data", source_name="s", submit=in_turn)
        reader = open_release(work / "data")
        tables = list(reader.release.versions)
        export(reader, work / "out", "parquet")
        expected = {}
        print("| library | version | tables of the export | tables in place, during runs and compactions |")
        print("|---|---|---|---|")
        with Busy(work / "data", source) as busy:
            for library, ages in wanted.items():
                for age, packages in ages.items():
                    python = environment(places / f"{library}-{age}", packages)
                    same = [0, 0]
                    for table in tables:
                        for kind, files in enumerate(([str(work / "out" / f"{table}.parquet")], reader.files(table))):
                            found = checksum(python, library, table, files)
                            same[kind] += expected.setdefault(table, found) == found
                    print(
                        f"| {library} | {versions(python, library)} | {same[0]} of {len(tables)} | {same[1]} of {len(tables)} |",
                        flush=True,
                    )
                    if same != [len(tables)] * 2:
                        raise SystemExit(f"{library} {age} reads other rows than the others")
        print(
            f"\n{sum(len(ages) for ages in wanted.values())} versions read the same rows; {busy.rounds} runs and compactions went on beside"
        )


if __name__ == "__main__":
    main()
