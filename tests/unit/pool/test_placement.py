from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.texts import LANGUAGES, texts_for
from bot.pool.errors import KeptForOthers, Lacking
from bot.pool.placement import LOADING, Here, Later, Never, Standing, Terms, Wish, choose
from bot.workflows.findings import MissingChoice, MissingNode
from bot.workflows.graph import Graph
from bot.workflows.workflow import Workflow

PAINT = Workflow("paint", "Paint", "", Graph({}), (), {}, ())
NODE = MissingNode("1", "Upscale", "UltimateUpscale", None)
MODEL = MissingChoice("4", "Load", "ckpt_name", "fox.safetensors", None)


def server(name: str, *, terms: dict[str, Any] | None = None, **known: Any) -> Standing:
    return Standing(name, Terms(**(terms or {})), **known)


def wish(**needs: Any) -> Wish:
    return Wish(PAINT, **{name: frozenset(value) for name, value in needs.items()})


@pytest.mark.parametrize(
    ("needs", "servers", "choice"),
    [
        pytest.param({}, [server("a", seconds=9), server("b", seconds=8)], Here("b"), id="where it starts first"),
        pytest.param({}, [server("a", seconds=8), server("b", seconds=8)], Here("a"), id="of equals the first"),
        pytest.param(
            {},
            [server("a", seconds=30), server("b", seconds=50, terms={"weight": 2.0})],
            Here("b"),
            id="twice the weight takes twice as much",
        ),
        pytest.param({}, [server("a", away=True), server("b", seconds=99)], Here("b"), id="not to one that is away"),
        pytest.param({}, [server("a", drained=True), server("b", seconds=99)], Here("b"), id="not to a drained one"),
        pytest.param({}, [server("a", lacks=None), server("b", seconds=99)], Here("b"), id="not to an unknown one"),
        pytest.param(
            {}, [server("a", lacks=None, telling=True), server("b")], Later(unsure=("a",)), id="first hear who can"
        ),
        pytest.param(
            {},
            [server("a", lacks=None, telling=True, drained=True), server("b", seconds=99)],
            Here("b"),
            id="but not one that gets nothing anyway",
        ),
        pytest.param({}, [server("a", lacks=(NODE,)), server("b", seconds=99)], Here("b"), id="not where it cannot"),
        pytest.param(
            {},
            [server("a", terms={"max_pending": 2}, pending=2), server("b", seconds=99)],
            Here("b"),
            id="not to a full one",
        ),
        pytest.param(
            {},
            [server("a", terms={"max_pending": 2}, pending=1), server("b", seconds=9)],
            Here("a"),
            id="up to the brim",
        ),
        pytest.param(
            {"models": ["fox"]},
            [server("a"), server("b", holds=frozenset({"fox", "owl"}), seconds=LOADING - 1)],
            Here("b"),
            id="loading a model counts as waiting",
        ),
        pytest.param(
            {"models": ["fox"]},
            [server("a"), server("b", holds=frozenset({"fox"}), seconds=LOADING + 1)],
            Here("a"),
            id="an idle server loads it in the end",
        ),
        pytest.param(
            {"tags": ["big", "near"]},
            [server("a"), server("b", terms={"tags": {"big"}}, seconds=99)],
            Here("b"),
            id="tags",
        ),
        pytest.param(
            {},
            [server("a", terms={"workflows": {"upscale"}}), server("b", terms={"workflows": {"paint"}}, seconds=99)],
            Here("b"),
            id="kept for certain workflows",
        ),
        pytest.param({"avoid": ["a"]}, [server("a"), server("b", seconds=99)], Here("b"), id="rather not there"),
        pytest.param({"avoid": ["a"]}, [server("a"), server("b", away=True)], Here("a"), id="but better than nowhere"),
        pytest.param(
            {},
            [
                server("a", away=True),
                server("b", terms={"max_pending": 1}, pending=1),
                server("c", drained=True),
                server("d", lacks=None),
                server("e", lacks=(NODE,)),
            ],
            Later(silent=("a",), full=("b",), unsure=("d",)),
            id="whoever may take it later",
        ),
        pytest.param(
            {}, [server("a", away=True, lacks=None)], Later(silent=("a",)), id="nobody knows what a silent has"
        ),
        pytest.param({}, [server("a", drained=True)], Later(), id="a drained one may be taken back"),
        pytest.param(
            {"tags": ["big"]},
            [
                server("a", lacks=(NODE,), terms={"tags": {"big"}}),
                server("b"),
                server("c", lacks=(MODEL,), terms={"tags": {"big"}}),
                server("d", lacks=(NODE,), terms={"tags": {"big"}}, away=True),
                server("e"),
            ],
            Never((Lacking(("a", "d"), (NODE,)), KeptForOthers(("b", "e")), Lacking(("c",), (MODEL,)))),
            id="why nobody can, alike ones together",
        ),
        pytest.param({}, [], Never(()), id="no servers"),
    ],
)
def test_the_place_of_a_task(needs, servers, choice) -> None:
    assert choose(wish(**needs), servers) == choice


NAMES = st.sampled_from(["a", "b", "c"])
STANDINGS = st.lists(
    st.builds(
        Standing,
        name=st.uuids().map(str),
        terms=st.builds(
            Terms,
            max_pending=st.integers(0, 3),
            weight=st.floats(0.1, 10),
            tags=st.frozensets(NAMES, max_size=2),
            workflows=st.frozensets(st.sampled_from(["paint", "edit"]), max_size=1),
        ),
        away=st.booleans(),
        drained=st.booleans(),
        lacks=st.sampled_from([None, (), (), (NODE,)]),
        pending=st.integers(0, 3),
        seconds=st.floats(0, 1000),
        holds=st.frozensets(NAMES),
    ),
    max_size=5,
)
WISHES = st.builds(Wish, st.just(PAINT), st.frozensets(NAMES, max_size=1), st.frozensets(NAMES, max_size=1))


@given(WISHES, STANDINGS)
def test_whoever_gets_it_can_take_it_and_nobody_waits_who_need_not(wish: Wish, standings: list[Standing]) -> None:
    usable = {
        s.name: s
        for s in standings
        if not (s.away or s.drained or s.full or s.lacks or s.lacks is None)
        and (not wish.tags or wish.tags & s.terms.tags)
        and (not s.terms.workflows or "paint" in s.terms.workflows)
    }
    match choose(wish, standings):
        case Here(name):
            assert name in usable
        case _:
            assert not usable


@given(WISHES, STANDINGS.filter(bool), st.data())
def test_a_server_that_gets_a_task_gets_it_also_when_it_is_less_busy(wish, standings, data) -> None:
    choice = choose(wish, standings)
    if isinstance(choice, Here):
        eased = [
            replace(s, seconds=data.draw(st.floats(0, s.seconds)), pending=0) if s.name == choice.name else s
            for s in standings
        ]
        assert choose(wish, eased) == choice


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", [Lacking(("a", "b"), (NODE, MODEL)), KeptForOthers(("a", "b"))])
def test_every_reason_names_its_servers_in_every_language(language, reason) -> None:
    said = texts_for(language).explain(reason)
    assert "a, b" in said or "a、b" in said
    assert all(word in said for word in (["UltimateUpscale", "fox.safetensors"] if isinstance(reason, Lacking) else []))
