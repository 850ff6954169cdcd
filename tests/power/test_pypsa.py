"""Systems to PyPSA and back: the same least cost both ways, through files too, and refusals by name."""

from dataclasses import replace

import numpy as np
import pytest
from pytest import approx

from benchmarks.power_cases import random_system
from gigawatt.power import pypsa, pypsa_network
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
        ("rows", "no linear limits on capacities: sun, reserve"),
        ("demand charge", "grid_01: PyPSA knows one capacity"),
        ("ties", "charge is shared by energy in and energy out"),
        ("commitment", "when their number is given"),
    ],
)
def test_what_pypsa_has_no_word_for_is_named(library, kind, said):
    with pytest.raises(ValueError, match=said):
        to_pypsa(system_of(kind))


@peers
def test_a_budget_that_changes_by_the_hour_is_refused(library):
    system = system_of("carbon")
    budget = replace(system.budgets[0], use=system.budgets[0].use * np.arange(system.hours)[:, None])
    with pytest.raises(ValueError, match="the same for each MWh of a source at every hour"):
        to_pypsa(replace(system, budgets=(budget,)))


def test_without_pypsa_the_extra_is_named(monkeypatch):
    def missing(name):
        raise ImportError(name)

    for module in (pypsa, pypsa_network):
        monkeypatch.setattr(module, "import_module", missing)
    with pytest.raises(ImportError, match=r"pip install 'gigawatt\[energy\]'"):
        to_pypsa(system_of("usual"))
    with pytest.raises(ImportError, match=r"pip install 'gigawatt\[energy\]'"):
        from_pypsa("network.nc")
