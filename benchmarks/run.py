"""Measures everything and writes `results.md`.

python benchmarks/run.py --speed PROGRAM --peer-python PYTHON [--full] [--only PART ...]
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import engine, file_door, peer, profiles, python_door, service
from benchmarks.rows import page

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.rows import Part

PARTS = ("engine", "profiles", "python", "files", "service", "peer")
RESULTS = Path(__file__).with_name("results.md")


def main(arguments: list[str]) -> None:
    """Runs the parts that are wanted; only a run of all parts replaces `results.md`."""
    load_before = os.getloadavg()[0]
    options = _options(arguments)
    repeats = options.repeats
    streamed = 100_000_000 if options.full else 10_000_000
    measures: dict[str, Callable[[], Part]] = {
        "engine": lambda: engine.measure(options.speed, repeats),
        "profiles": lambda: profiles.measure(repeats),
        "python": lambda: python_door.measure(repeats),
        "files": lambda: file_door.measure(repeats, streamed),
        "service": lambda: service.measure(repeats),
        "peer": lambda: peer.measure(options.peer_python.absolute(), repeats, full=options.full),
    }
    parts = []
    for name in options.only or measures:
        print(f"measuring: {name} ...", file=sys.stderr, flush=True)
        parts.append(measures[name]())
    text = page(parts, load_before)
    print(text)
    if not options.only:
        RESULTS.write_text(text, encoding="utf-8")


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measures everything and writes benchmarks/results.md.")
    parser.add_argument("--speed", type=Path, required=True, help="the built example `speed` of the engine")
    parser.add_argument("--peer-python", type=Path, required=True, help="the Python that has PSSimPy")
    parser.add_argument("--repeats", type=int, default=5, help="how often what is short is measured")
    parser.add_argument("--full", action="store_true", help="also what takes many minutes: 100M transactions")
    parser.add_argument("--only", nargs="+", choices=PARTS, help="parts to measure")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
