"""What collateral fetches when much of it is sold at once.

Source: Cifuentes, Ferrucci and Shin 2005, doi:10.1162/1542476054729266: one price for all who sell, which falls
exponentially with the amount sold. They sell to keep a ratio of capital; here estates sell all they have.
"""

from __future__ import annotations

from math import exp, log1p

from gigawatt.deals.stress.positions import Array


def fire_sale_price(sold_share: float, impact: float, before: float = 1.0) -> float:
    """Price of chips relative to book value when a share of all chips is sold: before exp(-k sold_share).

    Args:
        sold_share: Of all chips that the parties of the book own, 0 to 1.
        impact: Fall of the price if all were sold, 0 to below 1; k = -log(1 - impact).
        before: Price before the sale, relative to book value.

    Raises:
        ValueError: A share is not from 0 to 1.
    """
    if not 0.0 <= sold_share <= 1.0 or not 0.0 <= impact < 1.0 or before < 0.0:
        raise ValueError(f"sold_share {sold_share} from 0 to 1, impact {impact} from 0 to below 1, before {before}")
    return before * exp(log1p(-impact) * sold_share)


def shared_out(value: float, claims: Array) -> tuple[Array, float]:
    """What each claim of one rank gets of a value, in proportion and at most its amount; and what is left."""
    whole = float(claims.sum())
    if whole <= 0.0:
        return claims * 0.0, value
    share = min(1.0, value / whole)
    return claims * share, max(0.0, value - whole * share)
