"""The command `training`: one run, the best split of compute, a file of runs, or the traps in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from gigawatt.cli.failures import say
from gigawatt.cli.output import Format, show

EXAMPLES = """Examples:

gigawatt training llama-3.1-405b --tokens 15.6T --chips 16384

gigawatt training 671B/37B --tokens 14.8T --chip h800 --precision fp8

gigawatt training --optimal 1e26 --serve-tokens 100T

gigawatt training --compare runs.csv --format csv --out estimates.csv

gigawatt training --lint runs.csv
"""
DRAWS = 500  # of the scaling law, for its band
SEED = 2024
WHOLE_FROM, POWERS_FROM = 1e4, 1e9  # between: whole, with commas
BAND = "low and high: 80 % band"
Row = dict[str, Any]
ERRORS = ("chip_hours_error", "wall_days_error", "energy_mwh_error", "cost_usd_error")
HOURS = ("chip_hours", "chip_hours_estimate", "chip_hours_low", "chip_hours_high")
BRIEF = ("model", "chip", "arch", "fitted", *HOURS, *ERRORS, "reason")  # of a comparison on the terminal
COLUMNS = ("quantity", "value", "low", "high", "unit", "note")


def training(
    model: Annotated[
        str | None, typer.Argument(help="A catalog model, or a size: 70B, 671B/37B (total/active).")
    ] = None,
    tokens: Annotated[str | None, typer.Option("--tokens", help="Tokens of training, such as 15T.")] = None,
    chip: Annotated[str, typer.Option("--chip", help="Chip of the catalog.")] = "h100-sxm",
    chips: Annotated[float | None, typer.Option("--chips", help="How many; without: no days and failures.")] = None,
    precision: Annotated[str, typer.Option("--precision", help="bf16 or fp8.")] = "bf16",
    context: Annotated[str | None, typer.Option("--context", help="Tokens of a sequence; without: 4096.")] = None,
    on: Annotated[
        str | None, typer.Option("--date", help="When it runs, YYYY-MM, for its software; without: the latest.")
    ] = None,
    mfu: Annotated[
        float | None, typer.Option("--mfu", help="Share of BF16 peak that it reaches; without: estimated.")
    ] = None,
    region: Annotated[
        str | None, typer.Option("--region", help="Region of the catalog, for price and carbon of power.")
    ] = None,
    usd_per_hour: Annotated[
        float | None, typer.Option("--usd-per-hour", help="Rent of a chip-hour in USD; without: estimated.")
    ] = None,
    optimal: Annotated[
        str | None, typer.Option("--optimal", help="FLOP to split between size and tokens for least loss.")
    ] = None,
    serve_tokens: Annotated[
        str | None, typer.Option("--serve-tokens", help="Tokens served later, with --optimal.")
    ] = None,
    unique_tokens: Annotated[
        str | None, typer.Option("--unique-tokens", help="Fresh tokens there are; further ones repeat.")
    ] = None,
    compare: Annotated[
        Path | None, typer.Option("--compare", help="CSV of published runs: estimates beside it, and errors.")
    ] = None,
    lint: Annotated[Path | None, typer.Option("--lint", help="CSV of published runs: numbers that mislead.")] = None,
    how: Annotated[Format, typer.Option("--format", "-f", help="How tables are written.")] = Format.table,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write instead of printing.")] = None,
) -> None:
    """Estimate a training run: chip-hours, days, failures, energy, cost; or split FLOP, or check a file of runs."""
    from gigawatt.errors import GigawattError
    from gigawatt.training.flop import amount
    from gigawatt.training.run import Plan
    from gigawatt.training.speed import year_of

    ways = {"MODEL": model, "--optimal": optimal, "--compare": compare, "--lint": lint}
    asked = [name for name, given in ways.items() if given is not None]
    if len(asked) != 1:
        raise GigawattError(f"give one of {', '.join(ways)}; got {' and '.join(asked) or 'none'}")
    if serve_tokens is not None and optimal is None:
        raise GigawattError("--serve-tokens goes with --optimal")
    unique = None if unique_tokens is None else amount(unique_tokens)
    if lint is not None:
        _lint(lint, how, out)
    elif compare is not None:
        _compare(compare, how, out)
    elif optimal is not None:
        rows = optimal_rows(amount(optimal), None if serve_tokens is None else amount(serve_tokens), unique)
        show(_told(rows, how), how, out, title=f"best split of {amount(optimal):.3g} FLOP; {BAND}")
    elif model is not None:
        if tokens is None:
            raise GigawattError("say how many tokens the model is trained on: --tokens 15T")
        plan = Plan(
            tokens=amount(tokens),
            chips=chips,
            precision=precision,
            context_tokens=None if context is None else amount(context),
            year=None if on is None else year_of(on),
            mfu=mfu,
            region=region,
            usd_per_h=usd_per_hour,
        )
        rows = run_rows(model, chip, plan, unique)
        show(_told(rows, how), how, out, title=f"{model} on {tokens} tokens, {chip}; {BAND}")


training.__doc__ = f"{training.__doc__}\n\n{EXAMPLES}"


def run_rows(model: str, chip: str, plan: Any, unique_tokens: float | None) -> list[Row]:
    """One row for each quantity of a run."""
    from gigawatt.training import capability, estimate, loss, tokens_worth

    found = estimate(model, chip, plan=plan)
    fresh = plan.tokens if unique_tokens is None else unique_tokens
    passes = plan.tokens / fresh
    worth = tokens_worth(fresh, passes)
    nats = loss(found.size.params_active, worth)
    guessed = ", estimated" if plan.usd_per_h is None else ""
    usual = "" if found.chips_given else ", as if it took 45 days; give --chips"
    rows = [
        _row("flop", found.flop, "FLOP", "6 N D and attention"),
        _row("utilisation", found.mfu, "", "of BF16 peak while it makes progress"),
        _row("goodput", found.goodput, "", f"share of time that failures and checkpoints leave{usual}"),
        _row("chip_hours", found.hours, "h", "lost time included"),
    ]
    if found.chips_given:
        rows += [
            _row("days", found.days, "days", f"on {found.chips:,.0f} chips"),
            _row("failures", found.failures, "", "interruptions over the run"),
            _row("checkpoint_interval", found.checkpoint_minutes, "min", "of least loss (Young, Daly)"),
        ]
    rows += [
        _row("energy", found.energy_mwh, "MWh", "at the meter of the site"),
        _row("carbon", found.carbon_t, "t CO2", "of that energy at the grid's mean"),
        _row("cost_rented", found.rented_usd, "USD", f"at {_usd(found.rented_usd_per_h)} USD a chip-hour{guessed}"),
        _row("cost_owned", found.owned_usd, "USD", f"at {_usd(found.owned_usd_per_h)} USD a chip-hour"),
        _row("loss", nats, "nats/token", "replicated Chinchilla law; dense, extrapolated above 1e22 FLOP"),
        _row("exam_error", capability.exam_error(found.flop), "", "share of MMLU questions answered wrongly"),
    ]
    if unique_tokens is not None:
        rows.append(_row("passes", passes, "", f"over the unique tokens, worth {worth:.3g} fresh ones"))
    return rows


def optimal_rows(flop: float, serve_tokens: float | None, unique_tokens: float | None) -> list[Row]:
    """The best size and tokens by each law, the replicated one with its band."""
    import numpy as np

    from gigawatt.training import scaling

    chosen: dict[str, Callable[[scaling.ScalingLaw], scaling.Recipe]] = {
        "compute-optimal": lambda by: scaling.compute_optimal(flop, by)
    }
    if serve_tokens is not None:
        chosen["serving-optimal"] = lambda by: scaling.serving_optimal(flop, serve_tokens, by)
    if unique_tokens is not None:
        chosen["data-limited"] = lambda by: scaling.data_limited(flop, unique_tokens, by)
    draws = scaling.sampled_laws(DRAWS, np.random.default_rng(SEED))
    rows = []
    for kind, best in chosen.items():
        for name in scaling.LAWS:
            drawn = [best(one) for one in draws] if name == "replicated" else []
            by = scaling.law(name)
            rows.append({"choice": kind, "law": name} | _split(best(by), drawn, by))
    return rows


def _split(recipe: Any, drawn: list[Any], by: Any) -> Row:
    import numpy as np

    from gigawatt.training import scaling

    row: Row = {}
    for key in ("params", "tokens"):
        low, high = np.quantile([getattr(one, key) for one in drawn], (0.1, 0.9)) if drawn else (None, None)
        row |= {key: getattr(recipe, key), f"{key}_low": low and float(low), f"{key}_high": high and float(high)}
    row |= {"tokens_per_param": recipe.tokens / recipe.params, "flop": recipe.flop}
    return row | {"loss": scaling.loss(recipe.params, recipe.tokens, by)}


def _compare(path: Path, how: Format, out: Path | None) -> None:
    from gigawatt.errors import GigawattError
    from gigawatt.training import compare as compared
    from gigawatt.training import read_runs, summary

    rows = compared(read_runs(path))
    if not any(row["chip_hours_estimate"] for row in rows):
        raise GigawattError(f"{path}: no run could be estimated" + (f" ({rows[0]['reason']})" if rows else ""))
    brief = how is Format.table
    kept = [key for key in BRIEF if any(row[key] not in (None, "") for row in rows)] if brief else list(rows[0])
    told = _told([{key: row[key] for key in kept} for row in rows], how)
    show(told, how, out, title=f"runs of {path.name}; {BAND}; fitted: part of the fit, no test of it")
    if brief:
        show(_told(summary(rows), how), how, title="errors of the estimates, relative to what was published")
    else:
        for row in summary(rows):
            if row["count"]:
                say(f"{row['runs']}, {row['quantity']}: {row['count']} rows, median {row['median_absolute_error']:.1%}")


def _lint(path: Path, how: Format, out: Path | None) -> None:
    from gigawatt.training import lint as linted
    from gigawatt.training import read_runs

    found = linted(read_runs(path))
    show([asdict(one) for one in found], how, out, columns=("line", "model", "rule", "said"), title=str(path))
    if found:
        say(f"{len(found)} {'trap' if len(found) == 1 else 'traps'} in {path}")
        raise typer.Exit(1)


def _row(quantity: str, found: Any, unit: str, note: str) -> Row:
    """A number, a band or nothing as one row."""
    banded = hasattr(found, "low")
    values = (found.value, found.low, found.high) if banded else (found, None, None)
    return dict(zip(COLUMNS, (quantity, *values, unit, note if values[0] is not None else "not known"), strict=True))


def _told(rows: list[Row], how: Format) -> list[Row]:
    """The rows with three digits that matter where people read them; files keep all, and published hours too."""
    if how is not Format.table:
        return rows
    return [{key: _short(value, 9 if key == "chip_hours" else 3) for key, value in row.items()} for row in rows]


def _short(value: Any, digits: int) -> Any:
    if not isinstance(value, float):
        return value
    rounded = float(f"{value:.{digits}g}")
    return int(rounded) if WHOLE_FROM <= abs(rounded) < POWERS_FROM else rounded


def _usd(value: float | None) -> str:
    return "no known" if value is None else f"{value:.2f}"
