"""The order of lines, and circles that are named."""

import pytest

from gigawatt.errors import SolveError
from gigawatt.finance.project.lines import Later, Model, following, prev, total
from gigawatt.finance.project.order import blocks


def test_lines_come_after_those_that_they_read():
    model = Model(3, 1)
    second = model.line("second", Later("first") + 1)
    model.line("third", second * 2)
    model.line("first", 1)
    assert [block.names for block in blocks(model)] == [("first",), ("second",), ("third",)]


def test_lines_that_read_their_past_or_future_go_step_by_step():
    model = Model(3, 1)
    model.line("so_far", prev(Later("so_far")) + 1)
    model.line("to_come", following(Later("to_come")) + 1)
    assert {block.names: block.direction for block in blocks(model)} == {
        ("so_far",): "forward", ("to_come",): "backward"}  # fmt: skip


@pytest.mark.parametrize("how", [lambda x: x + 0, lambda x: prev(x) + following(x), total])
def test_a_circle_is_named(how):
    model = Model(3, 1)
    model.line("a", Later("b") + 1)
    model.line("b", how(Later("a")))
    with pytest.raises(SolveError, match="a -> b -> a|b -> a -> b"):
        blocks(model)


def test_a_line_that_is_not_there_is_named():
    model = Model(3, 1)
    model.line("a", Later("b") + 1)
    with pytest.raises(ValueError, match="a: reads b"):
        blocks(model)
