"""What is kept of a graph while it runs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.comfyui.plan import Plan


def node(kind: str, title: str | None = None, **inputs: object) -> dict[str, object]:
    return {"class_type": kind, "inputs": inputs} | ({"_meta": {"title": title}} if title else {})


FLUX = {
    "10": node("UNETLoader", "Load FLUX"),
    "6": node("CLIPTextEncode", text="a cat", clip=["10", 0]),
    "35": node("BasicScheduler", steps=20, model=["10", 0]),
    "32": node("RandomNoise", noise_seed=1),
    "31": node("SamplerCustomAdvanced", noise=["32", 0], sigmas=["35", 0], positive=["6", 0]),
    "9": node("SaveImage", images=["31", 0]),
    "40": node("SaveImageWebsocket", images=["31", 0]),
}


def test_nodes_are_called_by_their_title_or_their_class():
    titles = Plan.of(FLUX).titles
    assert (titles["10"], titles["6"]) == ("Load FLUX", "CLIPTextEncode")


def test_what_samples_is_heavy_and_what_only_makes_steps_sigmas_or_noise_is_not():
    assert Plan.of(FLUX).heavy == {"31"}
    assert Plan.of({"3": node("KSampler", steps=20)}).heavy == {"3"}


def test_nodes_that_stream_their_pictures_are_known():
    assert Plan.of(FLUX).streams == {"40"}


def test_a_dropped_output_takes_along_what_only_it_needed():
    graph = FLUX | {"50": node("LoadImage"), "51": node("SaveImage", images=["50", 0])}
    assert Plan.of(graph, without={"51"}).titles.keys() == FLUX.keys()
    assert Plan.of(graph).titles.keys() == graph.keys()


def test_a_graph_that_is_none_gives_what_can_be_had():
    assert Plan.of({"1": "no node", "2": {"inputs": []}, "3": {"class_type": None, "_meta": []}}).titles == {
        "2": "",
        "3": "",
    }


def test_links_in_a_circle_end():
    assert Plan.of({"1": node("A", x=["2", 0]), "2": node("B", x=["1", 0])}).titles.keys() == {"1", "2"}


@given(
    st.dictionaries(
        st.text(max_size=2),
        st.none()
        | st.dictionaries(
            st.sampled_from(["class_type", "inputs", "_meta"]),
            st.none() | st.text(max_size=3) | st.dictionaries(st.text(max_size=2), st.lists(st.integers(), max_size=2)),
        ),
        max_size=5,
    )
)
def test_any_json_object_has_a_plan(graph):
    assert Plan.of(graph).titles.keys() <= graph.keys()
