"""A small model with every operator, for the tests of its workbook."""

from gigawatt.finance.project.lines import (
    Apply,
    Later,
    Model,
    by_year,
    dot,
    flag,
    floor,
    following,
    internal_rate,
    lag,
    last,
    least,
    max_of,
    min_of,
    month_end,
    most,
    only,
    prev,
    ratio,
    remainder,
    total,
    where,
    whole,
)

PERIODS = 12
CASES = {
    "Low price": {"price_usd_per_mwh": 41.5, "price_index": (1.0, 0.97, 0.95, 0.94, 0.93)},
    "Dear and late": {"build_periods": 4, "debt.rate": 0.031},
}
CHANGED = {  # inputs that a reader may change
    "start": 46300, "build_periods": 2, "capex_usd": 1.3e9, "debt.rate": 0.025, "delay_periods": -2,
    "price_usd_per_mwh": 55.25,
}  # fmt: skip


def toy(periods: int = PERIODS) -> Model:
    """A plant that is built in three periods and earns for nine: timing, cash, debt, statements, outputs and checks."""
    model = Model(periods, 2, section="Timing")
    start = model.input("start", 46023, "date", "First day", "project file", "1 January 2026")
    built = model.input("build_periods", 3, "periods", "Periods to build")
    period = model.line("time.period", prev(Later("time.period")) + 1, "no.", "Period", "balance")
    model.line("time.ends", month_end(start, period * 6) - 1, "date", "Last day", "date")
    year = model.line("time.year", floor((period - 1) / 2) + 1, "no.", "Year", "balance")
    building = model.line("time.building", flag(period <= built), "flag", "Before completion", "flag")
    operating = model.line("time.operating", 1 - building, "flag", "In operation", "flag")
    cash, capex = _earn(model, period, year, built, operating)
    service = _borrow(model, period, built, operating, capex, cash)
    _answer(model, period, cash, capex, service)
    _corners(model, period, year)
    return model


def _earn(model, period, year, built, operating):
    model.section = "Revenue"
    price = model.input("price_usd_per_mwh", 47.25, "USD/MWh", "Price", "own-estimate")
    rise = model.table("price_index", (1.0, 1.02, 1.05, 1.04), "ratio", "Index of prices", "project file")
    energy = model.input("energy_mwh", 4.1e6, "MWh", "Energy a period")
    fading = model.input("fading", 0.0035, "1/year", "Loss of energy a year")
    index = model.line("price.index", by_year(rise, year), "ratio", kind="ratio")
    sold = model.line("energy.sold_mwh", energy * operating * (1 - fading) ** most(0, period - built - 1), "MWh")
    revenue = model.line("revenue_usd", sold * price * index, label="Revenue")
    model.section = "Costs"
    share = model.input("opex_share", 0.2, "share of revenue", "Operating cost")
    opex = model.line("opex_usd", revenue * share, label="Operating cost", note="=of revenue, not a formula")
    ebitda = model.line("ebitda_usd", revenue - opex, label="EBITDA")
    model.section = "Construction"
    cost = model.input("capex_usd", 1.1e9, "USD", "Cost to build")
    capex = model.line("capex_usd.spent", cost / built * flag(period <= built), label="Capex")
    model.section = "Waterfall"
    delay = model.input("delay_periods", 1, "periods", "Customers pay so many periods late")
    received = model.line("received_usd", lag(ebitda, delay), label="EBITDA received")
    model.line("ahead_usd", lag(ebitda, -1) - following(ebitda), label="Nothing")
    cash = model.line("cover.cash_usd", received, label="Cash flow available for debt service")
    return cash, capex


def _borrow(model, period, built, operating, capex, cash):
    model.section = "Debt"
    rate = model.input("debt.rate", 0.03, "1/period", "Interest a period")
    cover = model.input("debt.dscr", 1.35, "x", "Cover asked for")
    worth = Later("debt.capacity_usd")
    served = cash * operating / cover
    model.line(
        "debt.capacity_usd", (following(worth) + following(Later("debt.served_usd"))) / (1 + rate), kind="balance"
    )
    model.line("debt.served_usd", most(0, served))
    worth_usd = dot(model.lines["debt.served_usd"], _discount(model, period, built, rate))
    size = model.scalar("debt.size_usd", least(worth_usd, 0.7 * total(capex)))
    balance = Later("loans.senior.balance_usd")
    interest = model.line("debt.interest_usd", rate * prev(balance) * operating, label="Interest")
    repaid = model.line("debt.repaid_usd", least(prev(balance), most(0, served - interest)), label="Repayment")
    drawn = model.line("debt.drawn_usd", ratio(capex, total(capex)) * size, label="Drawn")
    model.line("loans.senior.balance_usd", prev(balance) + drawn - repaid, label="Debt", kind="balance")
    return model.line("waterfall.due_usd", interest + repaid, label="Debt service")


def _discount(model, period, built, rate):
    return model.line("debt.discount", flag(period > built) * (1 + rate) ** -(period - built), "ratio", kind="ratio")


def _answer(model, period, cash, capex, service):
    lines = model.lines
    model.section = "Statements: cash"
    flow = model.line("equity.flow_usd", lines["debt.drawn_usd"] + cash - capex - service, label="To owners")
    model.line("cash_usd", prev(Later("cash_usd")) + flow, label="Cash so far", kind="balance")
    model.section = "Outputs"
    dscr = model.line("cover.dscr", only(service > 1, ratio(cash, service)), "x", "DSCR", "ratio")
    model.line("dscr.spare", dscr - 1.2, "x", "DSCR above lock-up", "ratio")
    model.line("dscr.locked", flag(dscr < 1.36), "flag", "Locked up", "flag")
    model.line("dscr.free", flag(dscr >= 1.3), "flag", "Not locked up", "flag")
    model.scalar("dscr.least", min_of(dscr), "x", "Least DSCR", "ratio")
    model.scalar("dscr.most", max_of(dscr), "x", "Largest DSCR", "ratio")
    model.scalar("equity.end_usd", last(lines["cash_usd"]), label="Cash at the end")
    rate = model.scalar("equity.irr_per_period", internal_rate(flow), "1/period", "Equity IRR per period", "ratio")
    model.scalar("equity.irr", (1 + rate) ** 2 - 1, "1/year", "Equity IRR", "ratio")
    model.section = "Checks"
    model.line(
        "check.debt_usd",
        where(period >= model.periods, 0, most(0, -lines["loans.senior.balance_usd"])),
        label="Debt above 0",
    )
    model.scalar("check.drawn_usd", total(lines["debt.drawn_usd"]) - lines["debt.size_usd"], label="Debt is drawn")


def _corners(model, period, year):
    """Signs, brackets, blanks and empty cells where spreadsheets and arithmetic part."""
    model.section = "Corners"
    a = model.line("corner.wave", remainder(period * 5, 7) - 3.5, "", "=cmd|' /C calc'!A0", "ratio")
    model.line("corner.minus", -(a**2) - -a * 2 - (a - (1 - a)), "", kind="ratio")
    model.line("corner.divided", 1 / (2 * (a / (3 / a))) + 2 ** (a**2 / 4) ** 0.5, "", kind="ratio")
    model.line("corner.whole", whole(a) + floor(a) * 10 + whole(a / 2), "", kind="ratio")
    model.line("corner.mod", remainder(a, 2.0) + remainder(-a, 3.0), "", kind="ratio")
    model.line("corner.least", least(prev(Later("corner.wave")), 2, following(a)), "", kind="ratio")
    model.line("corner.most", most(prev(a), lag(a, 3), -9), "", kind="ratio")
    model.line("corner.chosen", least(where(a > 0, prev(a), following(a)), 5), "", kind="ratio")
    model.line("corner.passed", where(a > 0, prev(a), lag(a, 5)), "", kind="ratio")
    model.line("corner.far", lag(a, 40) + lag(a, -40) + lag(a, 0), "", kind="ratio")
    model.line("corner.compared", (a > 1) * (a <= 3.5) + where(a < prev(a), 2, 0), "", kind="ratio")
    model.line("corner.truth", (a >= 0.5), "", kind="flag")
    model.line("corner.none", ratio(year, flag(a > 0)), "", kind="ratio")
    blank = model.line("corner.blank", only(a > 0, a * 2), "", kind="ratio")
    model.line("corner.blank_sum", where(year > 2, blank + least(blank, 3) * 2, 7), "", kind="ratio")
    model.line("corner.blank_before", prev(blank) + 1, "", kind="ratio")
    never = model.line("corner.never", only(a > 99, a), "", kind="ratio")
    model.scalar("corner.never_least", min_of(never), "", kind="ratio")
    model.scalar("corner.constant", Apply("neg", (Later("corner.never_most"),)) * 2, "", kind="ratio")
    model.scalar("corner.never_most", max_of(a), "", kind="ratio")
    up = model.line("corner.up", following(Later("corner.up")) * 1.5 + 1, "", kind="ratio")
    model.line("corner.same", 3.25 * total(up) / 1e-3, "", kind="ratio")
