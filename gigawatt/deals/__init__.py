"""Who pays whom, and how much of it goes round in a circle."""

from gigawatt.deals.circularity import (
    Netting,
    bilateral_netting,
    cycling_index,
    multilateral_net_usd,
    returned_share,
)

__all__ = ["Netting", "bilateral_netting", "cycling_index", "multilateral_net_usd", "returned_share"]
