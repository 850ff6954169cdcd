"""Project finance: a plan of assets, contracts and debt becomes lines, period by period, and answers.

`inputs` says what a project is, `model` puts its lines together, `lines` is the language they are written in,
`values` works them out on arrays, and `result` is what users call.
"""

from gigawatt.finance.project.inputs import (
    Asset,
    Backstop,
    Capacity,
    Contract,
    Cost,
    Covenants,
    Losses,
    Merchant,
    Per,
    Phase,
    Project,
    Repayment,
    Reserves,
    Taxes,
    TaxPayer,
    Tranche,
)
from gigawatt.finance.project.model import model_of
from gigawatt.finance.project.result import DebtServiceError, Finding, ProjectResult, evaluate

__all__ = [
    "Asset", "Backstop", "Capacity", "Contract", "Cost", "Covenants", "DebtServiceError", "Finding", "Losses",
    "Merchant", "Per", "Phase", "Project", "ProjectResult", "Repayment", "Reserves", "TaxPayer", "Taxes", "Tranche",
    "evaluate", "model_of",
]  # fmt: skip
