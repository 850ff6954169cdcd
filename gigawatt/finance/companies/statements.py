"""Three statements of a company by quarter, which balance to the cent by two routes.

The cash-flow statement (indirect) makes cash; assets and liabilities are carried item by item; equity is rolled from
net income, share-based compensation, shares sold and payouts. Nothing is set so as to balance: `check` compares.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gigawatt.finance.companies.company import Array, Company, quarter_label
from gigawatt.finance.companies.debt import CENTS, cents
from gigawatt.finance.companies.funding import Funded, fund
from gigawatt.finance.companies.operations import Operations, operations
from gigawatt.finance.companies.stress import NONE, Stress

Lines = dict[str, Array]
CENT_USD = 0.005  # what a balance may be off by


@dataclass(frozen=True, kw_only=True)
class Statements:
    """Lines in USD by statement; arrays (quarters,), or (draws, quarters) where a stress brings draws.

    `balance` is at the end of each quarter, `opening` at the start of the first.
    """

    company: Company
    stress: Stress
    labels: tuple[str, ...]
    income: Lines
    cash: Lines
    balance: Lines
    opening: dict[str, float]
    debt: Lines  # owed at the end of the quarter by tranche
    memo: Lines  # backlog, tax losses, principal due, leases not commenced: what no statement shows

    @property
    def quarters(self) -> int:
        """How many quarters there are."""
        return len(self.labels)


def project_statements(company: Company, quarters: int = 20, stress: Stress = NONE) -> Statements:
    """The quarters after the opening under the catalog's plan, with a stress on top.

    Raises:
        ValueError: Fewer than one quarter or more than 80, an unknown customer, a life that is not above 0, or
            statements that do not balance.
    """
    _refuse(quarters, stress)
    ops = operations(company, quarters, stress)
    funded = fund(company, ops, stress)
    made = _statements(company, stress, ops, funded)
    off, allowed = imbalance_usd(made), tolerance_usd(made)
    if not off <= allowed:
        raise ValueError(
            f"the statements of {company.name} are off by {off:g} USD, more than the {allowed:g} USD that rounding "
            "explains: half a cent, and what a float cannot tell apart at the size of the balance sheet"
        )
    return made


def tolerance_usd(made: Statements) -> float:
    """What a balance may be off by: half a cent and eight steps of a float at the largest amount.

    Flows are whole cents, exact up to 90 trillion USD; lines in USD are rounded to the nearest float once more, which
    at 100 trillion is 0.016 USD. Under stresses that make amounts so large, this and no more is allowed for.
    """
    lines = (*made.balance.values(), *made.cash.values())
    return CENT_USD + 8 * float(np.spacing(max(float(np.abs(line).max()) for line in lines)))


def _refuse(quarters: int, stress: Stress) -> None:
    if not 1 <= quarters <= 80:
        raise ValueError(f"quarters {quarters} must be 1 to 80")
    if not 0 <= stress.start < quarters:
        raise ValueError(f"the stress starts in quarter {stress.start}, outside of 0 to {quarters - 1}")
    life = stress.chip_life_years
    if life is not None and not 0 < life <= 20:
        raise ValueError(f"chip life of {life:g} years must be above 0 and at most 20")


def imbalance_usd(made: Statements) -> float:
    """The largest error of any quarter: assets against liabilities and equity, cash against its explanation."""
    b, c = made.balance, made.cash
    cash_before = _shifted(b["cash"], made.opening["cash"])
    errors = (
        b["assets"] - b["liabilities"] - b["equity"],
        cash_before + c["change_in_cash"] - b["cash"],
        c["operating"] + c["investing"] + c["financing"] - c["change_in_cash"],
        np.asarray(made.opening["assets"] - made.opening["liabilities"] - made.opening["equity"]),
    )
    return max(float(np.abs(error).max()) for error in errors)


def _shifted(values: Array, first: float) -> Array:
    """Values one quarter earlier, `first` in front."""
    return np.concatenate([np.full((*values.shape[:-1], 1), first), values[..., :-1]], axis=-1)


def _statements(company: Company, stress: Stress, ops: Operations, f: Funded) -> Statements:
    income, cash = _income(ops, f), _cash(ops, f)
    opening = _opening(company, ops, f)
    balance = _balance(ops, f, opening, income)
    quarters = ops.cost.shape[-1]
    debt = {t.name: row for t, row in zip(company.funding.tranches, f.stack.owed, strict=True)}
    debt |= {"new term debt": f["new_owed"], "revolver": f["revolver"], "gap": f["gap"]}
    assumed = f.stack.repaid[[n for n, t in enumerate(company.funding.tranches) if t.assumed]].sum(axis=0)
    memo = {
        "backlog": ops.backlog, "tax_losses": f["losses"], "unused_revolver": f["unused_revolver"],
        "due": f.stack.repaid.sum(axis=0) + f["new_repaid"], "due_signed": f.stack.repaid.sum(axis=0) - assumed,
        "due_assumed": assumed, "due_new": f["new_repaid"], "shares_new": f["shares"],
        "drawn": f.stack.drawn.sum(axis=0) + f["new_debt"], "uncommenced": ops.rents.uncommenced,
        "commitments": ops.to_buy, "purchases": ops.bought, "rent": ops.rents.rent,
    }  # fmt: skip
    many = f["cash"].shape[0] > 1
    shape = f["cash"].shape
    groups = [{name: _usd(row, shape, many) for name, row in part.items()} for part in (income, cash, balance)]
    return Statements(
        company=company, stress=stress, labels=tuple(quarter_label(company, t) for t in range(quarters)),
        income=groups[0], cash=groups[1], balance=groups[2],
        opening={name: value / CENTS for name, value in opening.items()},
        debt={name: _usd(row, shape, many) for name, row in debt.items()},
        memo={name: _usd(row, shape, many) for name, row in memo.items()},
    )  # fmt: skip


def _usd(cents_: Array, shape: tuple[int, ...], many: bool) -> Array:
    whole = np.broadcast_to(cents_, shape) / CENTS
    return np.array(whole if many else whole[0])


def _income(ops: Operations, f: Funded) -> Lines:
    """From revenue to net income."""
    operating_income = ops.ebitda - ops.stock - ops.write_off - ops.wear_chips - ops.wear_sites
    interest = f["interest_term"] + f["interest_new"] + f["interest_revolver"]
    return {
        "contracted_revenue": ops.contracted, "other_revenue": ops.other, "revenue": ops.revenue,
        "cost_of_revenue": -ops.cost, "operating_expenses": -ops.operating, "rent": -ops.rents.rent,
        "ebitda": ops.ebitda, "stock_compensation": -ops.stock, "depreciation_chips": -ops.wear_chips,
        "depreciation_sites": -ops.wear_sites, "receivables_written_off": -ops.write_off,
        "operating_income": operating_income, "interest_expense": -interest, "interest_income": f["interest_income"],
        "before_tax": operating_income - interest + f["interest_income"], "tax": -f["tax"],
        "net_income": f["net_income"],
    }  # fmt: skip


def _cash(ops: Operations, f: Funded) -> Lines:
    """Indirect: from net income to the change in cash."""
    depreciation = ops.wear_chips + ops.wear_sites
    receivables = -np.diff(ops.receivables) - ops.write_off
    payables, deferred = np.diff(ops.payables), np.diff(ops.deferred)
    operating = f["net_income"] + depreciation + ops.stock + ops.write_off + receivables + payables + deferred
    capex = ops.capex_chips + ops.capex_sites
    investing = -capex - ops.invest
    drawn, repaid = f.stack.drawn.sum(axis=0), f.stack.repaid.sum(axis=0) + f["new_repaid"]
    revolver, gap = np.diff(f["revolver"], prepend=0.0), np.diff(f["gap"], prepend=0.0)
    financing = drawn + f["new_debt"] - repaid + revolver + gap + f["raised"] - f["payout"]
    return {
        "net_income": f["net_income"], "depreciation": depreciation, "stock_compensation": ops.stock,
        "receivables_written_off": ops.write_off, "change_in_receivables": receivables,
        "change_in_payables": payables, "change_in_deferred_revenue": deferred, "operating": operating,
        "capex": -capex, "stakes_bought": -ops.invest, "investing": investing,
        "signed_debt_drawn": drawn, "new_debt": f["new_debt"], "debt_repaid": -repaid, "change_in_revolver": revolver,
        "shares_sold": f["raised"], "payouts": -f["payout"], "change_in_gap": gap, "financing": financing,
        "change_in_cash": operating + investing + financing, "free_cash_flow": operating - capex,
    }  # fmt: skip


def _opening(company: Company, ops: Operations, f: Funded) -> dict[str, float]:
    """The opening balance sheet in cents; its equity is what assets leave over liabilities."""
    o = company.opening
    out = {
        "cash": float(cents(o.cash_usd)), "receivables": _first(ops.receivables),
        "chips": float(cents(o.chips_usd)), "sites": float(cents(o.sites_usd)), "right_of_use": ops.rents.opening,
        "other_assets": float(cents(o.other_assets_usd)),
    }  # fmt: skip
    out["assets"] = sum(out.values())
    owed = {
        "payables": _first(ops.payables), "deferred_revenue": _first(ops.deferred),
        "debt": float(f.stack.opening.sum()), "gap": 0.0, "lease_liability": ops.rents.opening,
        "other_liabilities": float(cents(o.other_liabilities_usd)),
    }  # fmt: skip
    liabilities = sum(owed.values())
    return out | owed | {"liabilities": liabilities, "equity": out["assets"] - liabilities}


def _first(values: Array) -> float:
    return float(values.reshape(-1, values.shape[-1])[0, 0])


def _balance(ops: Operations, f: Funded, opening: dict[str, float], income: Lines) -> Lines:
    """Assets and liabilities item by item, and equity rolled forward from the opening."""
    assets = {
        "cash": f["cash"],
        "receivables": ops.receivables[..., 1:],
        "chips": opening["chips"] + np.cumsum(ops.capex_chips - ops.wear_chips, axis=-1),
        "sites": opening["sites"] + np.cumsum(ops.capex_sites - ops.wear_sites, axis=-1),
        "right_of_use": ops.rents.liability,
        "other_assets": opening["other_assets"] + np.cumsum(ops.invest, axis=-1),
    }
    owed = {
        "payables": ops.payables[..., 1:], "deferred_revenue": ops.deferred[..., 1:],
        "debt": f.stack.owed.sum(axis=0) + f["new_owed"] + f["revolver"], "gap": f["gap"],
        "lease_liability": ops.rents.liability, "other_liabilities": opening["other_liabilities"],
    }  # fmt: skip
    earned = income["net_income"] + ops.stock + f["raised"] - f["payout"]
    total, liabilities = sum(assets.values()), sum(owed.values())
    equity = opening["equity"] + np.cumsum(earned, axis=-1)
    return assets | {"assets": total} | owed | {"liabilities": liabilities, "equity": equity}
