"""Install a distribution without some of its requirements: ``install_without.py dbt-core==1.12.* left``."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata

from packaging.requirements import Requirement


def pip_install(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *arguments], check=True)


def main(wanted: str, *left_out: str) -> None:
    pip_install("--no-deps", wanted)
    requirements = map(Requirement, metadata.requires(Requirement(wanted).name) or [])
    needed = [item for item in requirements if item.name not in left_out]
    pip_install(*[str(item) for item in needed if item.marker is None or item.marker.evaluate({"extra": ""})])


if __name__ == "__main__":
    main(*sys.argv[1:])
