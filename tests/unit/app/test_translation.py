"""Settings become what each room wants."""

from __future__ import annotations

from dataclasses import replace

from bot.app.translation import limits_of
from bot.config import Settings
from bot.jobs.policy.limits import UNLIMITED, Limits, Rank


def settings(**sections):
    return Settings.model_validate(sections)


def test_the_defaults_of_the_settings_are_those_of_the_rules():
    assert limits_of(Settings()) == {Rank.MEMBER: Limits(), Rank.ADMIN: Limits(), Rank.OPERATOR: UNLIMITED}


def test_every_limit_of_everybody_arrives():
    said = {
        "waiting": 1,
        "jobs_per_day": 2,
        "gpu_seconds_per_day": 3.0,
        "cooldown": 4.0,
        "max_pixels": 5,
        "max_steps": 6,
        "max_batch": 7,
        "workflows": ["flux"],
        "server_tags": ["large"],
        "weight": 8.0,
    }
    wanted = Limits(1, 2, 3.0, 4.0, 5, 6, 7, frozenset({"flux"}), frozenset({"large"}), 8.0)
    assert limits_of(settings(limits=said))[Rank.MEMBER] == wanted
    assert limits_of(settings(limits=said))[Rank.ADMIN] == wanted


def test_an_admin_differs_from_everybody_and_an_operator_from_no_limits():
    limits = limits_of(
        settings(limits={"waiting": 2, "max_steps": 50, "admin": {"waiting": 0}, "operator": {"max_steps": 200}})
    )
    everybody = replace(Limits(), waiting=2, steps=50)
    assert limits == {
        Rank.MEMBER: everybody,
        Rank.ADMIN: replace(everybody, waiting=0),
        Rank.OPERATOR: replace(UNLIMITED, steps=200),
    }
