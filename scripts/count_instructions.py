"""Counts the instructions that the engine executes on small forms of the benchmarks, and compares them.

    python scripts/count_instructions.py                     # with those of benchmarks/instructions.json
    python scripts/count_instructions.py --program PROGRAM   # of another build of the engine, to record them

Instructions are counted by valgrind's cachegrind from the submission on: a count is the same from run to run,
where a time is not. A rule that is off may cost next to nothing: the limit is in the file, beside the counts
of the engine when it had no rules yet but plain settlement, queues, pairs and cycles at the end of a tick.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
RECORD: Final = ROOT / "benchmarks" / "instructions.json"
_COUNT: Final = re.compile(r"I\s+refs:\s+([\d,]+)")


def build() -> Path:
    """Build the workloads, and return the program."""
    cargo = shutil.which("cargo") or str(Path.home() / ".cargo" / "bin" / "cargo")
    example = ["--example", "instructions", "-p", "payment-simulator-engine"]
    subprocess.run([cargo, "build", "--locked", "--quiet", "--release", *example], cwd=ROOT, check=True)
    return ROOT / "target" / "release" / "examples" / "instructions"


def executed(program: Path, workload: str) -> int:
    """Return how many instructions submitting and running a workload take."""
    return _all_executed(program, workload, "done") - _all_executed(program, workload, "made")


def _all_executed(program: Path, workload: str, until: str) -> int:
    valgrind = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    done = subprocess.run(
        [*valgrind, str(program), workload, until], capture_output=True, text=True, check=True
    )
    found = _COUNT.search(done.stderr)
    assert found is not None, f"valgrind counted nothing: {done.stderr}"
    return int(found[1].replace(",", ""))


def compiler() -> str:
    """Return the release of the compiler, on which counts depend."""
    rustc = shutil.which("rustc") or str(Path.home() / ".cargo" / "bin" / "rustc")
    answer = subprocess.run([rustc, "--version"], capture_output=True, text=True, check=True)
    return answer.stdout.split()[1]


def main() -> None:
    """Print counts; exit with 1 if one is beyond the limit."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--program", type=Path, help="count this one, and compare nothing")
    given = parser.parse_args()
    record = json.loads(RECORD.read_text())
    program = given.program or build()
    beyond = []
    for workload, before in record["instructions"].items():
        now = executed(program, workload)
        sys.stdout.write(f"{workload:14} {before:>14,} {now:>14,} {now / before - 1:+8.2%}\n")
        if now > before * record["limit"]:
            beyond.append(workload)
    if beyond and given.program is None:
        sys.exit(f"more than {record['limit'] - 1:.0%} beyond the record: {', '.join(beyond)}")


if __name__ == "__main__":
    main()
