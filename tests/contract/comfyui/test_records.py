"""The queue, the history and the jobs: what can be asked instead of heard."""

from __future__ import annotations

import uuid

import pytest


class TestHistory:
    async def test_it_holds_a_prompt_the_moment_executing_null_is_told(self, comfy, graphs):
        async with comfy.ear() as ear:
            for _ in range(5):
                prompt_id = await comfy.accepted(graphs.plain(), ear.client_id)
                await ear.whole(prompt_id)
                assert prompt_id in (await comfy.get(f"/history/{prompt_id}")).json

    async def test_an_entry_says_what_ran_what_came_out_and_how_it_went(self, comfy, graphs):
        graph = graphs.plain()
        prompt_id, events = await comfy.run(graph)
        entry = await comfy.record(prompt_id)
        number, own_id, own_graph, extra_data, outputs = entry["prompt"]
        assert (own_id, own_graph, outputs) == (prompt_id, graph, ["2"])
        assert isinstance(number, int)
        assert set(extra_data) == {"client_id", "create_time"}
        assert entry["outputs"] == {"2": next(event.data["output"] for event in events if event.type == "executed")}
        assert (entry["status"]["status_str"], entry["status"]["completed"]) == ("success", True)
        messages = [kind for kind, _ in entry["status"]["messages"]]
        assert messages == ["execution_start", "execution_cached", "execution_success"]
        assert entry["meta"]["2"] == {"node_id": "2", "display_node": "2", "parent_node": None, "real_node_id": "2"}

    async def test_a_failure_is_an_error_with_the_message_told(self, comfy, graphs):
        prompt_id, _ = await comfy.run(graphs.failing())
        status = (await comfy.record(prompt_id))["status"]
        assert (status["status_str"], status["completed"]) == ("error", False)
        assert status["messages"][-1][0] == "execution_error"
        assert status["messages"][-1][1]["exception_message"] == "lab failure on purpose\n"

    async def test_an_unknown_prompt_is_an_empty_object(self, comfy):
        reply = await comfy.get(f"/history/{uuid.uuid4()}")
        assert (reply.status, reply.json) == (200, {})

    async def test_max_items_gives_the_newest(self, comfy, graphs):
        ids = [(await comfy.run(graphs.plain()))[0] for _ in range(3)]
        assert list((await comfy.get("/history", max_items="2")).json) == ids[1:]

    async def test_an_offset_counts_from_the_oldest(self, comfy, graphs):
        for _ in range(3):
            await comfy.run(graphs.plain())
        known = list((await comfy.get("/history")).json)
        page = await comfy.get("/history", max_items="2", offset=str(len(known) - 3))
        assert list(page.json) == known[-3:-1]
        assert (await comfy.get("/history", max_items="2", offset=str(len(known)))).json == {}

    async def test_a_deleted_entry_is_gone(self, comfy, graphs):
        prompt_id, _ = await comfy.run(graphs.plain())
        assert (await comfy.post("/history", {"delete": [prompt_id]})).status == 200
        assert (await comfy.get(f"/history/{prompt_id}")).json == {}

    async def test_a_prompt_nobody_listened_to_is_in_it_too(self, comfy, graphs):
        async with comfy.ear() as ear:
            prompt_id = await comfy.accepted(graphs.plain())
            await ear.until("status", status={"exec_info": {"queue_remaining": 0}})
        entry = await comfy.record(prompt_id)
        assert list(entry["outputs"]) == ["2"]
        assert set(entry["prompt"][3]) == {"create_time"}

    async def test_a_result_sent_over_the_websocket_leaves_no_output(self, comfy, graphs):
        prompt_id, _ = await comfy.run(graphs.plain("SaveImageWebsocket"))
        entry = await comfy.record(prompt_id)
        assert (entry["outputs"], entry["status"]["completed"]) == ({}, True)


class TestQueue:
    async def test_it_lists_what_runs_and_what_waits_with_whole_graphs(self, comfy, graphs):
        graph = graphs.plain()
        async with comfy.busy() as running:
            waiting = await comfy.accepted(graph)
            listed = (await comfy.get("/queue")).json
            assert [row[1] for row in listed["queue_running"]] == [running]
            ((number, own_id, own_graph, extra_data, outputs),) = listed["queue_pending"]
            assert (own_id, own_graph, outputs) == (waiting, graph, ["2"])
            assert number > listed["queue_running"][0][0]
            assert isinstance(extra_data["create_time"], int)
            assert (await comfy.get("/prompt")).json == {"exec_info": {"queue_remaining": 2}}
            await comfy.post("/queue", {"clear": True})

    async def test_a_number_between_two_waiting_prompts_runs_between_them(self, comfy, graphs):
        async with comfy.ear() as ear:
            async with comfy.busy():
                first = (await comfy.submit(graphs.plain(), ear.client_id)).json
                last = (await comfy.submit(graphs.plain(), ear.client_id)).json
                number = (first["number"] + last["number"]) / 2
                between = (await comfy.submit(graphs.plain(), ear.client_id, number=number)).json
                ids = [answer["prompt_id"] for answer in (first, between, last)]
                assert await comfy.waiting() == ids
            events = await ear.whole(ids[-1])
        assert [event.data["prompt_id"] for event in events if event.type == "execution_start"] == ids

    async def test_an_explicit_number_is_echoed_as_a_float_and_does_not_advance_the_counter(self, comfy, graphs):
        async with comfy.busy():
            before = (await comfy.submit(graphs.plain())).json["number"]
            explicit = (await comfy.submit(graphs.plain(), number=before + 5000)).json["number"]
            after = (await comfy.submit(graphs.plain())).json["number"]
            await comfy.post("/queue", {"clear": True})
        assert isinstance(explicit, float)
        assert (explicit, after) == (before + 5000, before + 1)

    async def test_front_is_minus_the_counter(self, comfy, graphs):
        async with comfy.busy():
            plain = (await comfy.submit(graphs.plain())).json
            front = (await comfy.submit(graphs.plain(), front=True)).json
            assert front["number"] == -(plain["number"] + 1)
            assert await comfy.waiting() == [front["prompt_id"], plain["prompt_id"]]
            await comfy.post("/queue", {"clear": True})

    async def test_a_refused_prompt_uses_up_a_number(self, comfy, graphs):
        async with comfy.busy():
            before = (await comfy.submit(graphs.plain())).json["number"]
            assert (await comfy.submit({})).status == 400
            assert (await comfy.submit(graphs.plain())).json["number"] == before + 2
            await comfy.post("/queue", {"clear": True})

    async def test_equal_numbers_run_by_id(self, comfy, graphs):
        ids = sorted(str(uuid.uuid4()) for _ in range(3))
        async with comfy.busy():
            for prompt_id in (ids[2], ids[0], ids[1]):
                await comfy.accepted(graphs.plain(), prompt_id=prompt_id, number=10**9)
            assert await comfy.waiting() == ids
            await comfy.post("/queue", {"clear": True})

    async def test_a_waiting_prompt_is_deleted_without_a_trace(self, comfy, graphs):
        async with comfy.busy(), comfy.ear() as ear:
            prompt_id = await comfy.accepted(graphs.plain(), ear.client_id)
            await ear.until("status", status={"exec_info": {"queue_remaining": 2}})
            reply = await comfy.post("/queue", {"delete": [prompt_id]})
            assert (reply.status, reply.body) == (200, b"")
            await ear.until("status", status={"exec_info": {"queue_remaining": 1}})
            assert await comfy.waiting() == []
        assert (await comfy.get(f"/history/{prompt_id}")).json == {}

    async def test_every_change_is_told_by_one_status_but_the_deletion_of_the_only_one_by_two(self, comfy, graphs):
        async with comfy.busy(), comfy.ear() as ear:
            ids = [await comfy.accepted(graphs.plain()) for _ in range(2)]
            for prompt_id in ids:
                await comfy.post("/queue", {"delete": [prompt_id]})
            await comfy.post("/queue", {"delete": ["unknown"]})
            await comfy.post("/queue", {"clear": True})
            await comfy.accepted(graphs.plain())
            await comfy.post("/queue", {"clear": True})
            events = [await ear.next() for _ in range(8)]
        counts = [event.data["status"]["exec_info"]["queue_remaining"] for event in events]
        assert counts == [2, 3, 2, 1, 1, 1, 2, 1]

    async def test_the_running_prompt_is_not_deleted_nor_an_unknown_one_missed(self, comfy):
        async with comfy.busy() as running:
            assert (await comfy.post("/queue", {"delete": [running, "unknown"]})).status == 200
            assert [row[1] for row in (await comfy.get("/queue")).json["queue_running"]] == [running]

    async def test_clear_deletes_all_that_wait(self, comfy, graphs):
        async with comfy.busy() as running:
            for _ in range(3):
                await comfy.accepted(graphs.plain())
            assert (await comfy.post("/queue", {"clear": True})).status == 200
            listed = (await comfy.get("/queue")).json
        assert (listed["queue_pending"], [row[1] for row in listed["queue_running"]]) == ([], [running])

    async def test_a_repeated_id_runs_twice_and_the_later_stays_in_the_history(self, comfy, graphs):
        async with comfy.busy():
            prompt_id = await comfy.accepted(graphs.plain(colour=1))
            assert await comfy.accepted(graphs.plain(colour=2), prompt_id=prompt_id) == prompt_id
            assert await comfy.waiting() == [prompt_id, prompt_id]
            await comfy.post("/queue", {"clear": True})


class TestInterrupt:
    async def test_it_ends_the_running_prompt_as_an_error_that_only_the_messages_tell_from_a_failure(
        self, comfy, graphs
    ):
        async with comfy.ear() as ear:
            prompt_id = await comfy.accepted(graphs.slow(60, 1000), ear.client_id)
            await ear.until("progress", prompt_id=prompt_id)
            reply = await comfy.post("/interrupt", {"prompt_id": prompt_id})
            assert (reply.status, reply.body) == (200, b"")
            events = await ear.whole(prompt_id)
        (interrupted,) = [event.data for event in events if event.type == "execution_interrupted"]
        assert (interrupted["node_id"], interrupted["node_type"], interrupted["executed"]) == ("3", "LabSleep", ["1"])
        status = (await comfy.record(prompt_id))["status"]
        assert (status["status_str"], status["completed"]) == ("error", False)
        assert status["messages"][-1][0] == "execution_interrupted"

    async def test_another_id_interrupts_nothing(self, comfy, graphs):
        async with comfy.ear() as ear:
            prompt_id = await comfy.accepted(graphs.slow(0.3, 4), ear.client_id)
            await ear.until("progress", prompt_id=prompt_id)
            assert (await comfy.post("/interrupt", {"prompt_id": str(uuid.uuid4())})).status == 200
            events = await ear.whole(prompt_id)
        assert "execution_success" in {event.type for event in events}

    async def test_without_an_id_it_ends_whatever_runs(self, comfy, graphs):
        async with comfy.ear() as ear:
            prompt_id = await comfy.accepted(graphs.slow(60, 1000), ear.client_id)
            await ear.until("progress", prompt_id=prompt_id)
            assert (await comfy.post("/interrupt")).status == 200
            events = await ear.whole(prompt_id)
        assert "execution_interrupted" in {event.type for event in events}

    async def test_an_idle_server_does_not_hold_it_against_the_next_prompt(self, comfy, graphs):
        assert (await comfy.post("/interrupt")).status == 200
        _, events = await comfy.run(graphs.plain())
        assert "execution_success" in {event.type for event in events}

    async def test_of_a_prompt_without_owner_everybody_hears(self, comfy, graphs):
        async with comfy.ear() as ear:
            prompt_id = await comfy.accepted(graphs.slow(60, 1000))
            await ear.until("progress", prompt_id=prompt_id)
            await comfy.post("/interrupt", {"prompt_id": prompt_id})
            await ear.until("execution_interrupted", prompt_id=prompt_id)
            await ear.until("status", status={"exec_info": {"queue_remaining": 0}})


class TestJobs:
    @pytest.fixture(autouse=True)
    def only_newer(self, comfy, request):
        if comfy.modern == ("older" in request.node.name):
            pytest.skip(f"not a matter of ComfyUI {comfy.version}")

    async def test_on_an_older_server_there_are_none(self, comfy):
        assert (await comfy.get("/api/jobs")).status == 404
        assert (await comfy.get(f"/api/jobs/{uuid.uuid4()}")).status == 404
        assert (await comfy.post(f"/api/jobs/{uuid.uuid4()}/cancel")).status == 405

    async def test_a_completed_one_has_outputs_and_times(self, comfy, graphs):
        graph = graphs.plain()
        prompt_id, _ = await comfy.run(graph)
        job = (await comfy.get(f"/api/jobs/{prompt_id}")).json
        assert (job["id"], job["status"], job["outputs_count"]) == (prompt_id, "completed", 1)
        assert job["create_time"] <= job["execution_start_time"] <= job["execution_end_time"]
        picture = job["outputs"]["2"]["images"][0]
        assert job["preview_output"] == {**picture, "nodeId": "2", "mediaType": "images"}
        assert job["workflow"]["prompt"] == graph

    async def test_failed_and_cancelled_are_told_apart(self, comfy, graphs):
        failed, _ = await comfy.run(graphs.failing())
        async with comfy.busy() as cancelled:
            pass
        first, second = [(await comfy.get(f"/api/jobs/{prompt_id}")).json for prompt_id in (failed, cancelled)]
        assert (first["status"], first["execution_error"]["node_id"]) == ("failed", "3")
        assert second["status"] == "cancelled"

    async def test_pending_ones_are_listed_newest_first_without_their_graphs(self, comfy, graphs):
        async with comfy.busy() as running:
            first, second = await comfy.accepted(graphs.plain()), await comfy.accepted(graphs.plain(), number=0.5)
            listed = (await comfy.get("/api/jobs", status="pending,in_progress")).json
            await comfy.post("/queue", {"clear": True})
        assert {job["id"]: job["status"] for job in listed["jobs"]} == {
            second: "pending",
            first: "pending",
            running: "in_progress",
        }
        assert set(listed["jobs"][0]) == {"id", "status", "priority", "create_time", "outputs_count"}
        assert listed["pagination"] == {"offset": 0, "limit": None, "total": 3, "has_more": False}

    async def test_cancel_is_true_for_pending_and_running_and_false_for_what_ended(self, comfy, graphs):
        async with comfy.ear() as ear:
            running = await comfy.accepted(graphs.slow(60, 1000), ear.client_id)
            await ear.until("progress", prompt_id=running)
            waiting = await comfy.accepted(graphs.plain())
            assert (await comfy.post(f"/api/jobs/{waiting}/cancel")).json == {"cancelled": True}
            assert (await comfy.get(f"/api/jobs/{waiting}")).status == 404
            assert (await comfy.post(f"/api/jobs/{running}/cancel")).json == {"cancelled": True}
            await ear.whole(running)
            assert (await comfy.post(f"/api/jobs/{running}/cancel")).json == {"cancelled": False}

    async def test_several_are_cancelled_at_once(self, comfy, graphs):
        async with comfy.busy():
            ids = [await comfy.accepted(graphs.plain()) for _ in range(2)]
            assert (await comfy.post("/api/jobs/cancel", {"job_ids": ids})).json == {"cancelled": True}
            assert await comfy.waiting() == []
        reply = await comfy.post("/api/jobs/cancel", {"job_ids": ["x"]})
        assert (reply.status, reply.json["invalid_ids"]) == (400, ["x"])

    async def test_a_bad_status_is_400_and_an_unknown_job_404(self, comfy):
        reply = await comfy.get("/api/jobs", status="bogus")
        assert reply.status == 400
        assert reply.json["error"].startswith("Invalid status value(s): bogus. Valid values: pending")
        assert (await comfy.get("/api/jobs/unknown")).json == {"error": "Job not found"}
