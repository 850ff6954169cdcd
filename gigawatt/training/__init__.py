"""Training runs: FLOP, time, energy and cost; what compute buys under published scaling laws."""

from gigawatt.training.run import (
    Chip,
    Cluster,
    TrainingRun,
    checkpoint_interval_hours,
    goodput,
    mfu_of,
    run,
)
from gigawatt.training.scaling import (
    CHINCHILLA,
    REPLICATED,
    Recipe,
    ScalingLaw,
    compute_optimal,
    doublings,
    effective_flop,
    loss,
    tokens_worth,
    training_flop,
)

__all__ = [
    "CHINCHILLA",
    "REPLICATED",
    "Chip",
    "Cluster",
    "Recipe",
    "ScalingLaw",
    "TrainingRun",
    "checkpoint_interval_hours",
    "compute_optimal",
    "doublings",
    "effective_flop",
    "goodput",
    "loss",
    "mfu_of",
    "run",
    "tokens_worth",
    "training_flop",
]
