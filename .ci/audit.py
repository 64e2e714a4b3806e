"""The pinned versions against the public advisories, by pip-audit: what was looked up, what was not, what was found.

    python .ci/audit.py PIP-AUDIT

pip-audit calls a package that the advisory service does not answer for "skipped" and passes. Here that does not
pass: the exit code is 0 only when every pin was looked up and none has a known weakness.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

CONSTRAINTS = Path(__file__).resolve().parents[1] / "constraints.txt"


def verdict(report: dict[str, Any]) -> tuple[bool, list[str]]:
    """Whether pip-audit's report (its JSON) is a pass, and what to say of it."""
    packages = report["dependencies"]
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    weak = [(package, weakness) for package in packages for weakness in package.get("vulns", ())]
    lines = [
        f"{package['name']} {package['version']}: {weakness['id']}, "
        f"mended in {', '.join(weakness['fix_versions']) or 'no version yet'}"
        for package, weakness in weak
    ]
    looked_up = len(packages) - len(skipped)
    lines.append(f"{looked_up} of {len(packages)} pins looked up, {len(weak)} known weaknesses")
    if skipped:
        some = ", ".join(skipped[:5]) + (" …" if len(skipped) > 5 else "")
        lines.append(f"NOT AUDITED: {len(skipped)} pins, for which the advisory service gave no answer ({some})")
    return bool(packages) and not skipped and not weak, lines


def main() -> int:
    command = [sys.argv[1], "--requirement", str(CONSTRAINTS), "--no-deps", "--disable-pip", "--format", "json"]
    done = subprocess.run([*command, "--progress-spinner", "off"], capture_output=True, text=True)
    try:
        passed, lines = verdict(json.loads(done.stdout))
    except (ValueError, KeyError, TypeError):
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
        passed, lines = False, [f"NOT AUDITED: pip-audit gave no report ({reason[:300]})"]
    print("\n".join(f"audit: {line}" for line in lines))
    return 0 if passed else 1


if __name__ == "__main__":
    raise SystemExit(main())
