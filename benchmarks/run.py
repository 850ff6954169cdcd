"""Prints what gigawatt takes, with targets beside: `python benchmarks/run.py`; see benchmarks/README.md."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import command, compilation, install  # noqa: E402 - so that it runs as a script too
from benchmarks.measuring import Measure, machine  # noqa: E402

PARTS = (
    "world", "command", "compilation", "core", "training", "tokens", "power", "events", "buildout", "finance", "deals",
)  # fmt: skip
SMALL, TYPICAL = ROOT / "examples" / "one-campus.yaml", ROOT / "examples" / "stargate.yaml"


def measures(size: str, parts: Sequence[str]) -> Iterator[Measure]:
    """The figures of the chosen parts.

    Commands come first, and the world is imported late: a child's peak memory counts its parent's at the start.
    """
    path = SMALL if size == "small" else TYPICAL
    quick = size == "small"
    if "command" in parts:
        yield from command.measure(path, times=1 if quick else 3)
    if "core" in parts:
        yield from install.core()
    if "demo" in parts:
        yield from install.demo()
    if "compilation" in parts:
        yield from compilation.measure(path, SMALL)
    if "world" in parts:
        from benchmarks import world

        yield from world.measure(path, times=3 if quick else 9, many=2 if quick else 16)
    if "training" in parts:
        from benchmarks import training_runs

        yield from training_runs.measure(times=1 if quick else 9)
    if "tokens" in parts:
        from benchmarks import tokens

        yield from tokens.of_published()
        yield from tokens.of_speed(times=1 if quick else 9)
    if "power" in parts:
        from benchmarks import power

        yield from power.measure(**(power.SMALL if quick else power.TYPICAL))
    if "events" in parts:
        from benchmarks import buildout_events

        yield from buildout_events.measure(**(buildout_events.SMALL if quick else buildout_events.TYPICAL))
    if "buildout" in parts:
        from benchmarks import buildout

        yield from buildout.measure(**(buildout.SMALL if quick else buildout.TYPICAL))
    if "finance" in parts:
        from benchmarks import finance

        yield from finance.measure(**(finance.SMALL if quick else finance.TYPICAL))
    if "deals" in parts:
        from benchmarks import deals

        yield from deals.measure(**(deals.SMALL if quick else deals.TYPICAL))


def rows(found: Sequence[Measure]) -> list[dict[str, object]]:
    """Measures as plain rows, with their verdicts."""
    return [{**asdict(one), "verdict": one.verdict} for one in found]


def number(value: float | None) -> str:
    """Four digits, or a power of ten where that is shorter."""
    return "" if value is None else f"{value:.4g}"


def table(found: Sequence[Measure]) -> str:
    """Measures under one another, targets beside them."""
    lines = [("", "measured", "at most", "")]
    lines += [(f"{m.subject}: {m.name}", f"{number(m.value)} {m.unit}", number(m.limit), m.verdict) for m in found]
    widths = [max(len(line[n]) for line in lines) for n in range(4)]
    return "\n".join(
        f"{name:<{widths[0]}}  {value:<{widths[1]}}  {limit:>{widths[2]}}  {verdict}".rstrip()
        for name, value, limit, verdict in lines
    )


def show(found: Sequence[Measure], how: str) -> None:
    """Print as a table, JSON or CSV."""
    if how == "json":
        print(json.dumps({"machine": machine(), "measures": rows(found)}, indent=1))
    elif how == "csv":
        writer = csv.DictWriter(sys.stdout, fieldnames=list(rows(found[:1])[0]))
        writer.writeheader()
        writer.writerows(rows(found))
    else:
        print("\n".join(f"{key:<10} {value}" for key, value in machine().items()), end="\n\n")
        print(table(found))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=("small", "typical"), default="typical", help="one campus, or stargate")
    parser.add_argument("--part", action="append", choices=(*PARTS, "demo"))
    parser.add_argument("--install", action="store_true", help="also the demo in a fresh clone; takes a minute or two")
    parser.add_argument("--format", choices=("table", "json", "csv"), default="table")
    chosen = parser.parse_args(arguments)
    parts = chosen.part or [*PARTS, *(["demo"] if chosen.install else [])]
    show(list(measures(chosen.size, parts)), chosen.format)


if __name__ == "__main__":
    main()
