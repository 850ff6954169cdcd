"""The commands and their options. What they do is imported when they run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gigawatt.cli import buildout, deals, finance, inference
from gigawatt.cli import power as supply
from gigawatt.cli.failures import Guarded, say
from gigawatt.cli.output import Format, show
from gigawatt.cli.training import training

app = typer.Typer(
    cls=Guarded,
    help="Plans, powers, serves, finances and stress-tests gigawatt-scale AI compute build-outs.",
    epilog="`--debug` with any command shows the traceback of a failure.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

How = Annotated[Format, typer.Option("--format", "-f", help="How tables are written.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="File to write instead of printing.")]
Runs = Annotated[Path, typer.Option("--runs", help="Directory that holds the runs.")]
RunName = Annotated[str, typer.Argument(help="A run: its directory, the start of its name or hash, or `latest`.")]
Sets = Annotated[
    list[str] | None, typer.Option("--set", help="path=value, such as finance.max_leverage=3; may repeat.")
]
Name = Annotated[str | None, typer.Option("--scenario", help="An entry of `scenarios` in the file.")]


def _version(wanted: bool) -> None:
    if wanted:
        from gigawatt import __version__

        print(f"gigawatt {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Version.")] = False,
) -> None:
    """Plans, powers, serves, finances and stress-tests gigawatt-scale AI compute build-outs."""


@app.command()
def run(
    scenario_file: Annotated[
        str | None, typer.Argument(metavar="SCENARIO", help="Scenario file, or an example.")
    ] = None,
    scenario: Name = None,
    sets: Sets = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="Directory for runs.")] = Path("runs"),
    how: How = Format.table,
    force: Annotated[bool, typer.Option("--force", help="Run again even if the same run is there.")] = False,
) -> None:
    """Run a scenario week by week; print the headline figures and where the report is."""
    from gigawatt.cli import running

    done = running.run_scenario(running.scenario_path(scenario_file), scenario, sets or (), out, force)
    running.show_run(done, how)
    if not done.balanced:
        say("the ledgers do not balance: do not trust these results")
        raise typer.Exit(1)


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", "-o", help="Directory for runs.")] = Path("runs"),
    how: How = Format.table,
) -> None:
    """Run the stargate example and tell what it says."""
    from gigawatt.cli import running, story

    done = running.run_scenario(running.scenario_path(None), None, (), out, force=False)
    if how is not Format.table:
        running.show_run(done, how)
        return
    print("\n".join(["", *story.story(done), ""]))
    running.show_run(done, how)
    print("\n".join(["", *story.next_steps(done)]))


@app.command()
def check(
    file: Annotated[str, typer.Argument(help="Scenario file, or an example.")],
    scenario: Name = None,
    sets: Sets = None,
    how: How = Format.table,
    out: Out = None,
) -> None:
    """Check a scenario file; report every mistake with its place and exit with 2, and remark on odd values."""
    from dataclasses import asdict

    from gigawatt import scenario as scenarios
    from gigawatt.cli.running import scenario_path
    from gigawatt.errors import ScenarioError

    path = scenario_path(file)
    try:
        loaded = scenarios.load(path, scenario=scenario, sets=sets or ())
    except ScenarioError as error:
        if how is Format.table:
            raise
        show([asdict(mistake) for mistake in error.mistakes], how, out)
        raise typer.Exit(2) from None
    for remark in scenarios.remarks(loaded):
        say(f"remark: {remark}")
    if how is Format.table:
        count = f"{len(loaded.companies)} companies, {len(loaded.sites)} sites, {len(loaded.deals)} deals"
        print(
            f"{path}: no mistakes; {loaded.name}, {loaded.weeks} weeks from {loaded.start}, {count}; {loaded.hash[:8]}"
        )
    else:
        show([], how, out, columns=("file", "line", "column", "path", "message", "allowed", "did_you_mean"))


@app.command()
def init(
    file: Annotated[Path, typer.Argument(help="File to write.")] = Path("scenario.yaml"),
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
) -> None:
    """Write a commented scenario to start from."""
    from gigawatt import scenario as scenarios
    from gigawatt.errors import GigawattError

    text = scenarios.template(file.stem)
    try:
        with file.open("w" if force else "x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise GigawattError(f"{file} is there already; --force replaces it") from None
    say(f"wrote {file}")
    print(f"next: gigawatt check {file}; gigawatt run {file}")


@app.command()
def catalog(
    table: Annotated[
        str | None, typer.Argument(help="A table; nothing lists the tables; `show` shows one item.")
    ] = None,
    item: Annotated[str | None, typer.Argument(help="With `show`: an item of any table.")] = None,
    where: Annotated[
        str | None, typer.Option("--where", help="Such as \"memory_gb > 100 and vendor == 'Nvidia'\".")
    ] = None,
    column: Annotated[list[str] | None, typer.Option("--column", help="Attribute to show; may repeat.")] = None,
    how: How = Format.table,
    out: Out = None,
) -> None:
    """List facts, or show one item with the source of every value: `gigawatt catalog show gb300-nvl72`."""
    from gigawatt import catalog as facts
    from gigawatt.errors import GigawattError

    if table == "show":
        if item is None:
            raise GigawattError("say which item: gigawatt catalog show ITEM")
        show(facts.show_rows(item), how, out, title=" ".join(facts.find(item)), columns=facts.SHOW_COLUMNS)
    elif item is not None:
        raise GigawattError(f"one table at a time; to see an item: gigawatt catalog show {item}")
    elif table is None:
        show([{"table": name, "items": len(facts.items(name))} for name in facts.tables()], how, out)
    else:
        chosen = tuple(column or ())
        show(facts.list_rows(table, where, chosen), how, out, columns=("item", *(chosen or facts.headlines(table))))


@app.command()
def compare(
    a: RunName,
    b: RunName,
    table: Annotated[str | None, typer.Option("--table", help="Compare this table of results too.")] = None,
    runs: Runs = Path("runs"),
    how: How = Format.table,
    out: Out = None,
) -> None:
    """Show what differs between two runs: inputs, and figures side by side."""
    from gigawatt import store
    from gigawatt.errors import GigawattError
    from gigawatt.report.compare import compare as compared
    from gigawatt.report.compare import readable_rows

    paths = store.find(a, runs), store.find(b, runs)
    difference = compared(*paths, tables=(table,) if table else ())
    parts = {part.name: part for part in difference.parts()}
    if how is Format.table and out is None:
        for part in parts.values():
            show(readable_rows(part), how, title=f"{part.name}: {paths[0].name} -> {paths[1].name}", columns=list(part))
        return
    if how in (Format.csv, Format.parquet) and table is not None and table not in parts:
        raise GigawattError(f"there is no table {table}")
    chosen = parts[table] if table else difference.all()
    show(chosen.rows(), how, out, columns=list(chosen))


@app.command()
def explain(
    run_name: Annotated[str, typer.Argument(metavar="RUN", help="A run, or `latest`.")],
    quantity: Annotated[str, typer.Argument(help="A figure or field, such as energised_gw.")],
    runs: Runs = Path("runs"),
    how: How = Format.table,
    out: Out = None,
) -> None:
    """Go from a figure back through its formula to inputs and sources."""
    from gigawatt import store
    from gigawatt.world.explain import explain as explained

    explanation = explained(store.find(run_name, runs), quantity)
    if how is Format.table and out is None:
        print("\n".join(explanation.lines()))
    else:
        show(explanation.rows(), how, out)


@app.command()
def claims(
    run_name: Annotated[str, typer.Argument(metavar="RUN", help="A run, or `latest`.")] = "latest",
    claim: Annotated[list[str] | None, typer.Option("--claim", help="A further claim to try; may repeat.")] = None,
    figures: Annotated[bool, typer.Option("--figures", help="List the figures that claims may use.")] = False,
    runs: Runs = Path("runs"),
    how: How = Format.table,
    out: Out = None,
) -> None:
    """Try claims such as `openai.market_share @ 2030-12 >= 40 %` on a run."""
    from gigawatt.cli import claiming
    from gigawatt.results_columns import SCHEMA

    if figures:
        show(claiming.figure_rows(), how, out)
    else:
        show(claiming.claim_rows(run_name, runs, claim or ()), how, out, columns=list(SCHEMA["claims"]))


@app.command()
def schema(out: Out = None) -> None:
    """Print the JSON Schema of scenario files, for editors."""
    import json

    from gigawatt import scenario as scenarios

    text = json.dumps(scenarios.json_schema(), indent=1, ensure_ascii=False) + "\n"
    if out is None:
        print(text, end="")
    else:
        out.write_text(text, encoding="utf-8")
        say(f"wrote {out}")


@app.command()
def report(
    run_name: Annotated[str, typer.Argument(metavar="RUN", help="A run, or `latest`.")] = "latest",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="HTML file; default: in the run.")] = None,
    runs: Runs = Path("runs"),
) -> None:
    """Write the HTML report of a run again."""
    from gigawatt import store
    from gigawatt.cli.running import write_report

    place = store.find(run_name, runs)
    write_report(store.load(place), out or place / store.REPORT)


@app.command()
def sources(how: How = Format.table, out: Out = None) -> None:
    """List the sources of the catalog, with the attribution that licences ask for."""
    from dataclasses import asdict

    from gigawatt import catalog as facts

    show([asdict(source) for source in facts.sources()], how, out)


app.command("inference", epilog=inference.EXAMPLES)(inference.inference)
app.command("power", epilog=supply.EXAMPLES)(supply.power)
app.command()(training)
app.add_typer(buildout.app, name="buildout")
app.add_typer(finance.app, name="finance")
app.add_typer(deals.app, name="deals")
