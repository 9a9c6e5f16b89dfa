"""The documentation site: built without a dead link, searchable, and shown by a browser."""

from __future__ import annotations

import functools
import http.server
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SECONDS = 600
ALONE = ("--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update")
"""Flags with which the browser asks nothing of other hosts."""


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site. A link or an anchor that leads nowhere fails the build."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def address(site: Path) -> Iterator[str]:
    """The address under which the site is served."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_dead_link_fails_the_build(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(ROOT / "docs", copy / "docs")
    shutil.copy(ROOT / "mkdocs.yml", copy)
    page = copy / "docs" / "index.md"
    page.write_text(page.read_text() + "\n[nothing](limits.md#there-is-no-such-heading)\n")

    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)

    assert done.returncode != 0
    assert "there-is-no-such-heading" in done.stderr


def test_each_page_can_be_found_by_search(site: Path) -> None:
    index = json.loads((site / "search" / "search_index.json").read_text())

    pages = {entry["location"].partition("#")[0].strip("/") or "index" for entry in index["docs"]}
    assert pages == {path.stem for path in (ROOT / "docs").glob("*.md")}


def test_nothing_is_loaded_from_other_sites(site: Path) -> None:
    page = (site / "profile" / "index.html").read_text()

    assert 'src="http' not in page
    assert "fonts.googleapis" not in page


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_a_browser_shows_the_profile_page(address: str, tmp_path: Path) -> None:
    assert CHROMIUM is not None
    flags = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-sync", *ALONE, f"--user-data-dir={tmp_path}")
    done = subprocess.run(
        [CHROMIUM, *flags, "--dump-dom", f"{address}/profile/"],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )

    assert "password_command" in done.stdout
    # set by the theme's script, which has run then
    assert 'class="js' in done.stdout
