from __future__ import annotations

import json
import os

import pytest

from bot.workflows.errors import (
    CommandTaken,
    ManifestWithoutGraph,
    NoSuchWorkflow,
    NotAGraph,
    UiFormat,
    UnknownManifestKey,
    UnreadableFile,
)
from bot.workflows.library import Library


@pytest.fixture
def put(tmp_path, sketch, txt2img):
    """Write a file of the folder; the graph is text to image unless told otherwise."""

    def write(name: str, content: str | None = None):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(sketch(txt2img)) if content is None else content, "utf-8")
        return file

    return write


def names(library):
    return [workflow.name for workflow in library.all()]


def test_every_graph_of_the_folder_is_a_workflow(put, tmp_path):
    put("b.json")
    put("a.json")
    put("a.toml", 'title = "Foxes"\ncommand = "fox"')
    put("notes.txt", "not a workflow")
    library = Library([tmp_path])
    assert names(library) == ["a", "b"]
    assert (library.get("a").title, library.get("a").command, library.get("b").title) == ("Foxes", "fox", "b")
    assert library.problems() == ()


def test_names_are_found_whatever_their_case_and_misses_name_the_nearest(put, tmp_path):
    put("Portrait.json")
    library = Library([tmp_path])
    assert library.get("portrait").name == "Portrait"
    with pytest.raises(NoSuchWorkflow) as raised:
        library.get("potrait")
    assert raised.value.nearest == "Portrait"


def test_a_look_at_the_files_can_last_a_while(put, tmp_path):
    now = 0.0
    library = Library([tmp_path], lasts=1.0, clock=lambda: now)
    assert names(library) == []
    put("late.json")
    now = 0.9
    assert names(library) == []
    now = 1.0
    assert names(library) == ["late"]


def test_one_broken_file_is_reported_and_hides_no_other(put, tmp_path):
    put("good.json")
    put("cut.json", '{"3": {"class')
    put("drawn.json", '{"nodes": [], "links": []}')
    put("slip.json")
    put("slip.toml", "titel = 'Fox'")
    put("alone.toml", "title = 'Fox'")
    library = Library([tmp_path])
    assert names(library) == ["good"]
    found = {problem.file: type(problem.error) for problem in library.problems()}
    assert found == {
        "alone.toml": ManifestWithoutGraph,
        "cut.json": NotAGraph,
        "drawn.json": UiFormat,
        "slip.toml": UnknownManifestKey,
    }


def test_a_file_that_changes_is_read_again_and_one_that_does_not_is_not(put, tmp_path):
    put("fox.json")
    put("owl.json")
    library = Library([tmp_path])
    fox, owl = library.get("fox"), library.get("owl")
    put("fox.toml", "title = 'Foxes'")
    assert library.get("fox").title == "Foxes"
    assert library.get("owl") is owl
    put("fox.toml", "titel = 'Foxes'")
    assert names(library) == ["owl"]
    (tmp_path / "fox.toml").unlink()
    assert library.get("fox").title == fox.title
    assert library.problems() == ()


def test_a_change_that_keeps_the_size_is_noticed(put, tmp_path):
    put("fox.json")
    file = put("fox.toml", "title = 'Red'")
    library = Library([tmp_path])
    assert library.get("fox").title == "Red"
    seen = file.stat().st_mtime_ns
    put("fox.toml", "title = 'Owl'")
    os.utime(file, ns=(seen + 1, seen + 1))
    assert library.get("fox").title == "Owl"


def test_files_come_and_go(put, tmp_path):
    library = Library([tmp_path])
    assert names(library) == []
    put("fox.json")
    assert names(library) == ["fox"]
    (tmp_path / "fox.json").unlink()
    assert names(library) == []


def test_a_later_folder_stands_for_an_earlier_one_and_single_files_for_both(put, tmp_path):
    for place in ("first", "second", "single"):
        put(f"{place}/fox.json")
        put(f"{place}/fox.toml", f"title = '{place}'")
    put("first/owl.json")
    assert Library([tmp_path / "first", tmp_path / "second"]).get("fox").title == "second"
    library = Library([tmp_path / "first", tmp_path / "second"], files=[tmp_path / "single" / "fox.json"])
    assert library.get("fox").title == "single"
    assert names(library) == ["fox", "owl"]


def test_a_broken_file_of_a_later_folder_does_not_hide_the_earlier_one(put, tmp_path):
    put("first/fox.json")
    put("second/fox.json", "{")
    library = Library([tmp_path / "first", tmp_path / "second"])
    assert names(library) == ["fox"]
    assert [problem.file for problem in library.problems()] == ["fox.json"]


def test_of_two_that_want_one_command_the_first_has_it(put, tmp_path):
    for name in ("a", "b"):
        put(f"{name}.json")
        put(f"{name}.toml", "command = 'draw'")
    library = Library([tmp_path])
    assert [workflow.command for workflow in library.all()] == ["draw", None]
    (problem,) = library.problems()
    assert isinstance(problem.error, CommandTaken)
    assert problem.error.details == {"file": "b.toml", "command": "draw", "other": "a"}


def test_a_folder_or_file_that_cannot_be_read_is_a_problem_not_an_end(put, tmp_path):
    put("fox.json")
    (tmp_path / "dir.json").mkdir()
    library = Library([tmp_path / "nowhere", tmp_path], files=[tmp_path / "gone.json"])
    assert names(library) == ["fox"]
    assert {problem.file for problem in library.problems()} == {str(tmp_path / "nowhere"), "dir.json", "gone.json"}
    assert {type(problem.error) for problem in library.problems()} == {UnreadableFile}
