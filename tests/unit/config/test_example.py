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


@pytest.mark.parametrize("section", Settings.model_fields)
def test_the_example_shows_every_setting_and_no_other(section):
    shown = tomllib.loads(re.sub(r"(?m)^# (?=\w+ = )", "", EXAMPLE))
    table = shown[section][0] if isinstance(shown[section], list) else shown[section]
    assert list(table) == list(table_in(Settings.model_fields[section].annotation).model_fields)


def test_the_example_has_no_other_section():
    assert set(tomllib.loads(EXAMPLE)) == set(Settings.model_fields)


def test_what_the_example_leaves_out_would_be_accepted(tmp_path):
    (tmp_path / "secrets").mkdir()
    for name in ("password", "console-token"):
        (tmp_path / "secrets" / name).write_text("a secret of sufficient length")
    for drop in ("password", "token"), ("password_file", "token_file"):
        uncommented = re.sub(r"(?m)^# (?=\w+ = )", "", EXAMPLE)
        kept = [line for line in uncommented.splitlines() if line.split(" = ")[0] not in drop]
        (tmp_path / "config.toml").write_text("\n".join(kept))
        settings = load([tmp_path / "config.toml"], {})
        assert settings.servers[0].username == "easel"
        assert settings.servers[0].password
        assert settings.console.token


def test_every_setting_has_a_comment_above():
    lines = EXAMPLE.splitlines()
    for before, line in itertools.pairwise(lines):
        if SETTING.match(line):
            assert before.startswith("# "), line
