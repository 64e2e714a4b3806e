"""What several rooms' tests share: an encoder that loads nothing, and the runner of experiments that kill."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def fake_encoder():
    """Deterministic vectors of 16 numbers from a text's hash; counts what it is given in `encoded`."""
    from tests.index.survival import HashEncoder

    return HashEncoder()


@pytest.fixture(scope="session")
def crash(tmp_path_factory) -> Callable[..., dict[str, Any]]:
    """`crash(experiment, **arguments)` runs tests/index/crasher.py in a process of its own.

    Needs Linux and a C compiler.
    """
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not sys.platform.startswith("linux") or compiler is None:
        pytest.skip("kills at system calls need Linux and a C compiler")
    library = tmp_path_factory.mktemp("faults") / "faults.so"
    source = ROOT / "tests" / "index" / "faults.c"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)

    def run(experiment: str, **arguments: Any) -> dict[str, Any]:
        folder = tmp_path_factory.mktemp(experiment)
        command = [sys.executable, "-m", "tests.index.crasher", experiment, str(folder), json.dumps(arguments)]
        environment = os.environ | {"LD_PRELOAD": str(library), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-4000:]
        shutil.rmtree(folder, ignore_errors=True)
        return json.loads(done.stdout.splitlines()[-1])

    return run
