"""config.example.toml and the model cannot drift apart."""

from __future__ import annotations

import itertools
import re
import tomllib
from pathlib import Path

import pytest

from bot.config import Settings, load
from bot.config.model import table_in

ROOT = Path(__file__).parents[3]
EXAMPLE = (ROOT / "config.example.toml").read_text("utf-8")
SETTING = re.compile(r"^(?:# )?\w+ = .+$")


def test_the_example_says_exactly_the_defaults(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert load([Path("config.example.toml")], {}) == Settings()


UNCOMMENTED = re.sub(r"(?m)^# (?=\w+ = )", "", EXAMPLE)
PARTIAL = ("limits.admin", "limits.operator")
"""Tables that name what differs from another."""
ELSEWHERE = {"telegram": {"token"}}
"""What must not stand in a file."""


def tables(model=Settings, above=()):
    """Every table below that one, by its name in the file."""
    for name, field in model.model_fields.items():
        if below := table_in(field.annotation):
            yield ".".join((*above, name)), below
            yield from tables(below, (*above, name))


@pytest.mark.parametrize(("name", "model"), [pytest.param(*each, id=each[0]) for each in tables()])
def test_the_example_shows_every_setting_and_no_other(name, model):
    table = tomllib.loads(UNCOMMENTED)
    for part in name.split("."):
        table = table[part][0] if isinstance(table[part], list) else table[part]
    if name in PARTIAL:
        assert set(table) <= set(model.model_fields)
    else:
        assert list(table) == [key for key in model.model_fields if key not in ELSEWHERE.get(name, ())]


def test_the_example_has_no_other_section():
    assert set(tomllib.loads(EXAMPLE)) == set(Settings.model_fields)


def test_what_the_example_leaves_out_would_be_accepted(tmp_path):
    (tmp_path / "secrets").mkdir()
    for name in ("password", "console-token"):
        (tmp_path / "secrets" / name).write_text("a secret of sufficient length")
    (tmp_path / "secrets" / "database").write_text("postgresql://easel@db/easel")
    (tmp_path / "secrets" / "webhook-secret").write_text("a-secret")
    (tmp_path / "telegram-token").write_text("123456:ABC")
    (tmp_path / "telegram-token").chmod(0o600)
    secrets = ("password", "token", "database", "webhook_secret")
    files = ("password_file", 'token_file = "secrets', "database_file", "webhook_secret_file")
    for drop in tuple(f"{name} =" for name in secrets), files:
        kept = [line for line in UNCOMMENTED.splitlines() if not line.startswith(drop)]
        (tmp_path / "config.toml").write_text("\n".join(kept))
        settings = load([tmp_path / "config.toml"], {})
        assert settings.servers[0].username == "easel"
        assert settings.servers[0].password
        assert settings.console.token
        assert settings.data.database
        assert settings.telegram.token
        assert settings.telegram.webhook_secret
        assert (settings.limits.admin.waiting, settings.limits.operator.max_pixels) == (6, 16_777_216)


def test_every_setting_has_a_comment_above():
    lines = EXAMPLE.splitlines()
    for before, line in itertools.pairwise(lines):
        if SETTING.match(line):
            assert before.startswith("# "), line
