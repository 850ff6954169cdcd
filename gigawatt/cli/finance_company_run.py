"""`gigawatt finance company NAME --run RUN`: the statements that a run of a scenario comes to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from gigawatt.cli.finance_company_files import period
from gigawatt.cli.finance_company_lines import TITLES
from gigawatt.cli.finance_company_rows import Column
from gigawatt.cli.finance_company_tables import blocks, print_block
from gigawatt.cli.finance_company_texts import scale_of
from gigawatt.cli.output import Format, show
from gigawatt.errors import GigawattError

if TYPE_CHECKING:
    from gigawatt.world.tables_statements import RunStatements

TOTALS = {
    "revenue": "Revenue", "ebitda": "EBITDA", "before_tax": "Income before tax", "net_income": "Net income",
    "operating": "Cash from operations", "investing": "Cash from investing", "financing": "Cash from financing",
    "change_in_cash": "Change in cash", "free_cash_flow": "Free cash flow", "assets": "Assets", "debt": "Debt",
    "equity": "Equity",
}  # fmt: skip
Rows = list[tuple[str, str, list[float]]]


def show_run_statements(
    run: str, runs: Path, name: str | None, statement: str, annual: bool, quarters: int | None, how: Format,
    out: Path | None,
) -> None:  # fmt: skip
    """Prints or writes the statements of one company of a run; `quarters` bounds what is shown."""
    from gigawatt import store
    from gigawatt.world.tables_statements import run_statements

    if name is None:
        raise GigawattError("--run: say which company, such as gigawatt finance company CoreWeave --run latest")
    if statement not in ("income", "cash", "balance", "all"):
        raise GigawattError(f"--run has income, cash and balance; not {statement}")
    place = store.find(run, runs)
    made = run_statements(store.load(place).tables, name, annual)
    count = len(made.labels) if quarters is None else -(-quarters // 4) if annual else quarters
    wanted = [each for each in ("income", "cash", "balance") if statement in ("all", each)]
    if how is not Format.table or out is not None:
        show([row for each in wanted for row in _file_rows(made, each, count, place.name)], how, out)
        return
    print(f"{made.company} in {place}: assets, liabilities and cash agree to {made.error_usd:.2g} USD in every week;")
    print(f"opening: the end of the week of {made.opening_label}")
    for each in wanted:
        _print(made, each, count)


def _rows(made: RunStatements, statement: str, count: int) -> Rows:
    """(key, label, USD by period); stocks have the opening in front."""
    values: dict[str, Any] = getattr(made, statement)
    out: Rows = []
    for key, series in values.items():
        opening = [made.opening[key]] if statement == "balance" else []
        label = TOTALS.get(key, "  " + key.replace("_", " "))
        if statement == "cash" and key == "net_income":
            label = "Net income"
        cells = opening + [float(value) for value in series[:count]]
        if any(cells) or not label.startswith(" "):
            out.append((key, label, cells))
    return out


def _heads(made: RunStatements, statement: str, count: int) -> list[str]:
    return ([made.opening_label] if statement == "balance" else []) + list(made.labels[:count])


def _print(made: RunStatements, statement: str, count: int) -> None:
    rows, heads = _rows(made, statement, count), _heads(made, statement, count)
    scale = scale_of(float(made.balance["assets"].max()))
    texts = [[scale.text(value) for value in cells] for _, _, cells in rows]
    labels = [label for _, label, _ in rows]
    columns = [Column(head, None, head.endswith("Q4")) for head in heads]
    head = f"{TITLES[statement]}, {scale.name}"
    for first, last in blocks(labels, texts, columns, head):
        print_block(head, labels, heads[first:last], [row[first:last] for row in texts])


def _file_rows(made: RunStatements, statement: str, count: int, run: str) -> list[dict[str, Any]]:
    """One number a row, in USD, with the columns of the files of a projection."""
    heads = _heads(made, statement, count)
    return [
        {
            "company": made.company, "run": run, "opening_date": made.opening_label, "statement": statement,
            "line": key, "label": label.strip(), "unit": "USD",
        } | _period(made, head) | {"value": value}
        for key, label, cells in _rows(made, statement, count)
        for head, value in zip(heads, cells, strict=True)
    ]  # fmt: skip


def _period(made: RunStatements, head: str) -> dict[str, Any]:
    """Name, kind and days of a period by the heading of its column: 2026, 2026 Q1, or the opening."""
    if head == made.opening_label:
        return period(Column(head, None, False), 0, head)
    year, _, quarter = head.partition(" Q")
    first = int(quarter) - 1 if quarter else 0
    part = slice(first, first + (1 if quarter else 4))
    return period(Column(head, part, not quarter), int(year), made.opening_label)
