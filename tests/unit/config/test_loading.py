from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat.texts import LANGUAGES, texts_for
from bot.config import Settings, load
from bot.config.errors import (
    BadSettings,
    MissingSetting,
    NotAPattern,
    RepeatedServer,
    SecretExposed,
    SecretMisplaced,
    SecretTwice,
    SecretUnreadable,
    SettingsFileUnreadable,
    SettingsNotToml,
    SettingsProblem,
    UnknownSetting,
    WrongSetting,
)
from bot.config.model import table_in

SERVER = "[[servers]]\nurl = 'http://h'\n"


@pytest.fixture
def write(tmp_path):
    """Write a file into a folder of its own; its path."""

    def write(text: str | bytes, name: str = "config.toml") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


def problems(*paths: Path, **environ: str) -> tuple[SettingsProblem, ...]:
    with pytest.raises(BadSettings) as refused:
        load(paths, environ)
    return refused.value.problems


def problem(*paths: Path, **environ: str) -> dict[str, Any]:
    (only,) = problems(*paths, **environ)
    return {"error": type(only), **only.details}


def test_without_any_file_there_is_one_server_on_this_machine():
    (server,) = load([], {}).servers
    assert (server.name, server.url, server.verify_tls) == ("local", "http://127.0.0.1:8188", True)


def test_the_environment_of_the_process_is_not_looked_at(monkeypatch):
    monkeypatch.setenv("EASEL_CONSOLE__PORT", "1")
    assert load([], {}) == Settings()


def test_a_file_changes_only_what_it_says(write):
    changed = load([write("[console]\nport = 9000\n")], {})
    assert changed.console.port == 9000
    assert changed.model_copy(update={"console": Settings().console}) == Settings()


def test_later_files_overlay_earlier_ones_key_by_key(write):
    live = write('[console]\nhost = "0.0.0.0"\nport = 80\n[log]\nlevel = "error"\n', "live.toml")
    test = write("[console]\nport = 8081\n[limits]\nmax_batch = 1\n", "test.toml")
    merged = load([live, test], {})
    assert (merged.console.host, merged.console.port) == ("0.0.0.0", 8081)
    assert (merged.log.level, merged.limits.max_batch) == ("error", 1)
    assert load([test, live], {}).console.port == 80


def test_servers_are_merged_by_name(write):
    live = write(
        '[[servers]]\nname = "a"\nurl = "http://a:8188"\nusername = "u"\nheaders = { X = "1", Y = "2" }\n'
        '[[servers]]\nname = "b"\nurl = "http://b:8188"\n',
        "live.toml",
    )
    test = write(
        '[[servers]]\nname = "c"\nurl = "http://c:8188"\n'
        '[[servers]]\nname = "a"\nurl = "http://test:8188"\nheaders = { Y = "3" }\n',
        "test.toml",
    )
    merged = load([live, test], {}).servers
    assert [(server.name, server.url) for server in merged] == [
        ("a", "http://test:8188"),
        ("b", "http://b:8188"),
        ("c", "http://c:8188"),
    ]
    assert merged[0].username == "u"
    assert {name: value.get_secret_value() for name, value in merged[0].headers.items()} == {"X": "1", "Y": "3"}


def test_a_list_of_servers_replaces_what_is_none(write):
    nonsense = write("servers = [1]\n", "1.toml")
    assert problem(nonsense)["key"] == "servers.1"
    assert load([nonsense, write(SERVER + "name = 'g'\n", "2.toml")], {}).servers[0].name == "g"


def test_lists_are_replaced(write):
    first = write('[workflows]\ndefault = ["a", "b"]\n', "1.toml")
    second = write('[workflows]\ndefault = ["c"]\n', "2.toml")
    assert load([first, second], {}).workflows.default == ("c",)


def test_the_environment_is_on_top(write):
    file = write("[console]\nport = 9000\n[limits]\nmax_batch = 2\n")
    result = load(
        [file],
        {
            "EASEL_CONSOLE__PORT": "9001",
            "EASEL_CHAT__PREVIEWS": "false",
            "EASEL_CONSOLE__NAMES": '["easel.example.org"]',
            "EASEL_LOG": '{"level": "debug"}',
            "EASEL_SERVERS": '[{"name": "gpu", "url": "https://gpu.example.org/comfyui/"}]',
            "easel_limits__max_pixels": "1000000",
        },
    )
    assert (result.console.port, result.limits.max_batch, result.limits.max_pixels) == (9001, 2, 1_000_000)
    assert (result.chat.previews, result.console.names, result.log.level) == (False, ("easel.example.org",), "debug")
    assert [server.name for server in result.servers] == ["gpu"]


def test_variables_of_others_are_left_alone():
    others = {"EASEL_PORT": "tcp://10.0.0.1:80", "EASEL_SERVICE_HOST": "10.0.0.1", "CONSOLE__PORT": "1", "EASELS": "2"}
    assert load([], others) == Settings()


def test_paths_are_relative_to_the_file_they_stand_in(write, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", "/home/somebody")
    file = write('[workflows]\nfolders = ["mine", "/opt/w", "~/w"]\n', "etc/config.toml")
    result = load([file], {"EASEL_WORKFLOWS__DEFAULT": '["mine"]'})
    assert result.workflows.folders == (tmp_path / "etc" / "mine", Path("/opt/w"), Path("/home/somebody/w"))
    assert load([file], {"EASEL_WORKFLOWS__FOLDERS": '["here"]'}).workflows.folders == (Path("here"),)


def test_a_file_from_notepad_is_read(write):
    assert load([write(b"\xef\xbb\xbf[console]\r\nport = 9000\r\n")], {}).console.port == 9000


def test_an_unknown_key_is_named_with_its_file_and_the_nearest_one(write):
    good = write("[console]\nport = 1\n", "good.toml")
    bad = write("[console]\nprot = 9000\n", "bad.toml")
    assert problem(good, bad, EASEL_CONSOLE__HOST="localhost") == {
        "error": UnknownSetting,
        "source": str(bad),
        "key": "console.prot",
        "nearest": "console.port",
    }


@pytest.mark.parametrize(
    ("text", "key", "nearest"),
    [
        ("[limts]\nmax_batch = 1\n", "limts", "limits"),
        ("port = 1\n", "port", "console.port"),
        ("[log]\nlanguage = 'en'\n", "log.language", "chat.language"),
        ("[log]\nzzzzzz = 1\n", "log.zzzzzz", None),
        ("[[servers]]\nname = 'gpu'\nurl = 'http://h'\nulr = 1\n", "servers.gpu.ulr", "servers.gpu.url"),
        ("[limits.admin]\nwaitng = 1\n", "limits.admin.waitng", "limits.admin.waiting"),
        ("[pacing.telegram]\nall = 1\n", "pacing.telegram.all", "pacing.telegram.overall"),
    ],
)
def test_what_was_meant_is_found(text, key, nearest, write):
    found = problem(write(text))
    assert (found["error"], found["key"], found["nearest"]) == (UnknownSetting, key, nearest)


@pytest.mark.parametrize(
    ("variable", "key", "nearest"),
    [
        ("EASEL_CONSOLE__PROT", "console.prot", "console.port"),
        ("EASEL_CONSOL__PORT", "consol.port", "console"),
    ],
)
def test_an_unknown_variable_is_named(variable, key, nearest):
    assert problem(**{variable: "1"}) == {"error": UnknownSetting, "source": variable, "key": key, "nearest": nearest}


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        ("[console]\nport = 'eighty'\n", "console.port", ("integer", (), '"eighty"')),
        ("[console]\nport = true\n", "console.port", ("number", (), "true")),
        ("[console]\nport = 80.5\n", "console.port", ("integer", (), "80.5")),
        ("[console]\nport = 65536\n", "console.port", ("at-most", ("65535",), "65536")),
        ("[limits]\nmax_batch = -1\n", "limits.max_batch", ("at-least", ("0",), "-1")),
        ("[limits.admin]\nweight = 0\n", "limits.admin.weight", ("more-than", ("0",), "0")),
        ("[access]\npeople = ['ada']\n", "access.people.1", ("person", (), '"ada"')),
        ("[access]\nchats = ['telegram:1']\n", "access.chats.1", ("place", (), '"telegram:1"')),
        ("[content]\nblocked_words = [' ']\n", "content.blocked_words.1", ("word", (), '" "')),
        ("[content]\nblocked_patterns = ['a|b*']\n", "content.blocked_patterns.1", ("pattern", (), '"a|b*"')),
        (
            "[pacing.discord]\noverall = { messages = 0, seconds = 1 }\n",
            "pacing.discord.overall.messages",
            ("at-least", ("1",), "0"),
        ),
        ("[pacing.telegram]\nreserve = 2\n", "pacing.telegram.reserve", ("at-most", ("1",), "2")),
        ("[data]\nkeep_days = 1.5\n", "data.keep_days", ("integer", (), "1.5")),
        ("[chat]\npreviews = 'perhaps'\n", "chat.previews", ("switch", (), '"perhaps"')),
        ("[workflows]\ndefault = 'flux'\n", "workflows.default", ("list", (), '"flux"')),
        ("[workflows]\nfolders = [1]\n", "workflows.folders.1", ("text", (), "1")),
        ("console = 5\n", "console", ("table", (), "5")),
        ("[console]\nhost = 'http://me'\n", "console.host", ("host", (), '"http://me"')),
        ("[console]\nnames = ['a/b']\n", "console.names.1", ("host", (), '"a/b"')),
        ("servers = []\n", "servers", ("not-empty", (), "…")),
        ("[workflows]\ndefault = []\n", "workflows.default", ("not-empty", (), "…")),
        (SERVER + "name = 'g'\nusername = 'a:b'\n", "servers.g.username", ("username", (), '"a:b"')),
        (SERVER + "name = 'g'\nheaders = {'A B' = 'x'}\n", "servers.g.headers", ("headers", (), "…")),
        (SERVER + 'name = "g"\nheaders = {A = "x\\ny"}\n', "servers.g.headers", ("headers", (), "…")),
        (SERVER + "name = ''\n", "servers..name", ("name", (), '""')),
        (SERVER + "name = 'g'\npoll_interval = 0\n", "servers.g.poll_interval", ("more-than", ("0",), "0")),
        (SERVER + "name = 'g'\npoll_interval = inf\n", "servers.g.poll_interval", ("number", (), "Infinity")),
        ("[console]\ntoken_file = 1979-05-27\n", "console.token_file", ("text", (), '"1979-05-27"')),
    ],
)
def test_a_wrong_value_says_what_was_expected(text, key, said, write):
    file = write(text)
    found = problem(file)
    assert (found["error"], found["source"], found["key"]) == (WrongSetting, str(file), key)
    assert (found["expected"], found["limit"], found["got"]) == said
    assert found["nearest"] is None


def test_a_wrong_choice_lists_the_others(write):
    found = problem(write('[log]\nlevel = "warn"\n'))
    assert (found["expected"], found["limit"]) == ("choice", ("debug", "info", "warning", "error"))
    assert (found["got"], found["nearest"]) == ('"warn"', "warning")


@pytest.mark.parametrize(
    "url",
    ["", "127.0.0.1:8188", "ftp://h/", "http://", "http://h:port/", "http://h:70000", "http://h/?a=b", "http://a b/"],
)
def test_what_is_no_address_of_a_server_is_refused(url, write):
    found = problem(write(f"[[servers]]\nname = 'g'\nurl = '{url}'\n"))
    assert (found["key"], found["expected"]) == ("servers.g.url", "url")


@pytest.mark.parametrize(
    "url", ["https://h", "http://[::1]:8188", "https://h.example/a/b/", "http://10.0.0.1:80/comfy"]
)
def test_addresses_of_servers_stay_as_written(url, write):
    assert load([write(f"[[servers]]\nname = 'g'\nurl = '{url}'\n")], {}).servers[0].url == url


def test_a_password_in_an_address_is_refused_and_not_repeated(write):
    found = problem(write("[[servers]]\nname = 'g'\nurl = 'http://me:hunter2@h/'\n"))
    assert found["got"] == '"http://…@h/"'


def test_a_pattern_that_is_none_is_shown_with_its_place_and_the_reason(write):
    file = write("[content]\nblocked_patterns = ['fine', 'a(b']\n")
    assert problem(file) == {
        "error": NotAPattern,
        "source": str(file),
        "key": "content.blocked_patterns.2",
        "pattern": '"a(b"',
        "place": 4,
        "reason": "missing )",
    }


@pytest.mark.parametrize("url", ["easel", "mysql://h/easel", "postgresql://h", "postgresql://h/", "postgresql://h:x/e"])
def test_what_is_no_address_of_a_postgres_is_refused_and_not_repeated(url, write):
    found = problem(write(f"[data]\ndatabase = '{url}'\n"))
    assert (found["key"], found["expected"], found["got"]) == ("data.database", "database", "…")


def test_the_address_of_the_database_may_lie_in_a_file(write):
    write("postgresql://easel:hunter2@h/easel\n", "secrets/database")
    settings = load([write("[data]\ndatabase_file = 'secrets/database'\n")], {})
    assert settings.data.database.get_secret_value() == "postgresql://easel:hunter2@h/easel"
    assert "hunter2" not in repr(settings)


def test_data_lies_where_the_caller_says_unless_the_settings_do(write, tmp_path):
    silent = write("[data]\nkeep_days = 7\n", "1.toml")
    telling = write("[data]\nfolder = 'kept'\n", "2.toml")
    assert load([silent], {}, data_folder=Path("/d")).data.folder == Path("/d")
    assert load([silent, telling], {}, data_folder=Path("/d")).data.folder == tmp_path / "kept"
    assert load([telling], {"EASEL_DATA__FOLDER": "/e"}, data_folder=Path("/d")).data.folder == Path("/e")


def test_an_admin_s_and_an_operator_s_limits_are_what_is_said_of_them(write):
    limits = load([write("[limits]\nwaiting = 3\n[limits.admin]\nwaiting = 0\n")], {}).limits
    assert (limits.waiting, limits.admin.waiting, limits.operator.waiting) == (3, 0, None)
    assert limits.admin.model_dump(exclude_none=True) == {"waiting": 0}
    assert load([], {"EASEL_LIMITS__OPERATOR__MAX_STEPS": "9"}).limits.operator.max_steps == 9


def test_what_a_server_lacks_is_named(write):
    found = problem(write("[[servers]]\nname = 'g'\n"))
    assert (found["error"], found["key"]) == (MissingSetting, "servers.g.url")
    assert problem(write("[[servers]]\nurl = 'http://h'\n"))["key"] == "servers.1.name"


def test_two_servers_of_one_name_in_one_file_are_refused(write):
    file = write("[[servers]]\nname = 'g'\nurl = 'http://h'\n" * 2)
    assert problem(file) == {"error": RepeatedServer, "source": str(file), "name": "g"}


def test_a_file_that_is_not_there_is_named(tmp_path):
    found = problem(tmp_path / "none.toml")
    assert (found["error"], found["source"]) == (SettingsFileUnreadable, str(tmp_path / "none.toml"))
    assert problem(tmp_path)["error"] is SettingsFileUnreadable


@pytest.mark.parametrize(("text", "place"), [("[console]\nport = = 1\n", "line 2"), (b"\xff\xfe[\0", "UTF-8")])
def test_what_is_not_toml_is_named_with_its_place(text, place, write):
    found = problem(write(text))
    assert found["error"] is SettingsNotToml
    assert place in found["reason"]


def test_a_list_in_a_variable_that_is_no_json_is_named_and_not_repeated():
    found = problem(EASEL_SERVERS="hunter2")
    assert (found["source"], found["key"], found["expected"], found["got"]) == ("EASEL_SERVERS", "servers", "json", "…")


def test_a_wrong_value_of_a_variable_names_the_variable(write):
    file = write("[console]\nport = 9000\n")
    assert problem(file, EASEL_CONSOLE__PORT="x")["source"] == "EASEL_CONSOLE__PORT"


def test_everything_that_is_wrong_is_said_at_once(write):
    one = write("[console]\nprot = 1\n[log]\nlevel = 'loud'\n", "1.toml")
    two = write("[[servers]]\nname = 'g'\n", "2.toml")
    said = problems(one, two, EASEL_LIMITS__MAX_BATCH="-1")
    assert {(each.details["key"], each.details["source"]) for each in said} == {
        ("console.prot", str(one)),
        ("log.level", str(one)),
        ("servers.g.url", str(two)),
        ("limits.max_batch", "EASEL_LIMITS__MAX_BATCH"),
    }


def test_secrets_come_from_files_beside_the_settings(write):
    write("hunter2\n", "secrets/password")
    write("Bearer hunter3\r\n", "secrets/header")
    write("a token of some length", "secrets/token")
    file = write(
        "[[servers]]\nname = 'g'\nurl = 'http://h'\npassword_file = 'secrets/password'\n"
        "header_files = { Authorization = 'secrets/header' }\n"
        "[console]\ntoken_file = 'secrets/token'\n"
    )
    result = load([file], {})
    assert result.servers[0].password.get_secret_value() == "hunter2"
    assert result.servers[0].headers["Authorization"].get_secret_value() == "Bearer hunter3"
    assert result.console.token.get_secret_value() == "a token of some length"


def test_a_header_is_no_key_of_a_secrets_file(write):
    file = write(SERVER + "name = 'g'\nheaders = { token_file = 'not a file' }\n")
    assert list(load([file], {}).servers[0].headers) == ["token_file"]


def test_of_a_secret_and_its_file_the_later_said_counts(write):
    write("from the file, at length", "token")
    by_file = write("[console]\ntoken_file = 'token'\n", "1.toml")
    by_word = write("[console]\ntoken = 'from the settings'\n", "2.toml")
    assert load([by_file, by_word], {}).console.token.get_secret_value() == "from the settings"
    assert load([by_word, by_file], {}).console.token.get_secret_value() == "from the file, at length"


def test_a_secret_given_twice_in_one_file_is_refused(write):
    write("from the file, at length", "token")
    found = problem(write("[console]\ntoken = 'from the settings'\ntoken_file = 'token'\n"))
    assert (found["error"], found["key"]) == (SecretTwice, "console.token")
    found = problem(
        write("[[servers]]\nname = 'g'\nurl = 'http://h'\nheaders = { A = '1' }\nheader_files = { A = 'token' }\n")
    )
    assert (found["error"], found["key"]) == (SecretTwice, "servers.g.headers.A")


def test_a_secrets_file_that_is_missing_or_empty_is_named(write, tmp_path):
    file = write("[console]\ntoken_file = 'token'\n")
    found = problem(file)
    assert (found["error"], found["key"], found["path"]) == (
        SecretUnreadable,
        "console.token_file",
        str(tmp_path / "token"),
    )
    assert found["reason"]
    write("\n", "token")
    assert problem(file)["reason"] is None
    assert problem(write('[console]\ntoken_file = "a\\u0000b"\n'))["error"] is SecretUnreadable


def test_a_secret_is_never_shown(write):
    write("hunter2", "token")
    file = write(
        "[[servers]]\nname = 'g'\nurl = 'http://h'\npassword = 20010911\npasswort = 'hunter2'\n"
        "headers = { A = 20010911 }\n[console]\ntoken = 'hunter2'\n"
    )
    with pytest.raises(BadSettings) as refused:
        load([file], {})
    said = [str(refused.value), *(texts_for("en").explain(each) for each in refused.value.problems)]
    assert len(refused.value.problems) == 4
    assert not any("hunter2" in line or "20010911" in line for line in said)
    assert refused.value.__context__ is None

    short = problem(write("[console]\ntoken_file = 'token'\n"))
    assert (short["source"].endswith("token"), short["expected"], short["got"]) == (True, "longer", "…")
    good = load([write("[console]\ntoken = 'hunter2hunter2hunter2'\n")], {})
    assert "hunter2" not in repr(good) + str(good) + good.model_dump_json()


TOKEN = "123456:AAbb-ccDD_eeffgghhiijjkkllmmnnooppqq"


def test_the_token_of_a_bot_comes_from_the_environment_or_from_a_file_of_its_owner(write):
    by_word = load([], {"EASEL_TELEGRAM__TOKEN": TOKEN})
    write(f" {TOKEN} \n", "secrets/token").chmod(0o600)
    by_file = load([write("[telegram]\ntoken_file = 'secrets/token'\n")], {})
    for each in by_word, by_file:
        assert each.telegram.token.get_secret_value() == TOKEN
        assert TOKEN not in repr(each)
    assert load([], {}).telegram.token is None


def test_a_bot_s_token_in_a_settings_file_is_refused_with_what_to_do(write):
    file = write(f"[telegram]\ntoken = '{TOKEN}'\n[console]\nport = 'x'\n")
    misplaced, port = problems(file, EASEL_TELEGRAM__TOKEN=TOKEN)
    assert (type(misplaced), misplaced.details) == (
        SecretMisplaced,
        {"source": str(file), "key": "telegram.token", "variable": "EASEL_TELEGRAM__TOKEN"},
    )
    assert port.details["key"] == "console.port"
    assert TOKEN not in str(misplaced)


@pytest.mark.skipif(os.name != "posix", reason="no such modes")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666])
def test_a_bot_s_token_in_a_file_that_others_may_open_is_refused(mode, write):
    token = write(TOKEN, "token")
    token.chmod(mode)
    file = write("[telegram]\ntoken_file = 'token'\n")
    assert problem(file) == {
        "error": SecretExposed,
        "source": str(file),
        "key": "telegram.token_file",
        "path": str(token),
    }
    for language in LANGUAGES:
        assert f"chmod 600 {token}" in texts_for(language).explain(problems(file)[0])


def test_other_secrets_files_may_have_any_mode(write):
    write("a token of some length", "token").chmod(0o644)
    assert load([write("[console]\ntoken_file = 'token'\n")], {}).console.token


@pytest.mark.parametrize(
    "token", ["", "123456", "123456:", ":ABC", "12a:ABC", "123456:A B", "bot123456:ABC", "１２:ABC"]
)
def test_what_is_no_token_of_a_bot_is_refused_and_not_repeated(token):
    found = problem(EASEL_TELEGRAM__TOKEN=token)
    assert (found["source"], found["key"]) == ("EASEL_TELEGRAM__TOKEN", "telegram.token")
    assert (found["expected"], found["got"]) == ("bot-token", "…")


@pytest.mark.parametrize(
    "text",
    [
        f"[telegram]\ntoken_file = '{TOKEN}'\n",
        f"[telegram]\napi_base = '{TOKEN}'\n",
        f"[telegram]\napi_base = 'htp://api.telegram.org/a/long/path/to/bot{TOKEN}'\n",
        f"[telegram]\n'{TOKEN}' = 1\n",
        f"[access]\noperators = ['{TOKEN}!']\n[console]\nhost = '{TOKEN}'\n",
    ],
)
def test_a_token_that_stands_in_a_wrong_place_is_not_repeated(text, write):
    for each in problems(write(text)):
        said = [str(each), *(texts_for(language).explain(each) for language in LANGUAGES)]
        assert not any(TOKEN[7:27] in line for line in said)


@pytest.mark.parametrize(
    "proxy",
    ["http://h:3128", "https://h:1", "socks5://127.0.0.1:1080", "socks5://me:p%40ss@[::1]:1080", "http://me:pw@h:80/"],
)
def test_a_proxy_is_taken_and_kept_secret(proxy):
    taken = load([], {"EASEL_TELEGRAM__PROXY": proxy})
    assert taken.telegram.proxy.get_secret_value() == proxy
    assert proxy not in repr(taken)


@pytest.mark.parametrize(
    "proxy", ["", "h:1", "socks4://h:1", "socks5://h", "http://:80", "http://h:x", "http://h:1/path"]
)
def test_what_is_no_proxy_is_refused_and_not_repeated(proxy):
    found = problem(EASEL_TELEGRAM__PROXY=proxy)
    assert (found["key"], found["expected"], found["got"]) == ("telegram.proxy", "proxy", "…")


def test_telegram_calls_a_webhook_by_https_only(write):
    settings = load([write("[telegram]\nwebhook_url = 'https://h/telegram'\n")], {})
    assert settings.telegram.webhook_url == "https://h/telegram"
    found = problem(write("[telegram]\nwebhook_url = 'http://h/telegram'\n"))
    assert (found["key"], found["expected"], found["got"]) == (
        "telegram.webhook_url",
        "https",
        '"http://h/telegram"',
    )


def test_a_bot_api_server_of_one_s_own_may_call_by_http(write):
    text = "[telegram]\napi_base = 'http://127.0.0.1:8081'\nwebhook_url = 'http://127.0.0.1:8090'\n"
    assert load([write(text)], {}).telegram.webhook_url == "http://127.0.0.1:8090"


@pytest.mark.parametrize("secret", ["", "a b", "ä", "a" * 257])
def test_what_cannot_be_a_webhook_s_secret_is_refused_and_not_repeated(secret):
    found = problem(EASEL_TELEGRAM__WEBHOOK_SECRET=secret)
    assert (found["key"], found["expected"], found["got"]) == ("telegram.webhook_secret", "webhook-secret", "…")


def test_a_webhook_s_secret_may_lie_in_a_file(write):
    write("a-b_C3\n", "secret")
    settings = load([write("[telegram]\nwebhook_secret_file = 'secret'\n")], {})
    assert settings.telegram.webhook_secret.get_secret_value() == "a-b_C3"


def leaves(table=Settings, above=()):
    for name, field in table.model_fields.items():
        below = table_in(field.annotation)
        if below is None:
            yield (*above, name)
        else:
            yield from leaves(below, (*above, name))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(deadline=None)
@given(key=st.sampled_from(sorted({key[:n] for key in leaves() for n in range(1, 3)})), value=JSON, data=st.data())
def test_any_value_of_any_key_is_taken_or_explained_in_every_language(key, value, data):
    if key[0] == "servers" and len(key) > 1:
        tree = [{"name": "g", "url": "http://h", key[1]: value}]
    else:
        tree = {key[1]: value} if len(key) > 1 else value
    environ = {"EASEL_" + key[0].upper(): json.dumps(tree)}
    if len(key) > 1 and key[0] != "servers" and data.draw(st.booleans()):
        environ = {
            "__".join(("EASEL_" + key[0], key[1])).upper(): value if isinstance(value, str) else json.dumps(value)
        }
    said: tuple[SettingsProblem, ...] = ()
    try:
        load([], environ)
    except BadSettings as bad:
        said = bad.problems
    assert all(texts_for(language).explain(each) for language in LANGUAGES for each in said)


def test_problems_read_as_sentences(write):
    file = write("[console]\nprot = 1\nport = 'x'\n[log]\nlevel = 'warn'\n[chat]\nlanguage = 'tlh'\n")
    with pytest.raises(BadSettings) as refused:
        load([file], {})
    name = refused.value.problems[0].details["source"]
    english, chinese = (
        [texts_for(language).explain(each).replace(name, "F") for each in (refused.value, *refused.value.problems)]
        for language in LANGUAGES
    )
    assert english == [
        "The settings have 4 mistakes. Nothing was started.",
        'F: console.port must be a whole number, not "x".',
        "F: there is no setting console.prot. Did you mean console.port?",
        'F: chat.language must be one of en, zh-CN, not "tlh".',
        'F: log.level must be one of debug, info, warning, error, not "warn". Did you mean "warning"?',
    ]
    assert chinese == [
        "设置中有 4 处错误，程序没有启动。",
        'F：console.port 应为整数，现在是 "x"。',
        "F：没有 console.prot 这个设置项。您是不是想写 console.port？",
        'F：chat.language 应为以下之一：en、zh-CN，现在是 "tlh"。',
        'F：log.level 应为以下之一：debug、info、warning、error，现在是 "warn"。您是不是想写“warning”？',
    ]
