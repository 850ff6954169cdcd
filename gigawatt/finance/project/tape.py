"""The kernel that works out a tape: formulas as a list of instructions over rows of numbers, a block of draws at once.

A row holds one number for each draw of a block. A line has a row for each period, a scalar one row. An instruction
names its operation, the row that it writes and up to three operands; an operand is a row, how far it moves with each
period, how many periods it looks back or ahead, and whether it differs between draws.
"""

from __future__ import annotations

import numpy as np

from gigawatt.compiled import kernel

OPERATIONS = (
    "+", "-", "*", "/", "^", "neg", "<", "<=", ">", ">=", "min", "max", "if", "only", "ratio", "round", "floor", "mod",
    "copy", "lookup", "lag", "sum", "dot", "min_of", "max_of",
)  # fmt: skip
(ADD, TAKE, TIMES, OVER, POWER, NEG, LESS, LEAST, MORE, MOST, MIN, MAX, IF, ONLY, RATIO, ROUND, FLOOR, MOD,
 COPY, LOOKUP, LAG, SUM, DOT, MIN_OF, MAX_OF) = range(len(OPERATIONS))  # fmt: skip
OUT, OUT_STRIDE, FIRST = 1, 2, 3  # columns of an instruction; each operand takes four from FIRST on
ROW, STRIDE, SHIFT, FIXED = range(4)
ZEROS, FREE = 3, 4  # rows of cells: three for operands that are the same for all draws, one of zeros, then lines
NUMBERS = 4  # of an operand
WIDTH = FIRST + 3 * NUMBERS
HALF = 0.5  # added before rounding down


@kernel
def operand(code: np.ndarray, k: int, t: int, cells: np.ndarray, fixed: np.ndarray) -> int:
    """The row of an operand in a period: one of zeros before the first and after the last."""
    at = FIRST + NUMBERS * k
    row: int = code[at + ROW]
    stride = code[at + STRIDE]
    if stride > 0:
        when = t + code[at + SHIFT]
        if when < 0 or when >= stride:
            return ZEROS
        row += when
    if code[at + FIXED] == 1:
        for j in range(cells.shape[1]):
            cells[k, j] = fixed[row]
        return k
    return row


@kernel
def play(tape: np.ndarray, groups: np.ndarray, periods: int, cells: np.ndarray, fixed: np.ndarray) -> None:
    """Work out all groups in order: once, or period by period, forward (1) or backward (-1)."""
    for g in range(len(groups)):
        way = groups[g, 2]
        for step in range(periods if way != 0 else 1):
            t = step if way >= 0 else periods - 1 - step
            for i in range(groups[g, 0], groups[g, 1]):
                if tape[i, 0] >= LOOKUP:
                    over_rows(tape[i], t, periods, cells, fixed)
                else:
                    same_period(tape[i], t, cells, fixed)


@kernel
def same_period(code: np.ndarray, t: int, cells: np.ndarray, fixed: np.ndarray) -> None:
    """One operation on the numbers of one period."""
    do, n = code[0], cells.shape[1]
    o = code[OUT] + (t if code[OUT_STRIDE] > 0 else 0)
    a = operand(code, 0, t, cells, fixed)
    b = operand(code, 1, t, cells, fixed)
    if do == ADD:
        for j in range(n):
            cells[o, j] = cells[a, j] + cells[b, j]
    elif do == TAKE:
        for j in range(n):
            cells[o, j] = cells[a, j] - cells[b, j]
    elif do == TIMES:
        for j in range(n):
            cells[o, j] = cells[a, j] * cells[b, j]
    elif do == OVER:
        for j in range(n):
            cells[o, j] = cells[a, j] / cells[b, j]
    elif do == RATIO:
        for j in range(n):
            divisor = cells[b, j] if cells[b, j] != 0.0 else 1.0
            cells[o, j] = (cells[a, j] if cells[b, j] != 0.0 else 0.0) / divisor
    elif do == POWER:
        for j in range(n):
            cells[o, j] = cells[a, j] ** cells[b, j]
    elif do == NEG:
        for j in range(n):
            cells[o, j] = -cells[a, j]
    elif do == LESS:
        for j in range(n):
            cells[o, j] = 1.0 if cells[a, j] < cells[b, j] else 0.0
    elif do == LEAST:
        for j in range(n):
            cells[o, j] = 1.0 if cells[a, j] <= cells[b, j] else 0.0
    elif do == MORE:
        for j in range(n):
            cells[o, j] = 1.0 if cells[a, j] > cells[b, j] else 0.0
    elif do == MOST:
        for j in range(n):
            cells[o, j] = 1.0 if cells[a, j] >= cells[b, j] else 0.0
    elif do == MIN:
        for j in range(n):
            cells[o, j] = cells[b, j] if cells[b, j] < cells[a, j] or cells[b, j] != cells[b, j] else cells[a, j]
    elif do == MAX:
        for j in range(n):
            cells[o, j] = cells[b, j] if cells[b, j] > cells[a, j] or cells[b, j] != cells[b, j] else cells[a, j]
    elif do == IF:
        c = operand(code, 2, t, cells, fixed)
        for j in range(n):
            cells[o, j] = cells[b, j] if cells[a, j] != 0.0 else cells[c, j]
    elif do == ONLY:
        for j in range(n):
            cells[o, j] = cells[b, j] if cells[a, j] != 0.0 else np.nan
    elif do == ROUND:  # halves away from zero
        for j in range(n):
            cells[o, j] = np.copysign(np.floor(np.abs(cells[a, j]) + HALF), cells[a, j])
    elif do == FLOOR:
        for j in range(n):
            cells[o, j] = np.floor(cells[a, j])
    elif do == MOD:
        for j in range(n):
            cells[o, j] = cells[a, j] - cells[b, j] * np.floor(cells[a, j] / cells[b, j])
    else:
        for j in range(n):
            cells[o, j] = cells[a, j]


@kernel
def over_rows(code: np.ndarray, t: int, periods: int, cells: np.ndarray, fixed: np.ndarray) -> None:
    """One operation that reads several rows: a place in a table, a line some periods before, or all its periods."""
    do, n = code[0], cells.shape[1]
    o = code[OUT] + (t if code[OUT_STRIDE] > 0 else 0)
    if do < SUM:
        b = operand(code, 1, t, cells, fixed)
        row, rows, flat = code[FIRST + ROW], code[FIRST + STRIDE], code[FIRST + FIXED] == 1
        together = code[FIRST + NUMBERS + FIXED] == 1  # all draws look at the same place
        for j in range(1 if together else n):
            k = int(cells[b, j]) - 1 if do == LOOKUP else t - int(np.floor(cells[b, j] + HALF))
            kept = min(max(k, 0), rows - 1)
            known = 1.0 if do == LOOKUP or k == kept else 0.0
            for w in range(0 if together else j, n if together else j + 1):
                cells[o, w] = (fixed[row + kept] if flat else cells[row + kept, w]) * known
        return
    for j in range(n):
        cells[o, j] = 0.0 if do < MIN_OF else np.nan
    for w in range(periods):
        a = operand(code, 0, w, cells, fixed)
        if do == SUM:
            for j in range(n):
                cells[o, j] += cells[a, j]
        elif do == DOT:
            b = operand(code, 1, w, cells, fixed)
            for j in range(n):
                cells[o, j] += cells[a, j] * cells[b, j]
        elif do == MIN_OF:
            for j in range(n):
                kept_value, value = cells[o, j], cells[a, j]
                cells[o, j] = kept_value if value >= kept_value or value != value else value
        else:
            for j in range(n):
                kept_value, value = cells[o, j], cells[a, j]
                cells[o, j] = kept_value if value <= kept_value or value != value else value
