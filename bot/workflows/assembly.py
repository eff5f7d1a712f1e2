"""A graph, what discovery finds in it, and what its manifest says: together a workflow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bot.workflows.discovery import Discovery, discover
from bot.workflows.errors import (
    FlagTaken,
    NoOutput,
    NoSuchInput,
    NotToml,
    OptionLeadsNowhere,
    UnknownManifestKey,
    UnreadableFile,
    ValueNotAChoice,
    ValueOutOfBounds,
    WrongManifestValue,
    WrongValueKind,
)
from bot.workflows.graph import Graph, Target
from bot.workflows.manifest import Manifest, OptionSettings, parse_manifest
from bot.workflows.nearest import nearest
from bot.workflows.options import Kind, Option, Role, Value
from bot.workflows.roles import (
    OPTIONS_OF,
    RESERVED_FLAGS,
    STANDARD,
    STANDARD_OPTIONS,
    USUAL_MULTIPLE,
    Standard,
    multiple_of,
)
from bot.workflows.shapes import size_inputs
from bot.workflows.tracing import is_number, trace_number
from bot.workflows.workflow import Workflow

Places = Mapping[str, tuple[Target, ...]]
"""By an option's name, the inputs that take its value."""


def load_workflow(json_path: Path) -> Workflow:
    """The workflow of an exported graph and, if there is one, the manifest beside it. Its name is the file's.

    Raises `UnreadableFile` and what `Graph.parse`, `load_manifest` and `assemble` raise.
    """
    toml_path = json_path.with_suffix(".toml")
    graph = Graph.parse(read_file(json_path), json_path.name)
    manifest = load_manifest(toml_path) if toml_path.exists() else Manifest()
    return assemble(json_path.stem, graph, manifest)


def load_manifest(path: Path) -> Manifest:
    """Read a manifest from its file. Raises `UnreadableFile` and what `parse_manifest` raises."""
    try:
        text = read_file(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotToml(path.name, "not UTF-8") from None
    return parse_manifest(text, path.name)


def read_file(path: Path) -> bytes:
    """The file's bytes. Raises `UnreadableFile`."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFile(path.name, error.strerror or type(error).__name__) from None


def assemble(name: str, graph: Graph, manifest: Manifest | None = None, discovery: Discovery | None = None) -> Workflow:
    """Apply a manifest to a graph; `discovery` saves finding the graph's roles again.

    Raises `NoOutput`, or for a manifest that does not fit: `NoSuchInput`, `UnknownManifestKey`,
    `OptionLeadsNowhere`, `WrongManifestValue`, `FlagTaken`.
    """
    return _Assembly(f"{name}.toml", graph, manifest or Manifest(), discovery or discover(graph)).workflow(name)


def places_of(discovery: Discovery) -> dict[str, tuple[Target, ...]]:
    """By option, where discovery puts its value: each picture is an option, ``image``, ``image2``, ``image3``...

    A mask that is the transparency of a picture asked for anyway is no option of its own.
    """
    places: dict[str, tuple[Target, ...]] = {role.value: targets for role, targets in discovery.targets.items()}
    pictures = places.pop(Role.IMAGE, ())
    masks = [target for target in places.pop(Role.MASK, ()) if target not in pictures]
    for role, each in ((Role.IMAGE, pictures), (Role.MASK, masks)):
        places |= {option: (target,) for option, target in zip(OPTIONS_OF[role], each, strict=False)}
    return {option: places[option] for option in STANDARD_OPTIONS if option in places}


@dataclass(frozen=True, slots=True)
class _Assembly:
    file: str
    graph: Graph
    manifest: Manifest
    discovery: Discovery

    def workflow(self, name: str) -> Workflow:
        places = self._places()
        options = {option: self._option(option, places[option]) for option in places}
        hidden = {option for option in options if self._settings(option).hidden}
        self._claim_flags(options[option] for option in options if option not in hidden)
        outputs = self._outputs()
        title = self.manifest.title or {"en": name}
        return Workflow(
            name=name,
            title=title["en"],
            description=self.manifest.description.get("en", ""),
            graph=self._with_hidden(places, [options[option] for option in hidden]),
            options=tuple(options[option] for option in options if option not in hidden),
            targets={option: places[option] for option in places if option not in hidden},
            outputs=outputs,
            over_websocket=any("websocket" in self.graph.nodes[o].class_type.lower() for o in outputs),
            command=self.manifest.command,
            adult=self.manifest.adult,
            warnings=tuple(w for w in self.discovery.warnings if w.role not in self.manifest.roles),
            translations=self._translations(),
        )

    # -- where values go ------------------------------------------------------------------------------------------

    def _places(self) -> Places:
        """Discovery's with the manifest's over them, in the order of the standard roles, the workflow's own last."""
        places = places_of(self.discovery)
        own = [role for role in self.manifest.roles if role not in STANDARD_OPTIONS and role != Role.OUTPUT]
        for role in own:
            if role not in self.manifest.options:
                raise UnknownManifestKey(self.file, f"roles.{role}", nearest(role, Role))
        for role, inputs in self.manifest.roles.items():
            if role != Role.OUTPUT:
                places[role] = tuple(self._target(f"roles.{role}", text) for text in inputs)
        for option in self.manifest.options:
            if option not in places:
                raise OptionLeadsNowhere(self.file, option, nearest(option, places))
        return {option: places[option] for option in (*STANDARD_OPTIONS, *own) if places.get(option)}

    def _target(self, key: str, text: str) -> Target:
        """``12:3.values.a`` as an input of the graph; ids and names may both hold dots."""
        for dot in (i for i, char in enumerate(text) if char == "."):
            target = Target(text[:dot], text[dot + 1 :])
            if target.node in self.graph.nodes and target.input in self.graph.nodes[target.node].inputs:
                return target
        every = (f"{node.id}.{name}" for node in self.graph.nodes.values() for name in node.inputs)
        raise NoSuchInput(self.file, key, text, nearest(text, every))

    def _outputs(self) -> tuple[str, ...]:
        outputs = tuple(self.manifest.roles.get(Role.OUTPUT, self.discovery.outputs))
        for output in outputs:
            if output not in self.graph.nodes:
                raise NoSuchInput(self.file, "roles.output", output, nearest(output, self.graph.nodes))
        if not outputs:
            raise NoOutput(self.file.removesuffix(".toml") + ".json")
        return outputs

    # -- what may be set ------------------------------------------------------------------------------------------

    def _settings(self, option: str) -> OptionSettings:
        return self.manifest.options.get(option) or OptionSettings()

    def _option(self, name: str, targets: tuple[Target, ...]) -> Option:
        settings = self._settings(name)
        literal = self.graph.value(targets[0])
        literal = literal if isinstance(literal, str | int | float) else None
        role = STANDARD_OPTIONS.get(name)
        standard = STANDARD[role] if role else Standard(self._kind(name, literal), flags=(name,))
        default = literal if settings.default is None and standard.from_graph else settings.default
        option = Option(
            name=name,
            kind=Kind.CHOICE if settings.choices else standard.kind,
            flags=standard.flags if settings.flags is None else tuple(settings.flags),
            help=settings.help.get("en", ""),
            minimum=_bound(settings.minimum, standard.minimum, default, min),
            maximum=_bound(settings.maximum, standard.maximum, default, max),
            multiple_of=settings.multiple_of or self._multiple(role, targets[0]),
            choices=tuple(settings.choices),
            required=standard.required and default is None,
        )
        if default is None:
            return option
        try:
            return replace(option, default=option.exact(default))
        except (WrongValueKind, ValueOutOfBounds, ValueNotAChoice):
            if name not in self.manifest.roles and name not in self.manifest.options:
                return option  # an odd value in the graph: it stays until somebody sets another
            key = f"options.{name}.default" if name in self.manifest.options else f"roles.{name}"
            raise WrongManifestValue(self.file, key, str(default), "default") from None

    def _kind(self, name: str, literal: Value | None) -> Kind:
        """The kind of an option of the workflow's own."""
        settings = self._settings(name)
        if settings.kind is not None:
            return settings.kind
        known = [v for v in (settings.default, settings.minimum, settings.maximum) if v is not None]
        if any(isinstance(value, float) for value in known):
            return Kind.NUMBER
        match next(iter(known), literal):
            case bool():
                return Kind.SWITCH
            case int():
                return Kind.INTEGER
            case float():
                return Kind.NUMBER
            case str():
                return Kind.TEXT
        raise WrongManifestValue(self.file, f"options.{name}.kind", "", "kind")

    def _multiple(self, role: Role | None, target: Target) -> int | None:
        """To what a width or height rounds: what the nodes want that the value reaches."""
        if role not in (Role.WIDTH, Role.HEIGHT):
            return None
        sized = ((node, size_inputs(node)) for node in self.graph.nodes.values())
        return max(
            (
                multiple_of(node.class_type)
                for node, size in sized
                if size and any(trace_number(self.graph, place) == target for place in size)
            ),
            default=USUAL_MULTIPLE,
        )

    def _claim_flags(self, options: Iterable[Option]) -> None:
        taken = set(RESERVED_FLAGS)
        for option in options:
            for flag in option.flags:
                if flag in taken:
                    raise FlagTaken(self.file, option.name, flag)
                taken.add(flag)

    def _with_hidden(self, places: Places, options: Iterable[Option]) -> Graph:
        """The graph with the defaults that the manifest gives to what nobody may set."""
        return self.graph.with_values(
            {
                target: option.default
                for option in options
                if self._settings(option.name).default is not None
                for target in places[option.name]
            }
        )

    def _translations(self) -> dict[str, dict[str, str]]:
        said = {"title": self.manifest.title, "description": self.manifest.description}
        said |= {f"options.{name}": settings.help for name, settings in self.manifest.options.items()}
        languages = {language for texts in said.values() for language in texts} - {"en"}
        return {lang: {key: texts[lang] for key, texts in said.items() if lang in texts} for lang in sorted(languages)}


def _bound(said: float | None, standard: float | None, default: object, widen: Callable[..., float]) -> float | None:
    """What the manifest says, else the role's standard, widened so that the default is allowed."""
    if said is not None or standard is None or not is_number(default):
        return standard if said is None else said
    return widen(standard, default)
