"""Runs side by side: compiled or not, in chunks or whole, on one thread or two, always the same bytes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gigawatt.scenario import load
from gigawatt.world import state
from gigawatt.world.simulation import prepare, run_many, simulate
from gigawatt.world.step import run as run_weeks
from tests.world.runs import EXAMPLES, SEED, after, one_class, prepared, record, scenario, weeks_on

SHORT_WEEKS = 8
PLAIN = f"""
import sys, numpy as np
from gigawatt.scenario import load
from gigawatt.world.simulation import prepare
from gigawatt.world.step import run
named, p, t, w = prepare(load("examples/one-campus.yaml"))
run(w, p, t, 0, {SHORT_WEEKS}, 0, np.zeros(0, w.dtype).view(np.recarray))
np.save(sys.argv[1], w)
print("run is a", type(run).__name__)
"""


@pytest.fixture(scope="module")
def both_ways(tmp_path_factory):
    """The last state of a short run, compiled and as plain Python, each from an interpreter of its own."""
    root, out = EXAMPLES.parent, []
    path = os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")])
    for disabled, kind in (("0", "CPUDispatcher"), ("1", "function")):
        file = tmp_path_factory.mktemp("plain") / "state.npy"
        variables = os.environ | {"PYTHONPATH": path, "NUMBA_DISABLE_JIT": disabled}
        done = subprocess.run([sys.executable, "-c", PLAIN, str(file)], cwd=root, env=variables, capture_output=True,
                              text=True, check=True)  # fmt: skip
        assert f"run is a {kind}" in done.stdout
        out.append(np.load(file)[()])
    return out


def test_compiled_and_plain_python_agree_to_the_last_bits(both_ways):
    compiled, plain = both_ways
    for group in compiled.dtype.names:
        for field in compiled.dtype[group].names:
            assert np.allclose(compiled[group][field], plain[group][field], rtol=1e-12, atol=1e-9), f"{group}.{field}"


def test_compiled_and_plain_python_give_the_same_bytes(both_ways):
    compiled, plain = both_ways
    assert compiled.tobytes() == plain.tobytes()


def digest(w):
    """A state as a number."""
    return hashlib.sha256(w.tobytes()).hexdigest()


def test_two_runs_give_the_same_bytes():
    once = record("stargate")
    with one_class():
        again = simulate(scenario("stargate"))
    assert once.history.tobytes() == again.history.tobytes()


def test_a_scenario_loaded_again_gives_the_same_bytes():
    with one_class():
        again = simulate(load(EXAMPLES / "one-campus.yaml"))
    assert again.history.tobytes() == record("one-campus").history.tobytes()


def test_weeks_one_by_one_make_the_run():
    run = record("stargate")
    _, p, t, w = prepared("stargate")
    for week in range(60):
        run_weeks(w, p, t, week, 1, SEED, np.zeros(0, w.dtype).view(np.recarray))
        assert w.tobytes() == run.history[week].tobytes()


@pytest.mark.parametrize("cut", [1, 100, 311])
def test_a_run_taken_up_from_a_checkpoint_ends_the_same(cut):
    run = record("stargate")
    last = len(run.history) - 1
    resumed = weeks_on(after(run, cut), run.parameters, run.tables, cut + 1, last - cut)
    assert resumed.tobytes() == run.history[last].tobytes()


def without_journal(w):
    """Bytes of all groups but the journal, which ensembles do not keep."""
    return {(group, field): w[group][field].tobytes() for group in w.dtype.names for field in w.dtype[group].names
            if field not in ("keep_journal", "entries", "journal_code", "journal_usd")}  # fmt: skip


def test_threads_and_order_change_no_bit_and_the_journal_changes_no_path():
    some = [scenario("stargate"), scenario("telecom-1999"), scenario("stargate", "finance.max_leverage=2"),
            scenario("one-campus")]  # fmt: skip
    with one_class():
        one, two = run_many(some, threads=1), run_many(some, threads=2)
        back = run_many(some[::-1], threads=2)[::-1]
    assert [digest(w) for w in one] == [digest(w) for w in two] == [digest(w) for w in back]
    assert len({digest(w) for w in one}) == len(some)
    assert without_journal(one[0]) == without_journal(record("stargate").history[-1])


SNUG = {"C": (4,), "Z": (16,), "R": (4,), "F": (4,), "K": (8,), "S": (4,), "T": (4,), "M": (4,), "N": (12,), "D": (16,),
        "X": (8,), "Q": (16,)}  # fmt: skip


@pytest.mark.slow
def test_larger_padding_changes_nothing_that_is_within_the_counts(monkeypatch):
    monkeypatch.setattr(state, "CLASSES", SNUG)
    own = simulate(replace(scenario("one-campus"), weeks=60))
    monkeypatch.undo()
    wide = record("one-campus")
    assert own.history.dtype != wide.history.dtype
    for group, fields in state.STATE.items():
        for field, (dims, _) in fields.items():
            if any(letter in dims for letter in "PU") or field in ("journal_code", "paid_usd", "received_usd"):
                continue  # sectors and missions stand behind the padding
            small = own.field(f"{group}.{field}")
            large = wide.field(f"{group}.{field}")[tuple(slice(n) for n in small.shape)]
            assert np.array_equal(small, large), f"{group}.{field}"
    assert np.array_equal(own.field("books.cash_usd")[:, -7:], wide.field("books.cash_usd")[:60, -7:])


# ---------------------------------------------------------------------------------------- what is fixed, and what not

MORE = """
include: [catalog:companies-2026, catalog:sites-2026, catalog:deals-2026]
name: more
start: 2026-01-05
weeks: 60
companies:
  Zenith: {like: CoreWeave, roles: owner lab, share: {consumer: 0}, rented_share: 0,
           brand: {consumer: 0, enterprise: 0, developer: 0}, partner: {Oracle: 1}, quality_log10_flop: 26.5}
sites:
  zenith-1: {owner: Zenith, tenant: "", region: us_tx, power: 2 GW, first_power: 2026-09, full_power: 2028-01,
             chip: gb300-nvl72}
segments:
  consumer: {mix_now: {swift: 0.3, instant: 0.5, thinking: 0.2}}
  enterprise: {}
  developer: {}
tiers: {swift: {like: instant, tokens_out: 100}, instant: {}, thinking: {}, pro: {}}
missions: {cancer_research: {}, tutoring: {}, climate: {like: cancer_research, floor: 2 %}}
"""


def test_a_company_a_site_a_tier_and_a_mission_more_compile_nothing_and_work():
    base = scenario("stargate")
    with one_class():
        simulate(replace(base, weeks=2))
        before = len(run_weeks.signatures)
        more = load(MORE)
        run = simulate(more)
    assert len(run_weeks.signatures) == before
    assert len(more.companies) == len(base.companies) + 1 and len(more.tiers) == len(base.tiers) + 1
    names = run.names
    zenith, swift = names.companies.index("Zenith"), names.tiers.index("swift")
    assert run.history[-1].power.energised_mw[names.sites.index("zenith-1")] > 0
    assert run.history[-1].market.gtokens_week[:, swift].sum() > 0
    assert run.history[-1].fleet.installed_h100e[zenith].sum() > 0
    assert run.history[-1].lab.want_h100e[zenith] >= 0
    climate = next(u for u, name in names.uses(run.tables.tier.ktokens_out.shape[0]).items() if name == "climate")
    assert run.history[-1].use.used_h100e[:, climate].sum() > 0
    assert (run.field("error.week") <= 1e-9).all()


def test_every_size_class_holds_more_than_the_stargate_scenario_needs():
    names, _, _, _ = prepared("stargate")
    size = state.sizes(names.counts() | {"X": 0, "Q": 10})
    for dim, count in names.counts().items():
        assert size[dim] >= count


def test_more_than_the_largest_class_holds_is_said_so():
    with pytest.raises(ValueError, match="are more than the"):
        state.sizes({"C": 10_000})


def test_the_run_needs_no_file_but_the_scenario(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    short = replace(scenario("one-campus"), weeks=3)
    with one_class():
        assert len(simulate(short).history) == 3
    assert not list(Path(tmp_path).iterdir())


def test_progress_goes_from_nothing_to_all():
    told = []
    with one_class():
        simulate(replace(scenario("one-campus"), weeks=60), progress=lambda text, share: told.append((text, share)))
    shares = [share for _, share in told]
    assert shares[0] == 0.0 and shares[-1] == 1.0 and shares == sorted(shares)


def test_preparing_a_scenario_twice_gives_the_same_records():
    with one_class():
        first, second = prepare(scenario("stargate")), prepare(scenario("stargate"))
    for one, other in zip(first[1:], second[1:], strict=True):
        assert one.tobytes() == other.tobytes()
