from __future__ import annotations

import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.workflows.assembly import assemble, load_workflow
from bot.workflows.discovery import discover
from bot.workflows.errors import NoOutput, NoSuchInput, UiFormat, UnreadableFile, UnwritableFolder
from bot.workflows.findings import ComputedValue, NewRoles, SeveralCandidates
from bot.workflows.graph import Graph
from bot.workflows.importing import draft_manifest, import_file, workflow_name
from bot.workflows.manifest import parse_manifest


@pytest.fixture
def export(tmp_path, sketch, txt2img):
    """A file as ComfyUI exports it, outside the folder of workflows."""

    def write(name: str = "My Fox (v2).json", graph: str = txt2img):
        file = tmp_path / name
        file.write_text(json.dumps(sketch(graph), indent=2), "utf-8")
        return file

    return write


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "workflows"


def test_an_export_becomes_a_workflow_with_a_manifest_to_review(export, folder):
    file = export()
    imported = import_file(file, folder)
    assert imported.graph.read_bytes() == file.read_bytes()
    assert (imported.graph.name, imported.manifest.name, imported.written) == ("my-fox-v2.json", "my-fox-v2.toml", True)
    assert imported.manifest.read_text("utf-8") == (
        "# What Easel found in my-fox-v2.json. Change what is wrong; a role you delete is discovered again,\n"
        "# and one set to [] is switched off.\n"
        'title = "My fox v2"\n'
        'description = ""\n'
        '# command = "my_fox_v2"\n'
        "# adult = true\n"
        "\n"
        "[roles]\n"
        'prompt = "6.text"  # Positive: "a fox"\n'
        'negative = "7.text"  # Negative: "blurry"\n'
        'width = "5.width"  # EmptyLatentImage: 512\n'
        'height = "5.height"  # EmptyLatentImage: 512\n'
        'seed = "3.seed"  # KSampler: 5\n'
        'steps = "3.steps"  # KSampler: 20\n'
        'guidance = "3.cfg"  # KSampler: 8\n'
        'denoise = "3.denoise"  # KSampler: 1\n'
        'batch = "5.batch_size"  # EmptyLatentImage: 1\n'
        'model = "4.ckpt_name"  # CheckpointLoaderSimple: "sd15.safetensors"\n'
        'output = "9"  # Result\n'
    )


def test_what_is_written_loads_as_what_was_discovered(export, folder):
    imported = import_file(export(), folder)
    assert load_workflow(imported.graph) == imported.workflow
    discovered = assemble("my-fox-v2", imported.workflow.graph)
    assert (imported.workflow.targets, imported.workflow.options) == (discovered.targets, discovered.options)


def test_doubts_are_reported_and_stand_in_the_manifest(export, folder, txt2img):
    graph = txt2img.replace('text="a fox"', "text=@20").replace("steps=20", "steps=@21")
    imported = import_file(export(graph=graph + "20 Join string1=one string2=two\n21 Oracle a=1 b=2"), folder)
    assert [type(finding) for finding in imported.findings] == [SeveralCandidates, ComputedValue]
    text = imported.manifest.read_text("utf-8")
    assert '# Not sure. Also possible: 20.string2\nprompt = "20.string1"' in text
    assert '# Node 21 (Oracle) works this out; name another input to set it.\n# steps = "NODE.INPUT"' in text


def test_edits_of_a_person_stay_when_a_graph_is_imported_again(export, folder, txt2img):
    import_file(export(), folder)
    manifest = folder / "my-fox-v2.toml"
    manifest.write_text("title = 'Mine'\n[roles]\nprompt = '6.text'\noutput = '9'", "utf-8")
    again = import_file(export(graph=txt2img.replace("steps=20", "steps=30")), folder)
    assert again.written is False
    assert again.workflow.title == "Mine"
    assert again.workflow.option("steps").default == 30
    assert load_workflow(folder / "my-fox-v2.json") == again.workflow
    roles = ("negative", "width", "height", "seed", "steps", "guidance", "denoise", "batch", "model")
    assert again.findings == (NewRoles("my-fox-v2.toml", roles),)


def test_edits_go_only_when_somebody_says_so(export, folder):
    import_file(export(), folder)
    (folder / "my-fox-v2.toml").write_text("title = 'Mine'", "utf-8")
    assert import_file(export(), folder, force=True).workflow.title == "My fox v2"


def test_a_graph_that_no_longer_fits_its_manifest_changes_nothing(export, folder, txt2img):
    imported = import_file(export(), folder)
    before = imported.graph.read_bytes(), imported.manifest.read_bytes()
    with pytest.raises(NoSuchInput) as raised:
        import_file(export(graph=txt2img.replace("6 CLIP", "66 CLIP").replace("@6", "@66")), folder)
    assert (raised.value.key, raised.value.nearest) == ("roles.prompt", "66.text")
    assert (imported.graph.read_bytes(), imported.manifest.read_bytes()) == before


def test_what_cannot_be_imported_leaves_no_trace(export, folder, tmp_path):
    drawn = tmp_path / "drawn.json"
    drawn.write_text('{"nodes": [], "links": []}', "utf-8")
    with pytest.raises(UiFormat):
        import_file(drawn, folder)
    with pytest.raises(UnreadableFile):
        import_file(tmp_path / "gone.json", folder)
    with pytest.raises(NoOutput):
        import_file(export("open.json", "1 LoadImage image=a.png"), folder)
    assert not folder.exists()


def test_a_folder_that_cannot_be_written_to_is_named(export, tmp_path):
    (tmp_path / "workflows").write_text("a file", "utf-8")
    with pytest.raises(UnwritableFolder) as raised:
        import_file(export(), tmp_path / "workflows")
    assert raised.value.folder == str(tmp_path / "workflows")


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("flux.json", "flux"),
        ("My Flux (v2).JSON", "my-flux-v2"),
        ("../../etc/passwd", "etc-passwd"),
        ("狐狸.json", "狐狸"),
        ("snake_case.api.json", "snake_case-api"),
        ("--.json", "workflow"),
    ],
)
def test_a_workflow_is_called_by_something_that_can_be_typed(file, name):
    assert workflow_name(file) == name


@given(st.text(), st.text(), st.text(), st.sampled_from(["6", "6:1", 'a"b\\', "狐.x", "\x7f"]))
def test_whatever_stands_in_a_graph_the_manifest_written_of_it_reads_back(title, text, name, node):
    document = {
        "s": {"inputs": {"seed": 1, "positive": [node, 0], "negative": [node, 0]}, "class_type": "KSampler"},
        node: {"inputs": {"text": text, "clip": ["s", 0]}, "class_type": "Encode", "_meta": {"title": title}},
        "out": {"inputs": {"images": ["s", 0]}, "class_type": "SaveImage"},
    }
    graph = Graph.parse(json.dumps(document))
    draft = draft_manifest(workflow_name(name), graph, discover(graph))
    assert tomllib.loads(draft)["roles"]["prompt"] == f"{node}.text"
    workflow = assemble("fox", graph, parse_manifest(draft, "fox.toml"))
    assert [str(target) for target in workflow.targets["prompt"]] == [f"{node}.text"]
