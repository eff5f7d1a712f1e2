"""What the WebSocket tells of a prompt, in which order, and to whom."""

from __future__ import annotations

import asyncio
import uuid


def told(events, prompt_id):
    """The types of the events of one prompt; an `executing` with its node."""
    own = [event for event in events if event.data.get("prompt_id") == prompt_id and isinstance(event.type, str)]
    return [f"executing {event.data['node']}" if event.type == "executing" else event.type for event in own]


def without(kinds, *skipped):
    return [kind for kind in kinds if kind not in skipped]


async def test_a_prompt_is_told_from_start_to_executing_null(comfy, graphs):
    prompt_id, events = await comfy.run(graphs.plain())
    assert told(events, prompt_id) == [
        *("execution_start", "execution_cached"),
        *("progress_state", "executing 1", "progress_state"),
        *("progress_state", "executing 2", "executed", "progress_state"),
        *("execution_success", "executing None"),
    ]


async def test_status_counts_a_prompt_when_it_is_put_when_it_is_taken_and_when_it_is_done(comfy, graphs):
    _, events = await comfy.run(graphs.plain())
    counts = [event.data["status"]["exec_info"]["queue_remaining"] for event in events if event.type == "status"]
    assert counts == [1, 1, 0]
    assert [event.type for event in events[-3:]] == ["execution_success", "status", "executing"]


async def test_a_greeting_names_the_socket_and_the_count(comfy):
    client_id = uuid.uuid4().hex
    async with comfy.session.ws_connect(f"{comfy.url}/ws?clientId={client_id}") as socket:
        greeting = await socket.receive_json()
    assert greeting == {
        "type": "status",
        "data": {"status": {"exec_info": {"queue_remaining": 0}}, "sid": client_id},
    }


async def test_a_socket_without_a_client_id_is_given_one(comfy):
    async with comfy.session.ws_connect(f"{comfy.url}/ws") as socket:
        greeting = await socket.receive_json()
    assert len(greeting["data"]["sid"]) == 32


async def test_the_socket_is_also_under_api(comfy):
    async with comfy.session.ws_connect(f"{comfy.url}/api/ws?clientId=x") as socket:
        assert (await socket.receive_json())["data"]["sid"] == "x"


async def test_a_sampler_reports_each_step_once_from_one(comfy):
    prompt_id, events = await comfy.run(await comfy.diffusion(steps=4))
    steps = [(event.data["value"], event.data["max"]) for event in events if event.type == "progress"]
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert {event.data["node"] for event in events if event.type == "progress"} == {"3"}
    assert {event.data["prompt_id"] for event in events if event.type == "progress"} == {prompt_id}


async def test_nodes_run_in_the_order_in_which_they_are_found_from_the_output_back(comfy):
    _, events = await comfy.run(await comfy.diffusion(text=uuid.uuid4().hex, negative=uuid.uuid4().hex, width=72))
    order = [event.data["node"] for event in events if event.type == "executing"]
    assert [node for node in order if node in {"7", "6", "3", "8", "9"}] == ["7", "6", "3", "8", "9"]


async def test_progress_state_shows_the_nodes_begun_so_far(comfy, graphs):
    prompt_id, events = await comfy.run(graphs.plain())
    states = [event.data["nodes"] for event in events if event.type == "progress_state"]
    assert [{node: state["state"] for node, state in nodes.items()} for nodes in states] == [
        {"1": "running"},
        {"1": "finished"},
        {"1": "finished", "2": "running"},
        {"1": "finished", "2": "finished"},
    ]
    assert states[0]["1"] == {
        "value": 0.0,
        "max": 1.0,
        "state": "running",
        "node_id": "1",
        "prompt_id": prompt_id,
        "display_node_id": "1",
        "parent_node_id": None,
        "real_node_id": "1",
    }


async def test_executed_lists_every_picture_of_a_batch(comfy, graphs):
    _, events = await comfy.run(graphs.plain(batch=3))
    (executed,) = [event for event in events if event.type == "executed"]
    assert executed.data["node"] == executed.data["display_node"] == "2"
    pictures = executed.data["output"]["images"]
    assert len({picture["filename"] for picture in pictures}) == 3
    assert {(picture["subfolder"], picture["type"]) for picture in pictures} == {("", "output")}


async def test_a_failing_node_is_told_with_all_that_is_known_and_then_executing_null(comfy, graphs):
    prompt_id, events = await comfy.run(graphs.failing())
    assert without(told(events, prompt_id), "progress_state")[-2:] == ["execution_error", "executing None"]
    (error,) = [event.data for event in events if event.type == "execution_error"]
    assert (error["node_id"], error["node_type"], error["executed"]) == ("3", "LabFail", ["1"])
    assert (error["exception_type"], error["exception_message"]) == ("ValueError", "lab failure on purpose\n")
    assert error["traceback"]
    assert error["current_inputs"]["salt"]
    assert isinstance(error["timestamp"], int)


async def test_everybody_hears_status_and_only_the_owner_hears_the_rest(comfy, graphs):
    async with comfy.ear() as owner, comfy.ear() as other:
        prompt_id = await comfy.accepted(graphs.plain(), owner.client_id)
        await owner.whole(prompt_id)
        heard = await other.until("status", status={"exec_info": {"queue_remaining": 0}})
    assert {event.type for event in heard} == {"status"}


async def test_progress_of_a_prompt_without_owner_is_told_to_everybody_and_its_ends_to_nobody(comfy, graphs):
    async with comfy.ear() as ear:
        prompt_id = await comfy.accepted(graphs.slow(0.02, 2))
        heard = await ear.until("status", status={"exec_info": {"queue_remaining": 0}})
    assert set(told(heard, prompt_id)) == {"progress_state", "progress"}


async def test_the_events_of_a_prompt_may_precede_the_answer_to_its_post(comfy, graphs):
    async with comfy.ear() as ear:
        prompt_id = str(uuid.uuid4())
        posting = asyncio.create_task(comfy.submit(graphs.plain(), ear.client_id, prompt_id=prompt_id))
        await ear.until("execution_start", prompt_id=prompt_id)  # found by the id we chose, answered or not
        assert (await posting).json["prompt_id"] == prompt_id


class TestCaching:
    async def test_the_same_graph_again_runs_nothing_and_repeats_the_old_file(self, comfy, graphs):
        graph = graphs.plain()
        _, first = await comfy.run(graph)
        prompt_id, second = await comfy.run(graph)
        assert told(second, prompt_id) == [
            *("execution_start", "execution_cached"),
            *("executed", "progress_state"),
            *("execution_success", "executing None"),
        ]
        assert next(event.data["nodes"] for event in second if event.type == "execution_cached") == ["1", "2"]
        files = [next(event.data["output"] for event in run if event.type == "executed") for run in (first, second)]
        assert files[0] == files[1]

    async def test_node_ids_do_not_matter_to_the_cache(self, comfy, graphs):
        colour = graphs.unique()
        await comfy.run(graphs.plain(colour=colour))
        renamed = {
            "x1": graphs.plain(colour=colour)["1"],
            "x2": graphs.node("SaveImage", images=["x1", 0], filename_prefix="contract"),
        }
        _, events = await comfy.run(renamed)
        assert next(event.data["nodes"] for event in events if event.type == "execution_cached") == ["x1", "x2"]

    async def test_only_what_changed_runs_again(self, comfy, graphs):
        colour = graphs.unique()
        await comfy.run(graphs.plain(colour=colour))
        prompt_id, events = await comfy.run(graphs.plain(colour=colour, prefix="contract_other"))
        assert next(event.data["nodes"] for event in events if event.type == "execution_cached") == ["1"]
        assert [kind for kind in told(events, prompt_id) if kind.startswith("executing")] == [
            "executing 2",
            "executing None",
        ]

    async def test_another_graph_in_between_evicts_it(self, comfy, graphs):
        graph = graphs.plain()
        await comfy.run(graph)
        await comfy.run(graphs.plain())
        _, events = await comfy.run(graph)
        assert next(event.data["nodes"] for event in events if event.type == "execution_cached") == []

    async def test_free_memory_forgets_it(self, comfy, graphs):
        graph = graphs.plain()
        await comfy.run(graph)
        assert (await comfy.post("/free", {"free_memory": True})).status == 200
        async with asyncio.timeout(10):  # a worker that waits looks at the flag once a second
            while True:
                _, events = await comfy.run(graph)
                if next(event.data["nodes"] for event in events if event.type == "execution_cached") == []:
                    break

    async def test_what_ran_before_a_failure_is_kept(self, comfy, graphs):
        graph = graphs.failing()
        await comfy.run(graph)
        _, events = await comfy.run(graph)
        assert next(event.data["nodes"] for event in events if event.type == "execution_cached") == ["1"]

    async def test_a_cached_run_without_owner_leaves_no_outputs_in_the_history(self, comfy, graphs):
        graph = graphs.plain()
        async with comfy.ear() as ear:
            first = await comfy.accepted(graph, ear.client_id)
            await ear.whole(first)
            second = await comfy.accepted(graph)
            await ear.until("status", status={"exec_info": {"queue_remaining": 1}})
            await ear.until("status", status={"exec_info": {"queue_remaining": 0}})
        assert (await comfy.record(first))["outputs"] != {}
        assert (await comfy.record(second))["outputs"] == {}
