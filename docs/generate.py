"""Parts of the docs that are made from the code and its data, so that they cannot go stale.

A page says `<!-- generated: NAME ARGUMENTS -->`; the function NAME below gives the Markdown that replaces it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

MARK = re.compile(r"<!-- generated: (\w+)((?: [\w.*-]+)*) -->")


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell(text) for text in line) + " |" for line in lines) + "\n"


def cell(value: object) -> str:
    return str("" if value is None else value).replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def plain(text: object) -> str:
    """Text in which dollar signs and stars are themselves; what stands in backticks stays."""
    parts = str(text).split("`")
    return "`".join(part if k % 2 else re.sub(r"([$*_~])", r"\\\1", part) for k, part in enumerate(parts))


def code(text: object) -> str:
    return f"`{text}`" if text not in (None, "") else ""


def short(value: object) -> str:
    """A number with at most five digits, or a text."""
    return f"{value:.5g}" if isinstance(value, float) else str(value)


# -------------------------------------------------------------------------------------------------- scenario language
def top_keys() -> str:
    """Top-level keys of a scenario."""
    from gigawatt.scenario import SECTIONS, json_schema
    from gigawatt.scenario.vocabulary import TOP_KEYS

    known = json_schema()["properties"]
    more = {
        "programme": "a build-out that one company commits to", "parameters": "values of the engine, by group",
        "shocks": "list of events that may come", "claims": "list of sentences that must come true",
    }  # fmt: skip
    rows = []
    for key in TOP_KEYS:
        text = more.get(key) or known[key].get("description", "")
        rows.append((code(key), "mapping of names" if key in SECTIONS else "", plain(text)))
    return table(("key", "form", "meaning"), rows)


def keys(section: str) -> str:
    """Attributes of one section: name, unit, whether required, meaning."""
    from gigawatt import catalog
    from gigawatt.scenario import SECTIONS, Programme, Shock
    from gigawatt.scenario.fields import specs
    from gigawatt.scenario.vocabulary import Vocabulary

    entity: type = {"programme": Programme, "shocks": Shock}.get(section) or SECTIONS[section]
    declared, rows = specs(entity), []
    for name, unit in Vocabulary(catalog).attributes(section).items():
        spec = declared.get(name)
        if spec is None:
            rows.append((code(name), unit_words(unit), "", "taken from another catalog item" if name == "like" else
                         "of the catalog; kept, not used by the engine"))  # fmt: skip
            continue
        meaning = spec.meaning + (f", for each {spec.keys}" if spec.is_map else "")
        meaning += f": {', '.join(spec.choices)}" if spec.choices else ""
        meaning += "" if is_read(name) and (section, name) not in UNREAD else " (not read by the weekly model)"
        words = "date" if spec.kind == "date" else unit_words(unit)
        rows.append((code(name), words, "yes" if spec.required else "", plain(meaning)))
    rows.sort(key=lambda row: row[0] not in {code(name) for name in declared})
    return table(("key", "unit", "required", "meaning"), rows)


UNREAD = (("sites", "chip"), ("sites", "status"))  # of the same name as something that is read
BY_RULE = ("name", "logic_wafers", "packaging_wafers", "hbm_gb", "target_gw_per_week")  # read under a name put together


@cache
def engine_text() -> str:
    """Source of what turns a scenario into a run."""
    from gigawatt import world

    return "\n".join(path.read_text() for path in sorted(Path(world.__file__).parent.glob("*.py")))


def is_read(name: str) -> bool:
    """Whether an attribute of a scenario is read where a run is made: as `site.region` or by its name in quotes."""
    return name in BY_RULE or bool(re.search(rf"""(?<!\bt)\.{name}\b|["']{name}["']""", engine_text()))


def unit_words(unit: str) -> str:
    return {"1": "number or %", "text": "text", "any": "as in the catalog"}.get(unit, plain(unit))


def all_keys() -> str:
    """The attributes of every section."""
    from gigawatt.scenario import SECTIONS

    parts = []
    for section in ("programme", *SECTIONS, "shocks"):
        parts.append(f"### `{section}`\n\n{keys(section)}")
    return "\n".join(parts)


def project_keys() -> str:
    """The keys of a project file: of the project itself, then of each section."""
    from gigawatt.finance.project.checking_bounds import GROUPS, SECTIONS
    from gigawatt.finance.project.inputs import Project

    parts = ["### The project itself\n\n" + _fields_of(Project)]
    for name, entity in (SECTIONS | GROUPS).items():
        form = " (a mapping by name)" if name in SECTIONS else ""
        first = " ".join((entity.__doc__ or "").split("\n\n")[0].split())
        parts.append(f"### `{name}`{form}\n\n{plain(first)}\n\n{_fields_of(entity)}")
    return "\n".join(parts)


def _fields_of(entity: type) -> str:
    from gigawatt.project_file.fields import fields_of

    kinds = {"choice": "name", "flag": "yes or no", "text": "text", "date": "date", "whole": "whole number"}
    rows = []
    for name, field in fields_of(entity).items():
        unit = unit_words(field.units[0]) if field.kind in ("number", "table") else kinds[field.kind]
        by_year = ", by year" if field.kind == "table" else ""
        choices = f"{': ' if field.meaning else ''}{', '.join(field.choices)}" if field.choices else ""
        rows.append((code(name), unit + by_year, _default_words(field), plain(field.meaning + choices)))
    return table(("key", "unit", "default", "meaning"), rows)


def _default_words(field: Any) -> str:
    """The value of a key that is left out."""
    value = field.default
    if field.required:
        return "required"
    if isinstance(value, tuple):
        value = value[0] if value else ""
    if value in ("", None) or (isinstance(value, float) and (value != value or abs(value) == float("inf"))):
        return "none"
    return ("yes" if value else "no") if isinstance(value, bool) else short(getattr(value, "value", value))


def units() -> str:
    """Units that a value may carry, by what they measure."""
    from gigawatt.units import UNITS

    by: dict[str, list[str]] = {}
    for symbol, unit in UNITS.items():
        by.setdefault(dimension_words(unit.dimension), []).append(symbol)
    rows = [(name, " ".join(code(symbol) for symbol in symbols if symbol)) for name, symbols in by.items()]
    return table(("measures", "symbols"), rows)


def dimension_words(dimension: Iterable[tuple[str, int]]) -> str:
    """A dimension in words: `energy`, `money`, `volume / time`."""
    above = " x ".join(name for name, power in dimension if power > 0)
    below = " x ".join(name for name, power in dimension if power < 0)
    words = f"{above} / {below}" if below else above
    return {"": "pure number", "power x time": "energy", "compute / time": "speed"}.get(words, words)


def measures() -> str:
    """Figures that claims may use."""
    from gigawatt.measures import MEASURES

    rows = [(code(name), plain(m.unit), " or ".join(m.by), plain(m.text)) for name, m in MEASURES.items()]
    return table(("figure", "unit", "name of", "meaning"), rows)


# --------------------------------------------------------------------------------------------------- state and tables
def parameters(*groups: str) -> str:
    """Parameters of groups, or single ones, with value, range, source and reasoning."""
    from gigawatt import catalog

    rows = []
    for item in catalog.items("parameters"):
        if any(item == group or item.split(".")[0] == group for group in groups):
            fact = catalog.fact("parameters", item, "value")
            bounds = f"{short(fact.low)} to {short(fact.high)}" if fact.low is not None else ""
            source = "own estimate" if fact.source == "own-estimate" else code(fact.source)
            rows.append((code(item), short(fact.value), bounds, plain(fact.unit), f"{source}: {plain(fact.note)}"))
    if not rows:
        raise ValueError(f"no parameters in {', '.join(groups)}")
    return table(("parameter", "value", "90 % range", "unit", "source and reasoning"), rows)


def state(*groups: str) -> str:
    """Fields of groups of the state; all groups without arguments."""
    from gigawatt.world.state import STATE

    return fields_of(STATE, groups)


def inputs(*groups: str) -> str:
    """Fields of the tables that a run reads."""
    from gigawatt.world.state import TABLES

    return fields_of(TABLES, groups)


def fields_of(described: Any, groups: Sequence[str]) -> str:
    from gigawatt.compiled import DIMENSIONS

    parts = []
    for group in groups or described:
        rows = []
        for name, (dims, meaning) in described[group].items():
            rows.append((code(f"{group}.{name}"), ", ".join(DIMENSIONS[d] for d in dims), plain(meaning)))
        body = table(("field", "by", "meaning"), rows)
        parts.append(body if groups else f"### `{group}`\n\n{body}")
    return "\n".join(parts)


def columns() -> str:
    """Every result table with its columns."""
    from gigawatt.results_columns import COLUMNS, column_unit

    parts = []
    for name, described in COLUMNS.items():
        rows = [(code(c), d.kind, plain(column_unit(name, c)), plain(d.text)) for c, d in described.items()]
        parts.append(f"## `{name}`\n\n" + table(("column", "kind", "unit", "meaning"), rows))
    return "\n".join(parts)


def week() -> str:
    """The calls of the week in their order, with what each one changes and the first line of its docstring."""
    from gigawatt.world.stages import stages

    rows = []
    for number, stage in enumerate(stages(), 1):
        function = stage.function
        first = " ".join((function.__doc__ or "").split("\n\n")[0].split())
        changes = " ".join(code(name) for name in stage.changes)
        home = function.__module__.removeprefix("gigawatt.")
        rows.append((number, code(stage.name), code(home), changes, plain(first)))
    return table(("", "call", "module", "changes", "what it does"), rows)


def instruments() -> str:
    """Instruments of the money ledger and what each does to equity."""
    from gigawatt.ledger import EARNED, EXPENSED, INSTRUMENTS, OPERATING

    rows = []
    for k, name in enumerate(INSTRUMENTS):
        payer = "expense: equity falls" if EXPENSED[k] else "swap: an asset, or less debt"
        payee = "income: equity rises" if EARNED[k] else "swap: a debt, or a claim that ends"
        rows.append((code(name), payer, payee, "yes" if k < OPERATING or name == "chips" else ""))
    return table(("instrument", "to the payer", "to the payee", "in EBITDA"), rows)


# --------------------------------------------------------------------------------------------------------------- books
def book_columns(file: str) -> str:
    """Columns of a file of a book: unit, whether each row needs it, meaning, allowed words."""
    from gigawatt.book_file import CHOICES, COLUMNS

    rows = []
    for name, column in COLUMNS[file].items():
        words = CHOICES.get(name, ())
        meaning = plain(column.meaning) + (f": {', '.join(map(code, words))}" if words else "")
        rows.append((code(name), plain(column.unit), "yes" if column.required else "", meaning))
    return table(("column", "unit or form", "required", "meaning"), rows)


# ------------------------------------------------------------------------------------------------------------ catalog
def catalog_tables() -> str:
    """Tables of the catalog with their items."""
    from gigawatt import catalog

    parts = []
    for name in catalog.tables():
        items = catalog.items(name)
        listed = ", ".join(code(item) for item in items)
        values = sum(len(catalog.facts(name, item)) for item in items)
        parts.append(f"### `{name}`\n\n{len(items)} items, {values} values.\n\n{listed}\n")
    return "\n".join(parts)


def supply_items() -> str:
    """Supply items as schedules of projects see them."""
    from gigawatt import catalog
    from gigawatt.buildout.supply import item

    rows = []
    for name in catalog.items("supply"):
        found = item(name)
        times = found.lead_weeks, found.expansion_weeks
        rows.append((
            code(name), found.unit, f"{found.capacity_per_week:,.4g}", ranged(found.level, "{:.2f}"),
            *(ranged(each, "{:.3g}") if each else "" for each in times), f"{found.ahead_weeks:g}",
            f"{found.step_per_week:,.3g} for {found.usd_per_step / 1e6:,.3g} M USD", f"{found.buyer_share.median:g}",
            f"{found.price_response:g}",
        ))  # fmt: skip
    heads = (
        "item",
        "unit",
        "a week",
        "level",
        "lead, weeks",
        "expansion, weeks",
        "ahead",
        "one line",
        "share",
        "price",
    )
    return table(heads, rows)


def ranged(amount: Any, form: str) -> str:
    """A median with its 90 % interval."""
    low, high = form.format(amount.low), form.format(amount.high)
    return form.format(amount.median) + (f" ({low} to {high})" if low != high else "")


def supply_regions() -> str:
    """Connections, crews, months and calendars by region."""
    from gigawatt import catalog

    trades = ("builders", "electricians", "pipefitters", "technicians")
    names = ("grid_mw_per_week", "grid_months", "firm_months", *trades, "productivity")
    rows = []
    for region in catalog.items("regions"):
        facts = catalog.facts("regions", region)
        slow = [key[:-5] for key in facts if key.endswith("_pace")]
        text = ", ".join(f"{name.replace('_', ' ')} {float(facts[name + '_days'].value):g} days" for name in slow)
        rows.append((code(region), *(f"{float(facts[name].value):,g}" for name in names), text))
    heads = ("region", "MW a week", "grid months", "firm months", *trades, "work of one", "slow days")
    return table(heads, rows)


def supply_shocks() -> str:
    """Misfortunes of suppliers."""
    from gigawatt import catalog
    from gigawatt.buildout.spread import Spread

    rows = []
    for name in catalog.items("supply_shocks"):
        facts = catalog.facts("supply_shocks", name)
        where = f"only {facts['regions'].value}" if "regions" in facts else ""
        where = f"all but {facts['spares'].value}" if "spares" in facts else where
        items = ", ".join(map(code, str(facts["items"].value).split()))
        weeks = ranged(Spread.of(facts["weeks"]), "{:g}")
        rows.append((plain(facts["name"].value), facts["rate_per_year"].value, weeks, facts["cut"].value, items, where))
    return table(("what", "a year", "weeks", "cut", "items", "regions"), rows)


def sources() -> str:
    """Every source of the catalog."""
    from gigawatt import catalog

    rows = []
    for source in catalog.sources():
        title = plain(source.title).replace("[", "(").replace("]", ")")
        address = source.url.replace("(", "%28").replace(")", "%29").replace("|", "%7C").replace(" ", "%20")
        named = f"[{title}]({address})" if source.url.startswith("http") else title
        rows.append((code(source.key), plain(source.author), named, source.published, plain(source.licence)))
    return table(("key", "author", "title", "published", "licence"), rows)


def confidence() -> str:
    """How many values of each table rest on which confidence."""
    from gigawatt import catalog

    rows = []
    for name in catalog.tables():
        all_facts = [fact for item in catalog.items(name) for fact in catalog.facts(name, item).values()]
        counts = [sum(fact.confidence == kind for fact in all_facts) for kind in catalog.CONFIDENCES]
        rows.append((code(name), *counts))
    return table(("table", *catalog.CONFIDENCES), rows)


# ------------------------------------------------------------------------------------------------------- command line
def command_tree() -> dict[str, Any]:
    """The commands of `gigawatt` by name, those of a group as `buildout when`, as click objects."""
    import typer.main

    from gigawatt.cli.app import app

    return flat(typer.main.get_command(app))


def flat(group: Any, before: str = "") -> dict[str, Any]:
    """The commands of a group, those of groups within it by both names."""
    found: dict[str, Any] = {}
    for name, command in group.commands.items():
        inner = hasattr(command, "commands")
        found |= flat(command, f"{before}{name} ") if inner else {f"{before}{name}": command}
    return found


def cli() -> str:
    """Every command with its arguments and options."""
    parts = []
    for name, command in command_tree().items():
        arguments = [p for p in command.params if p.param_type_name == "argument"]
        usage = " ".join(metavar(p) for p in arguments)
        parts.append(f"## `gigawatt {name}`\n\n{plain(command.help or '')}\n")
        parts.append(f"```text\ngigawatt {name} [OPTIONS] {usage}".rstrip() + "\n```\n")
        rows = [(code(option_names(p)), plain(p.help or ""), default(p)) for p in command.params]
        parts.append(table(("argument or option", "meaning", "default"), rows) + "\n")
    return "\n".join(parts)


def metavar(parameter: Any) -> str:
    name = (parameter.metavar or parameter.name or "").upper()
    return name if parameter.required else f"[{name}]"


def option_names(parameter: Any) -> str:
    """`--out, -o PATH`, with the choices where there are some."""
    if parameter.param_type_name == "argument":
        return metavar(parameter)
    names = ", ".join(sorted(parameter.opts, key=lambda name: -len(name)))
    if isinstance(parameter.default, Enum):
        return f"{names} {'/'.join(str(choice.value) for choice in type(parameter.default))}"
    return names if parameter.is_flag or parameter.default is False else f"{names} {(parameter.name or '').upper()}"


def default(parameter: Any) -> str:
    value = parameter.default
    if value is None or value is False or value == () or value == []:
        return ""
    return code(getattr(value, "value", value))


def drawing(name: str) -> str:
    """A drawing of `_static`, set into the page so that it takes the page's colours."""
    return (Path(__file__).parent / "_static" / name).read_text()


def members(package: str) -> str:
    """Reference of the classes and functions that a package names as public, from their docstrings."""
    from importlib import import_module
    from inspect import isclass, isfunction

    home, lines = import_module(package), []
    for name in home.__all__:
        found = getattr(home, name)
        if isclass(found):
            lines += [f".. autoclass:: {package}.{name}", "   :members:"]
        elif isfunction(found):
            lines.append(f".. autofunction:: {package}.{name}")
    return "```{eval-rst}\n" + "\n".join(lines) + "\n```\n"


def filled(text: str) -> str:
    """A page with its generated parts in place.

    Raises:
        KeyError: A page asks for a part that no function here makes.
    """

    def made(match: re.Match[str]) -> str:
        function: Callable[..., str] = globals()[match[1]]
        return function(*match[2].split())

    return MARK.sub(made, text)


def on_source_read(app: Any, name: str, source: list[str]) -> None:
    source[0] = filled(source[0])


def on_outdated(app: Any, env: Any, added: set[str], changed: set[str], removed: set[str]) -> list[str]:
    """Pages with generated parts are read anew in every build, since what they are made from may have changed."""
    return [name for name in env.found_docs if MARK.search(Path(env.doc2path(name)).read_text(encoding="utf-8"))]


def setup(app: Any) -> None:
    app.connect("source-read", on_source_read)
    app.connect("env-get-outdated", on_outdated)
