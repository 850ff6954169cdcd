"""The terminal sessions that the pages show: runs their commands, and writes what they print into docs/outputs/.

    python docs/capture.py

writes the files anew. The tests run the same commands and compare what is printed: first cells exactly, numbers not.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

DOCS = Path(__file__).parent
OUTPUTS = DOCS / "outputs"
EDITS = (("\nname: stargate", "\nname: fast-sites\nparameters: {build.site_weeks: 52}"),)
CLAIM = "energised_gw @ 2030-12 >= 150"

SESSION: dict[str, list[str]] = {  # file: commands in the order of their need; {file} is the run that it printed
    "check.txt": ["gigawatt check examples/stargate.yaml"],
    "run.txt": ["gigawatt run examples/stargate.yaml"],
    "run-fast.txt": ["gigawatt run fast.yaml"],
    "compare.txt": ["gigawatt compare {run.txt} {run-fast.txt}"],
    "explain.txt": ["gigawatt explain {run.txt} energised_gw"],
    "claims.txt": [f'gigawatt claims {{run.txt}} --claim "{CLAIM}"'],
    "mistakes.txt": ["gigawatt check mistakes.yaml"],
    "schedule.txt": ["gigawatt buildout schedule examples/portfolio.csv"],
    "campus.txt": ["gigawatt finance project-campus"],
    "downside.txt": ["gigawatt finance project-campus --case downside"],
    "circularity.txt": ["gigawatt deals circularity --by definition"],
    "loops.txt": ["gigawatt deals loops --narrow --most 8"],
    "who-funds.txt": ["gigawatt deals who-funds Nvidia"],
    "power.txt": ["gigawatt power --site us_tx_abilene --load 1GW --options pv,wind,battery,gas,grid"],
}
WITH_ERRORS = ("mistakes.txt",)  # what goes to standard error is the point there


def prepare(place: Path) -> None:
    """The files that the commands read: the examples, the edited copy, the small files of the pages."""
    shutil.copytree(DOCS.parent / "examples", place / "examples", dirs_exist_ok=True)
    text = (place / "examples" / "stargate.yaml").read_text()
    for old, new in EDITS:
        assert text.count(old) == 1, f"the tutorial edits the line with {old!r}"
        text = text.replace(old, new)
    (place / "fast.yaml").write_text(text)
    for path in OUTPUTS.glob("*.yaml"):
        shutil.copy(path, place)


def command(line: str, place: Path) -> subprocess.CompletedProcess[str]:
    """Runs a line that starts with `gigawatt` in `place`."""
    words = shlex.split(line)
    assert words[0] == "gigawatt"
    environment = os.environ | {"PYTHONPATH": str(DOCS.parent), "COLUMNS": "120"}
    return subprocess.run(
        [sys.executable, "-m", *words], cwd=place, env=environment, capture_output=True, text=True, check=False
    )


def session(place: Path) -> dict[str, str]:
    """What each file of `SESSION` shows: every command after a `$`, and what it prints."""
    shown: dict[str, str] = {}
    for name, lines in SESSION.items():
        text = ""
        for pattern in lines:
            line = re.sub(r"\{([\w.-]+)\}", lambda found: run_name(shown[found[1]]), pattern)
            done = command(line, place)
            text += f"$ {line}\n" + done.stdout + (done.stderr if name in WITH_ERRORS else "")
            if done.returncode and name not in WITH_ERRORS:
                raise RuntimeError(f"{line}: exit {done.returncode}\n{done.stderr}")
        shown[name] = text
    return shown


def run_name(text: str) -> str:
    """Name of the run that `gigawatt run` printed."""
    found = re.search(r"^run +runs/(\S+)$", text, re.MULTILINE)
    assert found, "no run was printed"
    return found[1]


def skeleton(text: str) -> list[str]:
    """First cells of the lines without numbers and hashes: while these stay, the page still shows what is printed."""
    lines = []
    for line in text.splitlines():
        if line.strip().startswith("does not hold"):  # which claims hold is a matter of numbers
            continue
        first = re.split(r"\s{2,}", line.strip())[0]
        first = re.sub(r"\b[0-9a-f]{8}\b", "HASH", first)
        lines.append(re.sub(r"\d[\d,.]*(e[-+]?\d+)?", "N", first).split("(")[0])
    return [line for line in lines if line and not re.fullmatch(r"[─ ]+", line)]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))
        for name, text in session(Path(folder)).items():
            (OUTPUTS / name).write_text(text)
            print(f"wrote {OUTPUTS.name}/{name}: {len(text.splitlines())} lines")


if __name__ == "__main__":
    main()
