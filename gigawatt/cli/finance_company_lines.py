"""The lines of company statements in their order, with the labels that people read."""

from __future__ import annotations

from collections.abc import Sequence

Lines = Sequence[tuple[str, str]]  # key, label; a label without leading blanks is a total

INCOME: Lines = (
    ("contracted_revenue", "  under contract"), ("other_revenue", "  other"), ("revenue", "Revenue"),
    ("cost_of_revenue", "  cost of revenue"), ("operating_expenses", "  operating expenses"), ("rent", "  rent"),
    ("ebitda", "EBITDA, adjusted"), ("stock_compensation", "  share-based pay"),
    ("depreciation_chips", "  depreciation, chips"), ("depreciation_sites", "  depreciation, sites"),
    ("receivables_written_off", "  write-offs"), ("operating_income", "Operating income"),
    ("interest_expense", "  interest expense"), ("interest_income", "  interest income"),
    ("before_tax", "Income before tax"), ("tax", "  tax"), ("net_income", "Net income"),
)  # fmt: skip
CASH: Lines = (
    ("net_income", "Net income"), ("depreciation", "  depreciation"), ("stock_compensation", "  share-based pay"),
    ("receivables_written_off", "  write-offs"), ("change_in_receivables", "  receivables"),
    ("change_in_payables", "  payables"), ("change_in_deferred_revenue", "  deferred revenue"),
    ("operating", "Cash from operations"), ("capex", "  capex"), ("stakes_bought", "  stakes bought"),
    ("investing", "Cash from investing"), ("signed_debt_drawn", "  signed debt drawn"),
    ("new_debt", "  new term debt"), ("debt_repaid", "  debt repaid"), ("change_in_revolver", "  revolver"),
    ("shares_sold", "  shares sold"), ("payouts", "  dividends, buy-backs"), ("change_in_gap", "  unpaid: gap"),
    ("financing", "Cash from financing"), ("change_in_cash", "Change in cash"), ("free_cash_flow", "Free cash flow"),
)  # fmt: skip
BALANCE: Lines = (
    ("cash", "  cash"), ("receivables", "  receivables"), ("chips", "  chips, net"), ("sites", "  sites, net"),
    ("right_of_use", "  right of use"), ("other_assets", "  other assets"), ("assets", "Assets"),
    ("payables", "  payables"), ("deferred_revenue", "  deferred revenue"), ("debt", "  debt"),
    ("gap", "  unpaid: gap"), ("lease_liability", "  lease liability"), ("other_liabilities", "  other liabilities"),
    ("liabilities", "Liabilities"), ("equity", "Equity"),
)  # fmt: skip
FUNDING: Lines = (
    ("free_cash_flow_usd", "  free cash flow"), ("stakes_usd", "  stakes bought"),
    ("due_signed_usd", "  repaid: signed debt"), ("due_assumed_usd", "  repaid: on assumed days"),
    ("due_new_usd", "  repaid: new debt"), ("payouts_usd", "  dividends, buy-backs"),
    ("before_financing_usd", "Cash before financing"),
    ("from_cash_usd", "  cash at hand"), ("signed_debt_usd", "  signed debt drawn"),
    ("signed_shares_usd", "  signed shares sold"), ("revolver_usd", "  revolver"), ("new_debt_usd", "  new debt"),
    ("new_shares_usd", "  new shares"), ("unpaid_usd", "  unpaid: gap"), ("new_money_usd", "New money and revolver"),
)  # fmt: skip
METRICS: Lines = (
    ("revenue_growth", "revenue growth on the period before, %"), ("ebitda_margin", "EBITDA margin, %"),
    ("contracted_share", "revenue under contract, %"), ("customer_share", "  of it the largest customer, %"),
    ("interest_cover", "EBITDA / interest, x"), ("operating_cover", "operating income / interest, x"),
    ("fixed_charge_cover", "fixed-charge cover: with rent, x"), ("dscr", "DSCR: cover of interest and principal, x"),
    ("take_or_pay_cover", "take-or-pay cover, x"), ("purchase_cover", "cover with firm purchases, x"),
    ("ffo_to_debt", "FFO / debt, %"), ("free_cash_flow_usd", "free cash flow"), ("debt_usd", "debt"),
    ("secured_usd", "  of it secured"), ("chip_loan_to_value", "  secured debt / chips, %"),
    ("asset_loan_to_value", "  debt / chips and sites, %"), ("cost_of_debt", "  cost of debt, %"),
    ("tenor_years", "  mean years to repayment"), ("net_debt_usd", "net debt"),
    ("net_debt_to_ebitda", "net debt / EBITDA, x"), ("leverage_with_leases", "  + leases, x"),
    ("leverage_with_uncommenced", "  + leases not commenced, x"), ("leverage_with_vehicles", "  + vehicles, x"),
    ("leverage_with_commitments", "  + other firm purchases, x"), ("due_usd", "principal due"),
    ("refinancing_usd", "  of it beyond cash and FCF"), ("liquidity_usd", "cash and unused revolver"),
    ("backlog_usd", "backlog as planned"),
)  # fmt: skip
SHORT: Lines = (  # what the head of a company shows by year
    ("revenue_usd", "revenue"), ("ebitda_usd", "EBITDA, adjusted"), ("free_cash_flow_usd", "free cash flow"),
    ("due_usd", "principal due"), ("new_money_usd", "new money and revolver"), ("debt_usd", "debt"),
    ("interest_cover", "EBITDA / interest, x"), ("fixed_charge_cover", "fixed-charge cover, x"), ("dscr", "DSCR, x"),
    ("net_debt_to_ebitda", "net debt / EBITDA, x"), ("leverage_with_vehicles", "  with leases, vehicles, x"),
    ("liquidity_usd", "cash, unused revolver"),
)  # fmt: skip
STOCKS = ("balance", "debt", "bridge")
TITLES = {"income": "Income statement", "cash": "Cash-flow statement", "balance": "Balance sheet", "debt": "Debt",
          "funding": "How it is paid", "bridge": "What must be paid", "metrics": "Metrics",
          "short": "By year"}  # fmt: skip
STATEMENTS = tuple(each for each in TITLES if each != "short")
