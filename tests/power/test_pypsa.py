"""Plans and systems to PyPSA and back: the same least cost both ways, through files too, and refusals by name."""

import logging
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pytest import approx

from benchmarks.power_cases import random_system
from gigawatt.power import Targets, load, pypsa, pypsa_network, site_year, size
from gigawatt.power.dispatch import dispatch_system
from gigawatt.power.options_text import options_of
from gigawatt.power.program import solve
from gigawatt.power.pypsa import from_pypsa, to_pypsa

peers = pytest.mark.peers
pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
HELD = ["usual", "off-grid", "export", "fixed", "carbon", "two stores", "ramps", "losses", "negative prices", "zeros"]


@pytest.fixture
def library():
    return pytest.importorskip("pypsa", reason="PyPSA is not installed")


@pytest.fixture
def network(library):
    """Two hours of load, a gas plant of 10 MW and a solar field to be sized."""
    made = library.Network()
    made.set_snapshots(range(2))
    made.add("Bus", "here")
    made.add("Load", "load", bus="here", p_set=[6.0, 8.0])
    made.add("Generator", "gas", bus="here", p_nom=10.0, marginal_cost=[30.0, 50.0])
    made.add(
        "Generator", "sun", bus="here", p_nom_extendable=True, p_nom_max=4.0, capital_cost=5.0, p_max_pu=[1.0, 0.5]
    )
    return made


def system_of(kind, seed=3, hours=60):
    return random_system(np.random.default_rng(seed), hours=hours, kind=kind)


def plan_of(hours=400, targets=None, **grid):
    """A plan with sun, wind, a battery, gas and a grid, some of each."""
    year = site_year("us_tx_abilene")
    *rest, connection = options_of("pv>=80MW, wind>=60MW, battery>=30MW, gas<=60MW, grid<=60MW")
    drawn = load(site_mw=np.full(hours, 100.0), site=year)
    return size(year, drawn, [*rest, replace(connection, **grid)], targets=targets)


def optimum(network):
    """USD of PyPSA's least cost by HiGHS."""
    logging.disable(logging.WARNING)
    try:
        status = network.optimize(solver_name="highs", output_flag=False, log_to_console=False)
    finally:
        logging.disable(logging.NOTSET)
    assert status == ("ok", "optimal")
    return float(network.objective)


PLANS = [
    {},
    {"export_mw": 40.0},
    {"hours": 1600, "demand_charge_usd_per_kw_month": 8.0, "demand": "month"},
    {"targets": Targets(carbon_free_hourly=0.7)},
    {"targets": Targets(carbon_t=3000.0, reserve_margin=0.1)},
    {"export_mw": 40.0, "targets": Targets(carbon_free_annual=0.8)},
]


@peers
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", PLANS, ids=lambda case: " ".join(k for k in case) or "usual")
def test_pypsa_runs_a_plan_at_the_same_cost(library, case):
    plan = plan_of(**case)
    network = to_pypsa(plan)
    found_usd, system = optimum(network), plan.built.system
    # Both are linear programs at a vertex; a plan's own dispatch is as good as the gap of the plan.
    best = dispatch_system(replace(system, shed_usd_per_mwh=network.generators.marginal_cost["shed"]), plan.capacity,
                           method="program")  # fmt: skip
    assert found_usd == approx(best.cost_usd, rel=1e-6)
    assert found_usd + system.capital_usd @ plan.capacity == approx(plan.cost_usd, rel=max(plan.gap, 1e-6))
    assert not network.generators.p_nom_extendable.any() and not network.storage_units.p_nom_extendable.any()
    assert list(network.storage_units.index) == ["battery"] and "grid" in network.generators.index


@peers
def test_a_plan_there_and_back_costs_the_same(library):
    # The carbon of the grid changes by the hour.
    plan = plan_of(targets=Targets(carbon_t=3000.0))
    back = from_pypsa(to_pypsa(plan))
    expected = dispatch_system(plan.built.system, plan.capacity, method="program").cost_usd
    assert solve(back).cost_usd == approx(expected, rel=1e-6)


@peers
@pytest.mark.filterwarnings("ignore")
def test_the_example_of_the_docs_runs(library, tmp_path, monkeypatch):
    page = Path(__file__).parents[2] / "docs" / "how-to" / "size-a-supply.md"
    (text,) = re.findall(r"^```py\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    monkeypatch.chdir(tmp_path)
    said = {}
    exec(text, said)
    plan = said["plan"]
    assert said["network"].objective == approx(plan.dispatch.cost_usd, abs=plan.gap * plan.cost_usd)
    assert solve(from_pypsa("plan.nc")).cost_usd == approx(said["network"].objective, rel=1e-6)


@peers
def test_sizes_that_are_given_need_no_rows(library):
    system = system_of("rows")
    sizes = solve(system).capacity
    expected = dispatch_system(system, sizes).cost_usd
    assert solve(from_pypsa(to_pypsa(system, sizes))).cost_usd == approx(expected, rel=1e-6)
    with pytest.raises(ValueError, match=r"capacity has shape \(1,\)"):
        to_pypsa(system, sizes[:1])


@peers
@pytest.mark.filterwarnings("ignore")
def test_one_converter_for_both_directions_is_sized_at_the_same_cost(library):
    system = one_converter()
    assert solve(system).capacity[system.stores[0].charge] > 1.0
    assert optimum(to_pypsa(system)) == approx(solve(system).cost_usd, rel=1e-6)


def one_converter():
    """A lossy battery with one power, worth its cost, and a grid that is never paid to run."""
    system = system_of("ties", hours=96)
    (store,) = system.stores
    store = replace(store, charge_efficiency=0.9, discharge_efficiency=0.95, wear_usd_per_mwh=1.0)
    prices = np.where(np.arange(system.hours)[:, None] % 24 < 8, 10.0, 200.0) + 0.0 * system.firm_usd_per_mwh
    return replace(system, stores=(store,), firm_usd_per_mwh=prices)


@peers
def test_one_converter_is_not_sized_where_a_source_is_paid_to_run(library):
    # Going in and out at once would lose more energy than the converter can.
    system = one_converter()
    system.firm_usd_per_mwh[5, 2] = -10.0
    with pytest.raises(ValueError, match=r"shared by energy in and energy out.* grid is paid.*to_pypsa\(plan\)"):
        to_pypsa(system)


def given_capital(system):
    """Capital that PyPSA does not count: of what is not open."""
    given = system.least == system.most
    return float(system.capital_usd[given] @ system.most[given])


@peers
@pytest.mark.parametrize("kind", HELD)
def test_there_and_back_costs_the_same(library, kind):
    system = system_of(kind)
    back = from_pypsa(to_pypsa(system))
    assert solve(back).cost_usd == approx(solve(system).cost_usd - given_capital(system), rel=1e-9)


@peers
@pytest.mark.parametrize("form", ["file.nc", "folder"])
def test_a_network_is_read_from_a_file_or_folder(library, tmp_path, form):
    made = to_pypsa(system_of("carbon"))
    path = tmp_path / form
    if form == "folder":
        made.export_to_csv_folder(path)
    else:
        made.export_to_netcdf(path)
    assert solve(from_pypsa(path)).cost_usd == approx(solve(from_pypsa(made)).cost_usd, rel=1e-9)


@peers
def test_a_network_by_hand(network):
    # By hand: a MW of sun saves 30 + 25 for 5, so 4 MW; gas makes 2 and 6 MWh.
    found = solve(from_pypsa(network))
    assert found.cost_usd == approx(4 * 5 + 2 * 30 + 6 * 50)
    assert dict(zip(from_pypsa(network).names, found.capacity, strict=True)) == approx({"gas": 10, "sun": 4})


@peers
def test_a_storage_unit_keeps_its_hours(network):
    network.add("StorageUnit", "cell", bus="here", p_nom_extendable=True, p_nom_max=3.0, capital_cost=2.0,
                max_hours=0.5, cyclic_state_of_charge=True, efficiency_store=0.9)  # fmt: skip
    system = from_pypsa(network)
    found = solve(system)
    sizes = dict(zip(system.names, found.capacity, strict=True))
    assert sizes["cell"] == approx(0.5 * sizes["cell power"]) and sizes["cell"] > 0.0
    (again,) = to_pypsa(system).storage_units.to_dict("records")
    assert (again["max_hours"], again["capital_cost"], again["p_nom_max"]) == approx((0.5, 2.0, 3.0))


@peers
def test_what_is_sold_earns_its_price(network):
    # By hand: 8 MW of sun meet both hours and leave 2 MW in the first, of which 1 is sold for 7.
    network.remove("Generator", "sun")
    network.add("Generator", "sun", bus="here", p_nom=8.0)
    network.add("Generator", "market", bus="here", p_nom=1.0, p_min_pu=-1.0, p_max_pu=0.0, marginal_cost=7.0)
    assert solve(from_pypsa(network)).cost_usd == approx(-7.0)


@peers
def test_a_limit_on_carbon_becomes_a_budget(network):
    network.add("Carrier", "methane", co2_emissions=0.2)
    network.generators.loc["gas", ["carrier", "efficiency"]] = ["methane", 0.5]
    network.add("GlobalConstraint", "carbon", sense="<=", constant=2.4)
    (budget,) = from_pypsa(network).budgets
    assert budget.cap == 2.4 and budget.use[0].tolist() == approx([0.4])


REFUSED = [
    (lambda n: n.add("Bus", "there"), "bus 'there' is not taken over"),
    (lambda n: (n.add("Bus", "there"), n.add("Line", "wire", bus0="here", bus1="there", x=1.0)), "wire|there"),
    (lambda n: n.add("Generator", "odd", bus="here", marginal_cost_quadratic=1.0), "marginal_cost_quadratic 1"),
    (lambda n: n.add("Generator", "must", bus="here", p_nom=1.0, p_min_pu=0.3), "p_min_pu 0.3 in hour 0"),
    (lambda n: n.add("Generator", "on", bus="here", p_nom_extendable=True, committable=True), "committable and extend"),
    (lambda n: n.add("StorageUnit", "cell", bus="here", p_nom=1.0), "set cyclic_state_of_charge"),
    (lambda n: n.add("Store", "tank", bus="here", e_nom=1.0, e_cyclic=True), "needs a bus of its own"),
    (lambda n: n.add("Load", "more", bus=n.add("Bus", "there") and "there", p_set=1.0), "loads are at 2 buses"),
    (lambda n: n.add("GlobalConstraint", "cap", sense="==", constant=1.0), "sense == is not taken over"),
    (lambda n: n.add("GlobalConstraint", "cap", type="transmission_volume_expansion_limit", sense="<="), "type transm"),
    (lambda n: n.snapshot_weightings.__setitem__("objective", 3.0), "snapshots weigh 3; each must be one hour"),
]  # fmt: skip


@peers
@pytest.mark.parametrize(("change", "said"), REFUSED)
def test_what_cannot_be_taken_over_is_named(network, change, said):
    change(network)
    with pytest.raises(ValueError, match=said):
        from_pypsa(network)


@peers
@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("rows", r"no linear limits on capacities: sun, reserve.*to_pypsa\(plan\)"),
        ("demand charge", r"grid_01: PyPSA knows one capacity.*to_pypsa\(plan\)"),
        ("commitment", r"when their number is given.*to_pypsa\(plan\)"),
    ],
)
def test_what_pypsa_has_no_word_for_is_named(library, kind, said):
    with pytest.raises(ValueError, match=said):
        to_pypsa(system_of(kind))


@peers
@pytest.mark.filterwarnings("ignore")
def test_a_budget_may_change_by_the_hour(library):
    system = system_of("carbon")
    hour = 1.0 + np.arange(system.hours)[:, None] % 5
    budget = replace(system.budgets[0], use=system.budgets[0].use * hour, cap=3.0 * system.budgets[0].cap)
    system = replace(system, budgets=(budget,))
    assert optimum(to_pypsa(system)) == approx(solve(system).cost_usd - given_capital(system), rel=1e-6)


@peers
def test_two_budgets_that_change_otherwise_are_refused(library):
    system = system_of("carbon")
    hour, first = np.arange(system.hours)[:, None], system.budgets[0]
    budgets = (replace(first, use=first.use * (1 + hour)), replace(first, name="water", use=first.use * (2 + hour)))
    with pytest.raises(ValueError, match="budget 'water': what a MWh of .* uses changes by the hour otherwise"):
        to_pypsa(replace(system, budgets=budgets))


def test_without_pypsa_the_extra_is_named(monkeypatch):
    def missing(name):
        raise ImportError(name)

    for module in (pypsa, pypsa_network):
        monkeypatch.setattr(module, "import_module", missing)
    with pytest.raises(ImportError, match=r"pip install 'gigawatt\[energy\]'"):
        to_pypsa(system_of("usual"))
    with pytest.raises(ImportError, match=r"pip install 'gigawatt\[energy\]'"):
        from_pypsa("network.nc")
