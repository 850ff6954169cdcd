"""Every positive root of a stream's polynomial in whole numbers: for the rare stream that float64 cannot decide.

Flows are binary fractions, so the polynomial times a power of two has whole coefficients. Multiple roots are taken out
first (division by the greatest common divisor with the derivative), then Descartes' rule counts the roots of a span:
y = (a + b z) / (1 + z) takes z > 0 to a < y < b, and no change of sign means no root, one change one root; anything
more is cut in half. Roots are then halved in to 2^-60 of their place. Nothing is rounded before the end.

Source: Collins and Akritas 1976, doi:10.1145/800205.806346.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import accumulate, pairwise
from math import gcd, inf

Poly = list[int]  # coefficients, the constant first
Span = tuple[Fraction, Fraction]
Root = tuple[float, bool]  # a rate, and whether the NPV changes sign there
FINE = 60  # bits of a root
MERSENNE = (61, 521, 2203, 11213, 44497, 216091)  # 2^k - 1 is prime


def whole(flows: Sequence[float]) -> Poly:
    """Flows times the power of two that makes them whole numbers, from the first to the last that is not 0."""
    parts = [float(flow).as_integer_ratio() for flow in flows]
    largest = max(below for _, below in parts)
    poly = [above * (largest // below) for above, below in parts]
    while poly and poly[-1] == 0:
        poly.pop()
    start = next((t for t, c in enumerate(poly) if c), 0)
    return poly[start:]


def value_sign(poly: Poly, y: Fraction) -> int:
    """Sign of the polynomial at a binary fraction."""
    shift = y.denominator.bit_length() - 1
    total, scale = 0, 0
    for c in reversed(poly):
        total = total * y.numerator + (c << scale)
        scale += shift
    return (total > 0) - (total < 0)


def derivative(poly: Poly) -> Poly:
    """Coefficients of the derivative."""
    return [t * c for t, c in enumerate(poly)][1:]


def _common_mod(poly: Poly, prime: int) -> Poly:
    """Greatest common divisor of a polynomial and its derivative modulo a prime, with first coefficient 1."""
    a, b = [c % prime for c in poly], [c % prime for c in derivative(poly)]
    while b:
        while b and b[-1] == 0:
            b.pop()
        if not b:
            break
        inverse = pow(b[-1], -1, prime)
        b = [c * inverse % prime for c in b]
        while len(a) >= len(b):
            factor, place = a[-1], len(a) - len(b)
            if factor:
                a[place:] = [(x - factor * y) % prime for x, y in zip(a[place:], b, strict=True)]
            a.pop()
        a, b = b, a
    return a


def _quotient(poly: Poly, divisor: Poly) -> Poly | None:
    """poly / divisor where that leaves nothing over, else None."""
    left, out = list(poly), [0] * (len(poly) - len(divisor) + 1)
    for place in range(len(out) - 1, -1, -1):
        factor, over = divmod(left[place + len(divisor) - 1], divisor[-1])
        if over:
            return None
        out[place] = factor
        for i, c in enumerate(divisor):
            left[place + i] -= factor * c
    return None if any(left) else out


def _primitive(poly: Poly) -> Poly:
    """The polynomial without the factor that its coefficients share."""
    common = gcd(*poly)
    return [c // common for c in poly]


def without_multiples(poly: Poly) -> Poly:
    """The polynomial with every root once.

    A divisor common to poly and derivative is also common modulo a prime that does not divide the first coefficient,
    so a constant there proves that no root is multiple. Otherwise the divisor is read off modulo a prime beyond its
    coefficients and proved by division.
    """
    poly = _primitive(poly)
    for bits in MERSENNE:
        prime = 2**bits - 1
        if poly[-1] % prime == 0 or len(poly) * poly[-1] % prime == 0:
            continue
        common = _common_mod(poly, prime)
        if len(common) == 1:
            return poly
        lifted = [c * poly[-1] % prime for c in common]
        divisor = _primitive([c - prime if 2 * c > prime else c for c in lifted])
        quotient = _quotient(poly, divisor)
        if quotient is not None and _quotient(derivative(poly), divisor) is not None:
            return quotient
    raise ArithmeticError(f"no prime of {MERSENNE[-1]} bits or less separates the multiple roots of {len(poly)} flows")


def shifted(poly: Poly) -> Poly:
    """Coefficients of poly(y + 1)."""
    row, out = list(reversed(poly)), []
    while row:
        row = list(accumulate(row))
        out.append(row.pop())
    return out


def changes(poly: Poly) -> int:
    """Changes of sign along the coefficients."""
    signs = [c > 0 for c in poly if c]
    return sum(a != b for a, b in pairwise(signs))


def on_unit(poly: Poly, span: Span) -> Poly:
    """The polynomial in w, where y = a + (b - a) w, times a power of two."""
    a, width = span[0], span[1] - span[0]
    shift = max(a.denominator, width.denominator).bit_length() - 1
    start, step = int(a * 2**shift), int(width * 2**shift)
    n = len(poly) - 1
    row = [c << (shift * (n - t)) for t, c in enumerate(poly)]
    if start:
        scaled = shifted([c * start**t for t, c in enumerate(row)])
        row = [c // start**t for t, c in enumerate(scaled)]
    return [c * step**t for t, c in enumerate(row)]


def isolated(poly: Poly, span: Span) -> Iterator[Span]:
    """Open spans with one root each, and (y, y) for a root met on a cut; those of `span` without its ends, rising."""
    todo = [(on_unit(poly, span), span)]
    while todo:
        row, (a, b) = todo.pop()
        if a == b:
            yield a, b
            continue
        number = changes(shifted(list(reversed(row))))
        if number == 1:
            yield a, b
        if number < 2:
            continue
        n, middle = len(row) - 1, (a + b) / 2
        left = [c << (n - t) for t, c in enumerate(row)]
        right = shifted(left)
        todo.append((right, (middle, b)))
        if right[0] == 0:
            todo[-1] = (right[1:], (middle, b))
            todo.append(([], (middle, middle)))
        todo.append((left, (a, middle)))


def refined(poly: Poly, span: Span) -> Span:
    """The one root of an open span between bounds that are 2^-60 of their place apart, or (y, y) where it is y."""
    a, b = span
    inside = value_sign(poly, a) or value_sign(derivative(poly), a)  # roots are simple: at one the slope tells
    moved_a = moved_b = False
    while not (moved_a and moved_b) or (b - a) * 2**FINE > a:
        middle = (a + b) / 2
        sign = value_sign(poly, middle)
        if sign == 0:
            return middle, middle
        if sign == inside:
            a, moved_a = middle, True
        else:
            b, moved_b = middle, True
    short = Fraction(float((a + b) / 2))  # many roots are short fractions: a rate of exactly 0 is one
    return (short, short) if a < short < b and value_sign(poly, short) == 0 else (a, b)


def crosses(poly: Poly, span: Span) -> bool:
    """Whether the sign changes at the root between two bounds, or at y for (y, y)."""
    if span[0] < span[1]:
        return value_sign(poly, span[0]) != value_sign(poly, span[1])
    times = 0
    while value_sign(poly, span[0]) == 0:
        poly, times = derivative(poly), times + 1
    return times % 2 == 1


def _rate(y: Fraction, late: bool) -> float:
    """The rate of y = 1 + rate where `late`, else of y = 1 / (1 + rate)."""
    try:
        return float(y - 1 if late else (1 - y) / y)
    except OverflowError:
        return inf


def all_rates(flows: Sequence[float], early: Sequence[Span], late: Sequence[Span]) -> list[Root]:
    """Rates above -1 at which the flows are worth 0, rising, each with whether the NPV changes sign there.

    Args:
        early: Spans of x = 1 / (1 + rate), apart from each other and rising, outside which there is no root.
        late: The same of 1 + rate; the last ends where the last of `early` does, if both reach the edge.
    """
    poly = whole(flows)
    simple = without_multiples(poly)
    found = []
    for spans, row, one, is_late in ((early, poly, simple, False), (late, poly[::-1], simple[::-1], True)):
        for a, b in spans:
            roots = [refined(one, root) if root[0] < root[1] else root for root in isolated(one, (a, b))]
            if not is_late and value_sign(one, b) == 0:
                roots.append((b, b))
            found += [(_rate((root[0] + root[1]) / 2, is_late), crosses(row, root)) for root in roots]
    return sorted(found)
