from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.comfyui.errors import ServerTimeout
from bot.pool.health import CALM, FAILURES, WATCHFUL, Circuit, Health

SILENT = ServerTimeout(server="gpu", seconds=60)


def after(*looks: str) -> Circuit:
    """`ok`, `slow` (a failure) or `deaf` (one while nothing else is heard), one each second from 100 on."""
    circuit = Circuit()
    for second, look in enumerate(looks, 100):
        circuit = circuit.answered() if look == "ok" else circuit.failed(second, SILENT, deaf=look == "deaf")
    return circuit


@pytest.mark.parametrize(
    ("looks", "health", "since"),
    [
        ((), Health.WELL, None),
        (("ok",), Health.WELL, None),
        (("slow",), Health.WELL, 100),
        (("slow", "slow"), Health.AWAY, 100),
        (("slow", "ok", "slow"), Health.WELL, 102),
        (("deaf",), Health.AWAY, 100),
        (("ok", "slow", "deaf", "slow"), Health.AWAY, 101),
        (("deaf", "slow"), Health.AWAY, 100),
        (("slow", "slow", "slow", "ok"), Health.WELL, None),
    ],
)
def test_failures_in_a_row_open_the_circuit_and_one_answer_closes_it(looks, health: Health, since) -> None:
    circuit = after(*looks)
    assert (circuit.health, circuit.since) == (health, since)
    assert circuit.problem is (None if since is None else SILENT)


@given(st.lists(st.sampled_from(["ok", "slow", "deaf"])))
def test_a_server_is_away_only_if_its_newest_looks_failed(looks: list[str]) -> None:
    newest = looks[max((n + 1 for n, look in enumerate(looks) if look == "ok"), default=0) :]
    assert (after(*looks).health is Health.AWAY) == ("deaf" in newest or len(newest) >= FAILURES)


@given(st.integers(0, 5000), st.booleans(), st.integers())
def test_pauses_grow_with_the_failures_to_half_a_minute_and_are_never_the_same(failures, watchful, seed) -> None:
    pause = Circuit(failures=failures).pause(Random(seed), watchful=watchful)
    whole = min(2.0 ** min(failures - 1, 30), 30.0) if failures else WATCHFUL if watchful else CALM
    assert whole / 2 <= pause <= whole
