"""Same seed, same inputs: same bits in another process, on another thread, at every level of output."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.proof import golden
from tests.proof.cases import RULES, config, end_of

CHILD = "import json; from tests.proof.golden import made; print(json.dumps(made()))"


@pytest.mark.parametrize("hash_seed", ["0", "1", "4294967295"])
def test_in_another_process_whatever_its_hash_seed(hash_seed: str) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "LC_ALL": "C", "TZ": "Asia/Kathmandu"}
    ran = subprocess.run(
        [sys.executable, "-c", CHILD],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert json.loads(ran.stdout) == golden.made()


def test_on_other_threads_at_the_same_time() -> None:
    with ThreadPoolExecutor(max_workers=2) as pool:
        twice = list(pool.map(end_of, [config(name) for name in RULES for _ in range(2)]))
    expected = golden.made()
    assert twice == [expected[name] for name in RULES for _ in range(2)]


@pytest.mark.parametrize("level", ["full", "summary", "none"])
def test_at_every_level_of_output(level: str) -> None:
    expected = golden.made()
    assert {name: end_of(config(name, output={"events": level})) for name in RULES} == expected


def test_another_seed_is_another_day() -> None:
    name = "bypass, immediate"
    hashes = {end_of(config(name, rng_seed=seed)) for seed in range(20)}
    assert len(hashes) == 20
