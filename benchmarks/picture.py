"""The answer and the picture of README.md, from a run of the standing example: `python3 dev.py picture`.

The picture is the first screen of the report, as headless Chromium draws it.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measuring import GIGAWATT, ROOT

README = ROOT / "README.md"
PICTURE = ROOT / "docs" / "images" / "report.png"
BLOCK = re.compile(r"(<!-- answer: .*? -->\n).*?(<!-- end of the answer -->)", re.DOTALL)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
QUIET = (
    "--headless --no-sandbox --disable-gpu --hide-scrollbars --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --virtual-time-budget=4000 --force-prefers-reduced-motion"
).split()
WIDTH, HEIGHT = 1280, 860  # pixels: a laptop's window


def answer(runs: Path) -> str:
    """What the demo says and its headline figures, as Markdown; leaves the run in `runs`."""
    demo = (*GIGAWATT, "demo", "--out", str(runs))
    told = subprocess.run(demo, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    found = subprocess.run((*demo, "--format", "json"), cwd=ROOT, capture_output=True, text=True, check=True).stdout
    _, *story = told.strip().split("\nstargate\n")[0].strip().splitlines()  # the question stands above it already
    rows = [f"| {plain(row['figure'])} | {plain(row['result'])} |" for row in json.loads(found)]
    quoted = "\n>\n".join(f"> {plain(line)}" for line in story if line.strip())
    return "\n".join(("", quoted, "", "| | |", "| --- | --- |", *rows, "", ""))


def plain(text: str) -> str:
    """Text in which Markdown sees no formulas, tables or emphasis."""
    return re.sub(r"([$|*_<])", r"\\\1", text)


def with_answer(readme: str, text: str) -> str:
    """The README with `text` in the place of its answer."""
    return BLOCK.sub(lambda found: found[1] + text + found[2], readme)


def draw(report: Path, picture: Path) -> None:
    """Write a PNG of the first screen of a report."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit(f"no browser to draw with; one of {', '.join(BROWSERS)} is needed")
    picture.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        options = (f"--user-data-dir={profile}", f"--screenshot={picture}", f"--window-size={WIDTH},{HEIGHT}")
        subprocess.run((browser, *QUIET, *options, report.as_uri()), check=True, capture_output=True)


def main() -> None:
    """Run the example; write answer and picture."""
    with tempfile.TemporaryDirectory() as place:
        text = answer(Path(place))
        (report,) = Path(place).glob("*/report.html")
        draw(report, PICTURE)
    README.write_text(with_answer(README.read_text(encoding="utf-8"), text), encoding="utf-8")
    print(f"wrote {README.name} and {PICTURE.relative_to(ROOT)} ({PICTURE.stat().st_size / 1000:.0f} kB)")


if __name__ == "__main__":
    main()
