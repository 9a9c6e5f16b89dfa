"""Check a release: tag, version and the changelog's section agree. Usage: ``check_release.py v2.0.0``."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
VERSION = re.compile(r'^version = "([^"]+)"$', re.M)


def problems(tag: str, root: Path = ROOT) -> list[str]:
    """Return what keeps the commit in ``root`` from being released under ``tag``, one line each."""
    text = (root / "dbt" / "adapters" / "oceanbase" / "__version__.py").read_text()
    found = VERSION.search(text)
    version = found[1] if found else ""
    listed = []
    if tag != f"v{version}":
        listed.append(f"the tag is {tag}, the version {version or 'missing'}: the tag has to be v{version}")
    if re.search(r"dev|\+", version):
        listed.append(f"{version} is a development version: set a released one in __version__.py")
    changelog = (root / "CHANGELOG.md").read_text()
    section = re.search(rf"^## {re.escape(version)} - \d{{4}}-\d\d-\d\d\n(.*?)(?=^## |\Z)", changelog, re.M | re.S)
    if section is None:
        listed.append(f"CHANGELOG.md has no section '## {version} - <date>': give the one at its top that title")
    elif not section[1].strip():
        listed.append(f"CHANGELOG.md says nothing under {version}: write what the release has")
    return listed


if __name__ == "__main__":
    found = problems(sys.argv[1])
    for line in found:
        print(line, file=sys.stderr)
    sys.exit(bool(found))
