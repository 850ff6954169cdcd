"""What each firm has and must pay, quarter by quarter: what the engine of `quarters` reads."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gigawatt.deals.liabilities import require_amounts

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
BY_QUARTER = ("receipts_usd", "costs_usd", "capex_usd", "interest_usd", "maturities_usd", "new_money_usd")


@dataclass(frozen=True, slots=True, kw_only=True)
class Positions:
    """Cash of each firm and its dealings with everybody outside, in USD; one shape for all quarters is given once."""

    cash_usd: ArrayLike  # shape (firms,)
    lines_usd: ArrayLike  # committed and undrawn, shape (firms,)
    receipts_usd: ArrayLike  # from outside, shape (quarters, firms), as are all below
    costs_usd: ArrayLike  # wages, energy, tax: paid before all debts
    capex_usd: ArrayLike  # to outsiders; a share of it can be cut
    interest_usd: ArrayLike  # to outsiders
    maturities_usd: ArrayLike  # principal due to outsiders
    new_money_usd: ArrayLike  # what markets give in this quarter if they are open

    @property
    def shape(self) -> tuple[int, int]:
        """Quarters and firms."""
        quarters, firms = np.shape(self.receipts_usd)
        return quarters, firms


@dataclass(frozen=True, slots=True, kw_only=True)
class Contracts:
    """What firms owe each other by quarter, in USD; one entry an edge, shape (edges,) unless said."""

    payer: ArrayLike  # number of the firm
    payee: ArrayLike
    due_usd: ArrayLike  # shape (quarters, edges)
    rank: ArrayLike  # 0 is paid first
    is_finance: ArrayLike  # new money (a tranche of equity, a loan drawn): stops when either side defaults
    conditional: ArrayLike | None = field(default=None)  # stops while markets are shut, or a side is short of cash
    can_cut: ArrayLike | None = field(default=None)  # an order that the payer can put off as it can capex
    can_relet: ArrayLike | None = field(default=None)  # others take the goods; if None, all that is not finance


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Positions and contracts as checked arrays."""

    cash: Array
    lines: Array
    receipts: Array
    costs: Array
    capex: Array
    interest: Array
    maturities: Array
    new_money: Array
    payer: NDArray[np.int64]
    payee: NDArray[np.int64]
    due: Array
    rank: NDArray[np.int64]
    is_finance: Mask
    conditional: Mask
    can_cut: Mask
    can_relet: Mask

    @property
    def quarters(self) -> int:
        """Quarters that are looked at."""
        return len(self.receipts)

    @property
    def firms(self) -> int:
        """Firms whose cash is followed."""
        return len(self.cash)


def checked(positions: Positions, contracts: Contracts) -> Plan:
    """Positions and contracts as arrays of matching shapes; ValueError names the first amount that cannot be."""
    shape = positions.shape
    cash, lines = (_amounts(name, getattr(positions, name), shape[1:]) for name in ("cash_usd", "lines_usd"))
    receipts, costs, capex, interest, maturities, new_money = (
        _amounts(name, getattr(positions, name), shape) for name in BY_QUARTER
    )
    due = _amounts("due_usd", contracts.due_usd, (shape[0], np.size(contracts.payer)))
    edges = due.shape[1]
    payer, payee = (_numbers(name, getattr(contracts, name), edges, shape[1]) for name in ("payer", "payee"))
    if (payer == payee).any():
        raise ValueError(f"contracts: firm {payer[payer == payee][0]} pays itself; leave such an edge out")
    finance = _marks("is_finance", contracts.is_finance, edges)
    return Plan(
        cash=cash, lines=lines, receipts=receipts, costs=costs, capex=capex, interest=interest, maturities=maturities,
        new_money=new_money, payer=payer, payee=payee, due=due, is_finance=finance,
        rank=_numbers("rank", contracts.rank, edges), conditional=_marks("conditional", contracts.conditional, edges),
        can_cut=_marks("can_cut", contracts.can_cut, edges),
        can_relet=~finance if contracts.can_relet is None else _marks("can_relet", contracts.can_relet, edges),
    )  # fmt: skip


def scaled(positions: Positions, **factors: ArrayLike) -> Positions:
    """The same positions with some of them multiplied, such as `receipts_usd=0.9`; for draws."""
    known = {each.name for each in fields(positions)}
    if set(factors) - known:
        raise ValueError(f"positions: no {sorted(set(factors) - known)[0]}; known: {', '.join(sorted(known))}")
    given = {name: getattr(positions, name) for name in known}
    return Positions(**{**given, **{name: np.asarray(given[name]) * by for name, by in factors.items()}})


def by_pair(payer: NDArray[np.int64], payee: NDArray[np.int64], due: Array) -> tuple[NDArray[np.int64], Array]:
    """The pair of payer and payee that each edge belongs to, and what is due between them, shape (quarters, pairs)."""
    span = int(payee.max(initial=0)) + 1
    pairs, place = np.unique(payer * span + payee, return_inverse=True)
    level = np.zeros((len(due), len(pairs)))
    np.add.at(level.T, place, due.T)
    return place.astype(np.int64), level


def delivered_share(level: Array, pair: NDArray[np.int64], begun: NDArray[np.int64]) -> Array:
    """Share of dues that is for what had been delivered in quarter `begun` of each edge, shape (quarters, edges).

    What is due between a pair later on, beyond the rate of that quarter, is growth that was still to come.
    """
    later = level[:, pair]
    base = np.broadcast_to(level[begun, pair], later.shape)
    return np.divide(np.minimum(base, later), later, out=np.ones_like(later), where=later > 0.0)


def shares(name: str, values: ArrayLike, count: int) -> Array:
    """`count` shares, 0 to 1, from one for all or one each; ValueError otherwise."""
    found = np.array(np.broadcast_to(np.asarray(values, dtype=np.float64), (count,)))
    if not ((found >= 0.0) & (found <= 1.0)).all():
        raise ValueError(f"{name}: {found[~((found >= 0.0) & (found <= 1.0))][0]}; from 0 to 1")
    return found


def _amounts(name: str, values: ArrayLike, shape: tuple[int, ...]) -> Array:
    try:
        found = np.array(np.broadcast_to(np.asarray(values, dtype=np.float64), shape))
    except ValueError:
        raise ValueError(f"{name}: shape {np.shape(values)}; {shape} is needed") from None
    require_amounts(found.ravel(), lambda k: f"{name} [{', '.join(str(i) for i in np.unravel_index(k, shape))}]")
    return found


def _marks(name: str, values: ArrayLike | None, edges: int) -> Mask:
    found = np.zeros(edges, dtype=np.bool_) if values is None else np.asarray(values, dtype=np.bool_)
    if found.shape != (edges,):
        raise ValueError(f"contracts: {name} has shape {found.shape}; ({edges},) is needed")
    return found


def _numbers(name: str, values: ArrayLike, edges: int, below: int | None = None) -> NDArray[np.int64]:
    found = np.asarray(values)
    if found.shape != (edges,) or (found.size and found.dtype.kind not in "iu"):
        raise ValueError(f"contracts: {name} is {found.dtype} of shape {found.shape}; whole numbers, ({edges},)")
    if found.size and (found.min() < 0 or (below is not None and found.max() >= below)):
        most = "" if below is None else f" to {below - 1}"
        raise ValueError(f"contracts: {name} from {found.min()} to {found.max()}; from 0{most}")
    return found.astype(np.int64)
