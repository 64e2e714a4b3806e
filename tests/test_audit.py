"""What `make audit` says: a pin that nobody looked up is no pass."""

import importlib.util
import stat
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / ".ci" / "audit.py"
_spec = importlib.util.spec_from_file_location("audit", SCRIPT)
assert _spec is not None and _spec.loader is not None
audit = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(audit)

SOUND = {"name": "numpy", "version": "2.4.1", "vulns": []}
WEAK = {"name": "lxml", "version": "6.0.0", "vulns": [{"id": "CVE-1", "fix_versions": ["6.0.1"]}]}
SKIPPED = {"name": "torch", "skip_reason": "Dependency not found on PyPI and could not be audited: torch (2.13.0)"}


@pytest.mark.parametrize(
    "packages, passes, said",
    [
        ([SOUND], True, "1 of 1 pins looked up, 0 known weaknesses"),
        ([SOUND, WEAK], False, "lxml 6.0.0: CVE-1, mended in 6.0.1"),
        ([SOUND, SKIPPED], False, "NOT AUDITED: 1 pins, for which the advisory service gave no answer (torch)"),
        ([], False, "0 of 0 pins looked up"),
    ],
)
def test_only_what_was_looked_up_passes(packages, passes, said):
    passed, lines = audit.verdict({"dependencies": packages, "fixes": []})
    assert passed == passes
    assert any(said in line for line in lines)


@pytest.mark.parametrize(
    "program, code, said",
    [
        ("echo '{\"dependencies\": []}'", 1, "0 of 0 pins"),
        (
            "echo 'ServiceError: cannot be reached' >&2; exit 1",
            1,
            "NOT AUDITED: pip-audit gave no report (ServiceError",
        ),
        (f"echo '{{\"dependencies\": [{str(SOUND).replace(chr(39), chr(34))}]}}'", 0, "1 of 1 pins looked up"),
    ],
)
def test_the_exit_code_says_it_too(program, code, said, tmp_path):
    stub = tmp_path / "pip-audit"
    stub.write_text(f"#!/bin/sh\n{program}\n")
    stub.chmod(stub.stat().st_mode | stat.S_IXUSR)
    done = subprocess.run([sys.executable, SCRIPT, stub], capture_output=True, text=True)
    assert done.returncode == code and said in done.stdout
