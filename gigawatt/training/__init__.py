"""Training runs: FLOP, speed, failures, energy and cost; what compute buys under published scaling laws."""

from gigawatt.training.capability import answer_flop, answer_usd, coverage, exam_error, hallucination_rate
from gigawatt.training.compare import compare, read_runs, summary
from gigawatt.training.fit import Run, band, fitted, left_out, published_runs
from gigawatt.training.flop import Size, run_flop, training_flop
from gigawatt.training.lint import Finding, lint
from gigawatt.training.reliability import Reliability, checkpoint_interval_hours, goodput
from gigawatt.training.run import Band, Estimate, Plan, estimate
from gigawatt.training.scaling import (
    Recipe,
    ScalingLaw,
    compute_optimal,
    data_limited,
    doublings,
    effective_flop,
    law,
    loss,
    sampled_laws,
    serving_optimal,
    tokens_worth,
)
from gigawatt.training.speed import Chip, Speed, mfu_of, utilisation

__all__ = [
    "Band",
    "Chip",
    "Estimate",
    "Finding",
    "Plan",
    "Recipe",
    "Reliability",
    "Run",
    "ScalingLaw",
    "Size",
    "Speed",
    "answer_flop",
    "answer_usd",
    "band",
    "checkpoint_interval_hours",
    "compare",
    "compute_optimal",
    "coverage",
    "data_limited",
    "doublings",
    "effective_flop",
    "estimate",
    "exam_error",
    "fitted",
    "goodput",
    "hallucination_rate",
    "law",
    "left_out",
    "lint",
    "loss",
    "mfu_of",
    "published_runs",
    "read_runs",
    "run_flop",
    "sampled_laws",
    "serving_optimal",
    "summary",
    "tokens_worth",
    "training_flop",
    "utilisation",
]
