"""No secret of the settings is left in a text, in whatever form it stands there."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.app.redaction import Redactor
from bot.config import Settings

TOKEN = "123456789:AAbb-ccDD_eeffgghhiijjkkllmmnnooppqq"

SETTINGS = Settings.model_validate(
    {
        "servers": [
            {
                "name": "gpu",
                "url": "http://gpu",
                "username": "easel",
                "password": "server-password",
                "headers": {"Authorization": "Bearer bearer-word", "X-Key": "key-word"},
            }
        ],
        "data": {"database": "postgresql://easel:base%40word@db/easel"},
        "console": {"token": "console-token-of-some-length"},
        "telegram": {
            "token": TOKEN,
            "proxy": "socks5://me:pro%2Fxy@proxy:1080",
            "webhook_secret": "webhook-secret",
        },
    }
)

SECRETS = [
    TOKEN,
    TOKEN.partition(":")[2],
    "server-password",
    b64encode(b"easel:server-password").decode(),
    "bearer-word",
    "key-word",
    "postgresql://easel:base%40word@db/easel",
    "base@word",
    "console-token-of-some-length",
    "socks5://me:pro%2Fxy@proxy:1080",
    "pro/xy",
    "webhook-secret",
]


def lower_case(secret: str) -> str:
    return re.sub("%..", lambda code: code[0].lower(), quote(secret, safe=""))


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("write", [str, quote, quote_plus, lower_case, json.dumps, repr])
def test_every_secret_is_taken_out_in_every_form(secret, write):
    said = Redactor(SETTINGS)(f"POST https://h/bot{write(secret)}/getMe failed")
    assert said.replace("'", "").replace('"', "") == "POST https://h/bot…/getMe failed"


def test_other_text_stays_as_it_is():
    text = "2025-11-21T10:57:00.123456Z [info] taken over jobs=3 easel gpu http://gpu:8188/prompt 1f0c…"
    assert Redactor(SETTINGS)(text) == text


@pytest.mark.parametrize("text", [f"a {TOKEN} b", f"a {quote(TOKEN)} b", "a 98765432:" + "x" * 30 + " b"])
def test_a_bot_s_token_is_known_by_its_shape(text):
    assert Redactor()(text) == Redactor(Settings())(text) == "a … b"


def test_of_two_secrets_that_begin_alike_the_longer_one_is_taken_out_whole():
    settings = Settings.model_validate(
        {
            "servers": [
                {"name": "a", "url": "http://a", "password": "hunter"},
                {"name": "b", "url": "http://b", "password": "hunter2"},
            ]
        }
    )
    assert Redactor(settings)("hunter2 hunter") == "… …"


def test_the_secrets_of_settings_read_later_are_known_beside_the_earlier_ones():
    first, second = (
        Settings.model_validate({"servers": [{"name": "a", "url": "http://a", "password": word}]})
        for word in ("first-word", "second-word")
    )
    redactor = Redactor(first)
    redactor.learn(second)
    assert redactor("first-word second-word") == "… …"


def test_a_secret_too_short_to_be_told_from_other_text_blanks_nothing():
    settings = Settings.model_validate({"servers": [{"name": "a", "url": "http://a", "password": "an"}]})
    assert Redactor(settings)("a man and a plan") == "a man and a plan"


@given(st.text(min_size=4, max_size=30))
@example("://[")
@example("a'b\"c\\d e\n🦊")
def test_any_password_is_taken_out(password):
    settings = Settings.model_validate({"servers": [{"name": "a", "url": "http://a", "password": password}]})
    redactor = Redactor(settings)
    for written in (password, quote(password, errors="replace"), json.dumps(password)[1:-1], repr(password)[1:-1]):
        assert redactor(f"<{written}>") == "<…>"
