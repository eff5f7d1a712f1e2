"""A graph from ComfyUI into a folder of workflows, with a manifest that a person can review."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.workflows.assembly import assemble, load_manifest, places_of, read_file
from bot.workflows.discovery import Discovery, discover
from bot.workflows.errors import UnwritableFolder
from bot.workflows.findings import ComputedValue, Doubt, Finding, NewRoles, SeveralCandidates
from bot.workflows.graph import Graph, Target
from bot.workflows.manifest import parse_manifest
from bot.workflows.options import Role
from bot.workflows.workflow import Workflow

_COMMENT_WIDTH = 70


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to. `written` false: there was a `manifest` already, and a person's edits stay."""

    workflow: Workflow
    graph: Path
    manifest: Path
    written: bool
    findings: tuple[Finding, ...]


def import_file(file: Path, folder: Path, *, force: bool = False) -> Imported:
    """Take an exported graph into a folder: ``NAME.json`` as it is, and a ``NAME.toml`` to review.

    An existing manifest is kept, unless `force`; it must fit the new graph, else nothing is written. Raises
    `UnreadableFile`, `UnwritableFolder`, and what `Graph.parse`, `load_manifest` and `assemble` raise.
    """
    data = read_file(file)
    graph = Graph.parse(data, file.name)
    discovery = discover(graph)
    name = workflow_name(file.name)
    json_path, toml_path = folder / f"{name}.json", folder / f"{name}.toml"
    keep = toml_path.exists() and not force
    draft = draft_manifest(name, graph, discovery)
    manifest = load_manifest(toml_path) if keep else parse_manifest(draft, toml_path.name)
    workflow = assemble(name, graph, manifest, discovery)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(json_path, data)
        if not keep:
            _write(toml_path, draft.encode())
    except OSError as error:
        raise UnwritableFolder(str(folder), error.strerror or type(error).__name__) from None
    new = tuple(role for role in places_of(discovery) if role not in manifest.roles)
    doubts = workflow.warnings if keep else discovery.warnings  # the draft settles its own
    findings = (*doubts, *([NewRoles(toml_path.name, new)] if new else ()))
    return Imported(workflow, json_path, toml_path, not keep, findings)


def workflow_name(file: str) -> str:
    """A name that can be typed, from a file's: ``My Flux (v2).json`` becomes ``my-flux-v2``."""
    stem = re.sub(r"\.json$", "", file, flags=re.IGNORECASE)
    return re.sub(r"[^\w]+", "-", stem.casefold()).strip("-_") or "workflow"


def draft_manifest(name: str, graph: Graph, discovery: Discovery) -> str:
    """A manifest in TOML that says what was discovered, every place with its node's title and value beside it."""
    return "\n".join(_lines(name, graph, discovery)) + "\n"


def _lines(name: str, graph: Graph, discovery: Discovery) -> Iterator[str]:
    yield f"# What Easel found in {_comment(name)}.json. Change what is wrong; a role you delete is discovered again,"
    yield "# and one set to [] is switched off."
    yield f"title = {_string(re.sub(r'[-_]+', ' ', name).capitalize())}"
    yield 'description = ""'
    yield f"# command = {_string(re.sub('[^a-z0-9_]+', '_', name)[:32])}"
    yield "# adult = true"
    yield ""
    yield "[roles]"
    for role, targets in places_of(discovery).items():
        yield from _comments_on(role, discovery.warnings)
        yield from _place(role, [(str(target), _about(graph, target)) for target in targets])
    unplaced = [warning for warning in discovery.warnings if warning.role not in discovery.targets]
    for role in dict.fromkeys(warning.role for warning in unplaced if warning.role != Role.OUTPUT):
        yield from _comments_on(role, unplaced)
        yield f'# {role} = "NODE.INPUT"'
    yield from _comments_on(Role.OUTPUT, discovery.warnings)
    yield from _place(Role.OUTPUT, [(output, _comment(graph.nodes[output].title)) for output in discovery.outputs])


def _place(role: str, places: list[tuple[str, str]]) -> Iterator[str]:
    if len(places) == 1:
        (place, about), *_ = places
        yield f"{role} = {_string(place)}  # {about}"
        return
    yield f"{role} = ["
    for place, about in places:
        yield f"    {_string(place)},  # {about}"
    yield "]"


def _comments_on(role: str, warnings: tuple[Doubt, ...] | list[Doubt]) -> Iterator[str]:
    for warning in warnings:
        match warning:
            case SeveralCandidates(others=others) if warning.role == role:
                yield f"# Not sure. Also possible: {_comment(', '.join(others))}"
            case ComputedValue(node=node, title=title) if warning.role == role:
                yield f"# Node {_comment(f'{node} ({title})')} works this out; name another input to set it."


def _about(graph: Graph, target: Target) -> str:
    value = graph.value(target)
    return f"{_comment(graph.nodes[target.node].title)}: {_comment(json.dumps(value, ensure_ascii=False))}"


def _comment(text: str) -> str:
    """Text fit for a comment: one short line without control characters."""
    line = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]", " ", text).split())
    return line if len(line) <= _COMMENT_WIDTH else line[: _COMMENT_WIDTH - 1] + "…"


def _string(text: str) -> str:
    """A TOML basic string: JSON's, but that TOML wants DEL escaped and has no lone surrogates."""
    said = json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
    return re.sub("[\ud800-\udfff]", "\ufffd", said)


def _write(file: Path, data: bytes) -> None:
    """Whole or not at all, so that a library that looks meanwhile sees no half."""
    part = file.with_name(f".{file.name}.part")
    part.write_bytes(data)
    part.replace(file)
