"""Who owes whom how much: a matrix or triplets, checked and laid out for the kernels of clearing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gigawatt.deals.clearing_kernels import by_creditor, by_debtor
from gigawatt.deals.flows import in_line, square

Array = NDArray[np.float64]
Index = NDArray[np.int64]
Amounts = ArrayLike | Mapping[int, float]  # one for each firm, one for all, or by the numbers of some firms


@dataclass(frozen=True, slots=True, kw_only=True)
class SparseLiabilities:
    """Debts as triplets: debtor[k] owes creditor[k] amount_usd[k]; debts of one pair in several rows add up."""

    size: int  # firms
    debtor: ArrayLike  # shape (debts,), 0 to size - 1
    creditor: ArrayLike
    amount_usd: ArrayLike
    seniority: ArrayLike | None = None  # class of each debt, 0 is paid first; None: all equal
    external_seniority: ArrayLike | None = None  # class of what each firm owes outside, shape (size,); None: 0

    @classmethod
    def from_csr(cls, starts: ArrayLike, creditor: ArrayLike, amount_usd: ArrayLike) -> SparseLiabilities:
        """Triplets of compressed rows: the debts of firm i are those from starts[i] to before starts[i + 1]."""
        counts = np.diff(np.asarray(starts))
        debtor = np.repeat(np.arange(len(counts)), counts)
        return cls(size=len(counts), debtor=debtor, creditor=creditor, amount_usd=amount_usd)


class Book(NamedTuple):
    """Debts by debtor, and by creditor once that is asked for (`with_claims`).

    A tranche is what one firm owes in one class of seniority, to all creditors together.
    """

    first: Index  # first tranche of each firm, senior before junior, shape (firms + 1,)
    amount: Array  # of each tranche
    below: Array  # what the same firm owes before this tranche
    in_start: Index  # first claim of each firm, shape (firms + 1,)
    in_tranche: Index  # tranche that a claim is part of
    in_share: Array  # the claim over its tranche
    out_start: Index
    creditor: Index  # creditors of each firm
    out_tranche: Index
    out_share: Array
    dues: Array  # all that a firm owes
    outside: Array  # share of a tranche that is owed to the outside; 1 of a tranche of nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Debts:
    """Triplets after checks; `tranche` of each, and the tranches' totals with what is owed outside."""

    debtor: Index
    creditor: Index
    amount: Array
    tranche: Index
    book: Book


def amounts(values: Amounts | None, size: int, what: str, names: Sequence[str] | None) -> Array:
    """A vector of amounts, shape (size,): as given, one number for all, or `{firm: amount}` with 0 for the others.

    A row or column is a vector.

    Raises:
        ValueError: A wrong shape, an unknown firm, an amount below 0 or not finite.
    """
    if isinstance(values, Mapping):
        found = np.zeros(size)
        for firm, amount in values.items():
            if not 0 <= firm < size:
                raise ValueError(f"{what}: firm {firm}; from 0 to {size - 1}")
            found[firm] = amount
    else:
        found = in_line(0.0 if values is None else values)
        found = np.full(size, found) if found.ndim == 0 else found
    if found.shape != (size,):
        raise ValueError(f"{what}: shape {found.shape} for {size} firms; {(size,)} is needed")
    require_amounts(found, lambda i: f"{what} of {called(i, names)}")
    return found


def require_amounts(found: Array, where: Callable[[int], str]) -> None:
    """ValueError that names the first amount below 0 or not finite; `where` says in words which one it is."""
    if len(found) and not 0.0 <= found.min() <= found.max() < np.inf:
        wrong = int(np.flatnonzero(~(np.isfinite(found) & (found >= 0.0)))[0])
        raise ValueError(f"{where(wrong)}: {found[wrong]}; amounts are finite and 0 or more")


def called(firm: int, names: Sequence[str] | None) -> str:
    """A firm in an error message."""
    return names[firm] if names is not None else f"firm {firm}"


def require_names(names: Sequence[str] | None, size: int) -> None:
    """ValueError unless there is one name a firm, each once."""
    if names is None:
        return
    if len(names) != size:
        raise ValueError(f"names: {len(names)} for {size} firms")
    twice = sorted({name for name in names if list(names).count(name) > 1}) if len(set(names)) < size else []
    if twice:
        raise ValueError(f"names: {', '.join(twice)} more than once; each firm needs a name of its own")


def triplets(
    liabilities: ArrayLike | SparseLiabilities, seniority: ArrayLike | None, names: Sequence[str] | None
) -> tuple[int, Index, Index, Array, Index | None, Index | None]:
    """Firms, debtor, creditor, amount, class of each debt and of what is owed outside; debts of 0 are left out."""
    if isinstance(liabilities, SparseLiabilities):
        if seniority is not None:
            raise ValueError("seniority: with sparse liabilities it is a field of these")
        return _of_sparse(liabilities, names)
    matrix = square(liabilities, "liabilities, [i][j] what i owes j,")
    size = len(matrix)
    require_amounts(matrix.ravel(), lambda k: _pair(k // size, k % size, names))
    debtor, creditor = np.nonzero(matrix)
    _require_no_own(debtor, creditor, names)
    debts = (size, debtor.astype(np.int64), creditor.astype(np.int64), matrix[debtor, creditor])
    if seniority is None:
        return *debts, None, None
    classes = np.asarray(seniority)
    if classes.shape != (size, size + 1):
        raise ValueError(f"seniority: shape {classes.shape}; ({size}, {size + 1}) is needed, the last column for debts "
                         "to the outside; 0 is paid first")  # fmt: skip
    return *debts, _classes(classes[debtor, creditor]), _classes(classes[:, size])


def _of_sparse(
    sparse: SparseLiabilities, names: Sequence[str] | None
) -> tuple[int, Index, Index, Array, Index | None, Index | None]:
    size = sparse.size
    debtor, creditor = (np.asarray(ends) for ends in (sparse.debtor, sparse.creditor))
    amount = np.asarray(sparse.amount_usd, dtype=np.float64)
    if not debtor.shape == creditor.shape == amount.shape == (len(amount),):
        raise ValueError(f"liabilities: {debtor.shape} debtors, {creditor.shape} creditors, {amount.shape} amounts")
    for what, ends in (("debtor", debtor), ("creditor", creditor)):
        if len(ends) and (ends.dtype.kind not in "iu" or ends.min() < 0 or ends.max() >= size):
            raise ValueError(f"liabilities: each {what} is a whole number from 0 to {size - 1}")
    require_amounts(amount, lambda k: _pair(int(debtor[k]), int(creditor[k]), names))
    _require_no_own(debtor, creditor, names)
    debtor, creditor = debtor.astype(np.int64, copy=False), creditor.astype(np.int64, copy=False)
    if sparse.seniority is None and sparse.external_seniority is None:
        return size, debtor, creditor, amount, None, None
    ranks = np.zeros(len(amount), dtype=np.int64) if sparse.seniority is None else _classes(sparse.seniority)
    outside = (
        np.zeros(size, dtype=np.int64) if sparse.external_seniority is None else _classes(sparse.external_seniority)
    )
    if ranks.shape != amount.shape or outside.shape != (size,):
        raise ValueError(
            f"seniority: shapes {ranks.shape} and {outside.shape}; {amount.shape} and {(size,)} are needed"
        )
    return size, debtor, creditor, amount, ranks, outside


def _classes(values: ArrayLike) -> Index:
    found = np.asarray(values)
    if found.size and (found.dtype.kind not in "iu" or found.min() < 0):
        raise ValueError("seniority: classes are whole numbers, 0 or more; 0 is paid first")
    return found.astype(np.int64)


def _pair(debtor: int, creditor: int, names: Sequence[str] | None) -> str:
    return f"liabilities: {called(int(debtor), names)} to {called(int(creditor), names)}"


def _require_no_own(debtor: NDArray[np.integer], creditor: NDArray[np.integer], names: Sequence[str] | None) -> None:
    own = np.flatnonzero(debtor == creditor)
    if len(own):
        raise ValueError(f"liabilities: {called(int(debtor[own[0]]), names)} owes itself; nobody can")


def laid_out(
    size: int,
    debtor: Index,
    creditor: Index,
    amount: Array,
    ranks: Index | None,
    outside: Index | None,
    external: Array,
) -> Debts:
    """The triplets with their tranches, and the book that kernels read."""
    if ranks is None or outside is None:
        tranche, held, beyond = debtor, summed(debtor, amount, size) + external, external
        first = np.arange(size + 1)
    else:
        classes = 1 + max(ranks.max(initial=0), outside.max(initial=0))
        keys = np.concatenate([debtor * classes + ranks, np.arange(size) * classes + outside])
        found, inverse = np.unique(keys, return_inverse=True)
        tranche, held = inverse[: len(debtor)], summed(inverse, np.concatenate([amount, external]), len(found))
        first = np.searchsorted(found // classes, np.arange(size + 1))
        beyond = summed(inverse[len(debtor) :], external, len(found))
    dues = np.add.reduceat(held, first[:-1]) if size else np.zeros(0)
    below = np.zeros(len(held))
    for step in range(1, int(np.diff(first).max(initial=1))):
        deeper = np.flatnonzero(np.diff(first) > step)
        below[first[deeper] + step] = below[first[deeper] + step - 1] + held[first[deeper] + step - 1]
    tranche = tranche.astype(np.int64, copy=False)
    none, nothing = np.zeros(0, dtype=np.int64), np.zeros(0)
    debts = by_debtor(size, debtor, creditor, amount, tranche, held)
    leaving = np.divide(beyond, held, out=np.ones(len(held)), where=held > 0.0)
    book = Book(first.astype(np.int64), held, below, none, none, nothing, *debts, dues, leaving)
    return Debts(debtor=debtor, creditor=creditor, amount=amount, tranche=tranche, book=book)


def with_claims(book: Book) -> Book:
    """The book with debts by creditor too."""
    start, tranche, share = by_creditor(len(book.dues), book.creditor, book.out_tranche, book.out_share)
    return book._replace(in_start=start, in_tranche=tranche, in_share=share)


def summed(index: Index, values: Array, size: int) -> Array:
    """Sum of the values of each index, shape (size,)."""
    return np.bincount(index, values, size).astype(np.float64, copy=False)
