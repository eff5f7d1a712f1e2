from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.workflows.errors import NotAGraph, NotANode, UiFormat
from bot.workflows.graph import Graph, Link, Target

_IDS = st.sampled_from(["1", "2", "12:3", "12:3:4", "noise.maker"])
_LITERALS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_INPUTS = st.dictionaries(st.text(max_size=8), _LITERALS | st.tuples(_IDS, st.integers(0, 5)).map(list), max_size=5)
_NODES = st.fixed_dictionaries(
    {"inputs": _INPUTS, "class_type": st.text(min_size=1, max_size=8)},
    optional={"_meta": st.fixed_dictionaries({"title": st.text(max_size=8)}), "is_changed": _LITERALS},
)
GRAPHS = st.dictionaries(_IDS, _NODES, min_size=1)


@given(GRAPHS)
def test_any_graph_comes_out_as_it_went_in(document):
    assert Graph.parse(json.dumps(document)).api() == document


def test_what_comes_out_is_fresh_each_time(read):
    graph = read("1 Mixer settings={} amount=1")
    graph.api()["1"]["inputs"]["settings"]["loud"] = True
    assert graph.api()["1"]["inputs"] == {"settings": {}, "amount": 1}


@pytest.mark.parametrize(
    ("value", "is_link"),
    [
        (["4", 0], True),
        (["4", 7], True),
        (["99", 0], False),  # no such node
        (["4", 0, 0], False),
        (["4"], False),
        ([4, 0], False),
        (["4", "0"], False),
        (["4", True], False),
        (["4", 0.5], False),
        ({"__value__": ["4", 0]}, False),
        ("4", False),
    ],
)
def test_only_a_list_of_a_known_node_and_an_output_is_a_link(value, is_link):
    document = {"4": {"inputs": {}, "class_type": "A"}, "5": {"inputs": {"x": value}, "class_type": "B"}}
    assert isinstance(Graph.parse(json.dumps(document)).nodes["5"].inputs["x"], Link) is is_link


def test_a_node_without_a_title_is_called_by_its_class():
    document = {"1": {"inputs": {}, "class_type": "A"}, "2": {"inputs": {}, "class_type": "B", "_meta": {"title": " "}}}
    assert [node.title for node in Graph.parse(json.dumps(document)).nodes.values()] == ["A", "B"]


@pytest.mark.parametrize(
    ("data", "seems"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"{}", "empty"),
        (b"{", "not-json"),
        (b"\xff\xfe\x00", "not-json"),
        (b"[" * 100_000, "not-json"),
        (b"\x89PNG\r\n\x1a\n....", "picture"),
        (b"\xff\xd8\xff\xe0....", "picture"),
        (b'{"prompt": {"1": {"class_type": "A", "inputs": {}}}, "client_id": "x"}', "request"),
        (b'[{"class_type": "A"}]', "list"),
        (b'"text"', "other"),
        (b'{"version": 1, "name": "settings"}', "other"),
        (b'{"prompt": "a fox"}', "other"),
    ],
)
def test_what_is_no_graph_is_named_for_what_it_seems_to_be(data, seems):
    with pytest.raises(NotAGraph) as raised:
        Graph.parse(data, "fox.json")
    assert (raised.value.file, raised.value.seems) == ("fox.json", seems)


def test_a_graph_saved_for_the_editor_is_refused_as_such():
    saved = {
        "last_node_id": 1,
        "nodes": [{"id": 1, "type": "KSampler", "widgets_values": []}],
        "links": [],
        "version": 0.4,
    }
    with pytest.raises(UiFormat):
        Graph.parse(json.dumps(saved), "fox.json")


@pytest.mark.parametrize("node", [None, "text", {"inputs": {}}, {"class_type": 5}, {"class_type": "A", "inputs": []}])
def test_a_thing_that_is_no_node_is_named(node):
    with pytest.raises(NotANode) as raised:
        Graph.parse(json.dumps({"1": {"class_type": "A", "inputs": {}}, "7": node}))
    assert raised.value.node == "7"


def test_a_byte_order_mark_is_no_obstacle():
    assert set(Graph.parse('{"1": {"class_type": "A", "inputs": {}}}'.encode("utf-8-sig")).nodes) == {"1"}
    assert set(Graph.parse('\ufeff{"1": {"class_type": "A", "inputs": {}}}').nodes) == {"1"}


def test_a_written_value_replaces_a_link_and_leaves_the_first_graph_alone(read):
    graph = read("1 Number value=3\n2 Sampler steps=@1 cfg=8")
    written = graph.with_values({Target("2", "steps"): 30})
    assert written.api()["2"]["inputs"] == {"steps": 30, "cfg": 8}
    assert graph.api()["2"]["inputs"] == {"steps": ["1", 0], "cfg": 8}


def test_a_walk_goes_depth_first_in_the_order_of_the_inputs(read):
    graph = read("1 End a=@2 b=@3\n2 Left x=@4\n3 Right x=@4\n4 Start")
    walked = [node.id for node, _ in graph.walk([Link("1", 0)], lambda node: [link for _, link in node.links()])]
    assert walked == ["1", "2", "4", "3"]


def test_walks_end_on_circles(read):
    graph = read("1 A x=@2\n2 B x=@3\n3 C x=@1 y=@3")
    assert graph.ancestors(["1"]) == {"1", "2", "3"}
    assert set(graph.depths()) == {"1", "2", "3"}


def test_a_graph_of_five_thousand_nodes_in_a_row_is_walked():
    row = {str(n): {"inputs": {"x": [str(n + 1), 0]}, "class_type": "A"} for n in range(5_000)}
    row["5000"] = {"inputs": {}, "class_type": "A"}
    graph = Graph.parse(json.dumps(row))
    assert len(graph.ancestors(["0"])) == 5_001
    assert graph.depths()["0"] == 5_000


@given(st.data())
def test_a_node_lies_deeper_than_what_feeds_it(data):
    size = data.draw(st.integers(1, 12))
    document = {
        str(n): {
            "inputs": {str(i): [str(feed), 0] for i, feed in enumerate(data.draw(st.sets(st.integers(0, n - 1))))}
            if n
            else {},
            "class_type": "A",
        }
        for n in range(size)
    }
    graph = Graph.parse(json.dumps(document))
    depths = graph.depths()
    assert all(depths[node.id] > depths[link.node] for node in graph.nodes.values() for _, link in node.links())
    assert all(b - a <= 1 for a, b in pairwise(sorted(depths.values())))
