from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

import pytest

from bot.comfyui.errors import ServerError, ServerTimeout, ServerUnreachable
from bot.comfyui.progress import Succeeded
from bot.comfyui.records import Queue
from bot.pool.errors import KeptForOthers, Lacking, NobodyCan, NoServer, PoolFull
from bot.pool.health import CALM, WATCHFUL, Health
from bot.pool.pool import Pool
from bot.pool.renderer import Load
from bot.pool.station import KNOWLEDGE_LASTS, PATIENCE
from bot.pool.testing import FakeRenderer
from bot.workflows.findings import Finding
from bot.workflows.workflow import Workflow


def end(renderer: FakeRenderer, number: int = 1) -> None:
    renderer.prompts[number - 1].tell(Succeeded(()))


class SlowToTell(FakeRenderer):
    """Says what it has when a test lets it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.tells = asyncio.Event()

    async def findings(self, workflows: Collection[Workflow]) -> Mapping[str, tuple[Finding, ...]]:
        await self.tells.wait()
        return await super().findings(workflows)


class TestPlacing:
    async def test_a_task_goes_where_the_least_waits(self, house) -> None:
        pool = await house.pool(*[await house.busy(name, n) for name, n in (("one", 2), ("two", 1), ("three", 3))])
        assert await house.placed(pool) == "two"

    async def test_what_is_expected_to_take_longer_is_farther_away(self, house) -> None:
        servers = [await house.busy("slow", 1), await house.busy("quick", 3)]

        def wait_of(name: str, queue: Queue) -> float:
            asked.append((name, len(queue.running), [entry.prompt_id for entry in queue.pending]))
            return {"slow": 100.0, "quick": 10.0}[name] * (len(queue.running) + len(queue.pending) - 1)

        asked: list[Any] = []
        pool = await house.pool(*servers, wait_of=wait_of)
        async with pool.place(house.wish()) as first, pool.place(house.wish()):
            assert first.name == "quick"
        assert asked == [
            ("slow", 1, [""]),
            ("quick", 1, ["p0002", "p0003", ""]),
            ("quick", 1, ["p0002", "p0003", "", ""]),
        ]

    async def test_how_long_a_queue_takes_is_reckoned_anew_after_a_while(self, house, watch) -> None:
        asked: list[Any] = []
        servers = FakeRenderer("one"), FakeRenderer("two")
        pool = await house.pool(*servers, wait_of=lambda name, _: asked.append(name) or 1.0)
        for _ in range(40):
            async with pool.place(house.wish()):
                pass
            await watch.pass_by(1)
        assert Counter(asked) == {"one": 40 // CALM + 1, "two": 40 // CALM + 1}

    async def test_how_long_a_queue_takes_is_not_reckoned_where_there_is_nothing_to_choose(self, house) -> None:
        asked: list[Any] = []
        alone = await house.pool(FakeRenderer("alone"), wait_of=lambda name, _: asked.append(name) or 1.0)
        assert await house.placed(alone) == "alone"
        two = await house.pool(FakeRenderer("one"), FakeRenderer("two"), wait_of=lambda *_: asked.append("two") or 1.0)
        await two.check(house.wish())
        assert asked == []

    async def test_tasks_that_are_placed_at_once_see_each_other_coming(self, house) -> None:
        pool = await house.pool(*[await house.busy(name, n) for name, n in (("one", 0), ("two", 0), ("three", 1))])
        wish = house.wish()
        async with pool.place(wish) as first, pool.place(wish) as second, pool.place(wish) as third:
            assert house.names([first, second, third]) == ["one", "two", "one"]
        assert await house.placed(pool) == "one"

    async def test_tags_and_workflows_of_the_settings_are_kept(self, house) -> None:
        big = house.member(FakeRenderer("big"), tags=frozenset({"big"}))
        other = house.member(FakeRenderer("other"), workflows=frozenset({"edit"}))
        pool = await house.pool(other, big)
        assert await house.placed(pool) == await house.placed(pool, tags=frozenset({"big"})) == "big"
        with pytest.raises(NobodyCan) as caught:
            await house.placed(pool, tags=frozenset({"huge"}))
        assert caught.value.reasons == (KeptForOthers(("other", "big")),)

    async def test_without_servers_there_is_none(self, house) -> None:
        pool = await house.pool()
        for attempt in (house.placed(pool), pool.check(house.wish())):
            with pytest.raises(NoServer):
                await attempt

    async def test_a_place_asks_nobody_whom_it_does_not_choose(self, house) -> None:
        servers = [FakeRenderer(f"gpu{n}") for n in range(50)]
        pool = await house.pool(*servers)
        await house.placed(pool)
        asked = sum((server.asked for server in servers), Counter())
        for _ in range(100):
            await house.placed(pool)
        assert sum((server.asked for server in servers), Counter()) - asked == Counter(submit=100)

    async def test_a_thousand_tasks_are_spread_over_all_servers(self, house) -> None:
        servers = [FakeRenderer(f"gpu{n}") for n in range(10)]
        pool = await house.pool(*servers)
        await asyncio.gather(*(house.placed(pool) for _ in range(1000)))
        assert {len(server.prompts) for server in servers} == {100}


class TestWhoCan:
    async def test_nobody_can_says_which_server_lacks_what(self, house) -> None:
        left, right = FakeRenderer("left"), FakeRenderer("right")
        left.lacking = right.lacking = {"paint"}
        pool = await house.pool(left, right)
        for attempt in (house.placed(pool), pool.check(house.wish())):
            with pytest.raises(NobodyCan) as caught:
                await attempt
            (reason,) = caught.value.reasons
            assert isinstance(reason, Lacking)
            assert reason.servers == ("left", "right")
            assert reason.findings[0].code == "finding-missing-node"

    async def test_a_silent_server_may_be_able_and_is_waited_for(self, house, watch) -> None:
        unable, silent = FakeRenderer("unable"), FakeRenderer("silent")
        unable.lacking = {"paint"}
        silent.go_away()
        pool = await house.pool(unable, silent)
        await pool.check(house.wish())
        said: list[Any] = []
        task = house.placing(pool, said)
        await watch.pass_by(600)
        assert said == [("silent",)]
        silent.come_back()
        await watch.pass_by(30)
        assert task.result() == "silent"

    async def test_one_that_comes_back_without_what_it_takes_ends_the_waiting(self, house, watch) -> None:
        silent = FakeRenderer("silent")
        silent.lacking = {"paint"}
        silent.go_away()
        task = house.placing(await house.pool(silent))
        await watch.pass_by(60)
        silent.come_back()
        await watch.pass_by(30)
        with pytest.raises(NobodyCan):
            await task

    async def test_what_servers_have_is_asked_once_and_again_after_some_minutes(self, house, watch) -> None:
        server = FakeRenderer()
        pool = await house.pool(server)
        for _ in range(10):
            assert await pool.runnable([house.paint]) == {"paint"}
            await watch.pass_by(KNOWLEDGE_LASTS / 11)
        assert server.asked["findings"] == 1
        server.lacking = {"paint"}
        await watch.pass_by(KNOWLEDGE_LASTS / 11 + CALM)
        assert await pool.runnable([house.paint]) == frozenset()
        assert server.asked["findings"] == 2

    async def test_one_that_comes_back_is_asked_anew(self, house, watch) -> None:
        server = FakeRenderer()
        pool = await house.pool(server)
        assert await pool.runnable([house.paint]) == {"paint"}
        server.go_away()
        await watch.pass_by(CALM)
        assert await pool.runnable([house.paint]) == frozenset()
        server.lacking = {"paint"}
        server.come_back()
        await watch.pass_by(30)
        (findings,) = (await pool.findings([house.paint]))["fake"]["paint"]
        assert findings.code == "finding-missing-node"

    async def test_all_workflows_are_judged_by_one_answer(self, house, watch) -> None:
        server = FakeRenderer()
        pool = await house.pool(server)
        more = [house.paint, house.other("edit"), house.other("upscale")]
        assert await pool.runnable(more) == {"paint", "edit", "upscale"}
        await watch.pass_by(KNOWLEDGE_LASTS + CALM)
        assert server.asked["findings"] == 2

    async def test_a_workflow_that_has_changed_is_judged_anew(self, house) -> None:
        server = FakeRenderer()
        pool = await house.pool(server)
        assert await pool.runnable([house.paint]) == {"paint"}
        changed = house.other("paint", title="Paint better")
        server.lacking = {"paint"}
        assert await pool.runnable([changed]) == frozenset()

    async def test_a_new_workflow_on_a_silent_server_keeps_nobody_waiting(self, house) -> None:
        silent, well = FakeRenderer("silent"), FakeRenderer("well")
        silent.go_away()
        pool = await house.pool(silent, well)
        assert await pool.findings([house.paint]) == {"well": {"paint": ()}}

    async def test_a_server_that_takes_long_to_tell_holds_up_others_for_some_seconds_only(self, house, watch) -> None:
        slow, well = SlowToTell("slow"), FakeRenderer("well")
        pool = await house.pool(slow, well)
        task, checking = house.placing(pool), asyncio.ensure_future(pool.check(house.wish()))
        finding = asyncio.ensure_future(pool.findings([house.paint]))
        await watch.pass_by(PATIENCE - 1)
        assert not any(each.done() for each in (task, checking, finding))
        await watch.pass_by(1)
        assert task.result() == "well"
        assert checking.done()
        assert finding.result() == {"slow": {}, "well": {"paint": ()}}

    async def test_a_task_may_be_accepted_where_those_with_room_take_long_to_tell(self, house, watch) -> None:
        full, slow = await house.busy("full", 2), SlowToTell("slow")
        pool = await house.pool(house.member(full, max_pending=1), slow)
        checking = asyncio.ensure_future(pool.check(house.wish()))
        await watch.pass_by(PATIENCE - 1)
        assert not checking.done()
        await watch.pass_by(1)
        assert checking.done()
        checking.result()

    async def test_a_burst_at_the_start_is_spread_although_some_tell_sooner(self, house, watch) -> None:
        servers = [SlowToTell(name) for name in "abc"]
        servers[0].tells.set()
        pool = await house.pool(*servers)
        tasks = [house.placing(pool) for _ in range(9)]
        await watch.pass_by(1)
        assert not any(task.done() for task in tasks)
        for server in servers:
            server.tells.set()
        await watch.settle()
        assert Counter(task.result() for task in tasks) == {"a": 3, "b": 3, "c": 3}


class TestHealth:
    async def test_a_server_that_is_away_gets_nothing(self, house) -> None:
        away, other = FakeRenderer("away"), await house.busy("other", 5)
        away.go_away()
        assert await house.placed(await house.pool(away, other)) == "other"

    async def test_one_hiccup_is_not_being_away_but_looked_after(self, house, watch) -> None:
        server = FakeRenderer()
        pool = await house.pool(server)
        await pool.check(house.wish())
        server.hiccup = ServerTimeout(server="fake", seconds=60)
        await watch.pass_by(CALM)
        (status,) = await pool.statuses()
        assert status.health is Health.WELL
        assert server.hiccup is None
        assert await house.placed(pool) == "fake"

    async def test_looks_at_a_server_that_is_away_become_rare(self, house, watch) -> None:
        server = FakeRenderer()
        server.go_away()
        await house.pool(server)
        await watch.pass_by(600)
        assert 600 / 30 <= server.asked["queue"] <= 600 / 15 + 6

    async def test_a_server_that_answers_is_looked_at_every_few_seconds(self, house, watch) -> None:
        server = FakeRenderer()
        await house.pool(server)
        assert server.asked["queue"] == 1
        await watch.pass_by(10 * CALM)
        assert 10 <= server.asked["queue"] <= 21

    async def test_those_in_line_are_placed_when_a_server_comes_back_in_the_order_in_which_they_came(
        self, house, watch
    ) -> None:
        server = FakeRenderer()
        server.go_away()
        pool = await house.pool(server)
        said: list[list[Any]] = [[] for _ in range(5)]
        tasks = [house.placing(pool, each) for each in said]
        await watch.pass_by(600)
        assert said == [[("fake",)]] * 5
        server.come_back()
        await watch.pass_by(30)
        assert [task.result() for task in tasks] == ["fake"] * 5
        assert [prompt.task.prompt_id for prompt in server.prompts] == [f"p{n:04}" for n in range(5)]

    async def test_a_server_is_gone_after_the_grace_and_not_before(self, house, watch) -> None:
        server = FakeRenderer()
        pool = await house.pool(server)
        gone = asyncio.ensure_future(pool.gone(server, 60))
        await watch.pass_by(1000)
        server.go_away()
        await watch.pass_by(CALM)
        (status,) = await pool.statuses()
        since = watch.now - status.away_for
        await watch.pass_by(since + 59 - watch.now)
        assert not gone.done()
        await watch.pass_by(2)
        assert gone.done()

    async def test_a_server_that_comes_back_within_the_grace_was_never_gone(self, house, watch) -> None:
        server = FakeRenderer()
        pool = await house.pool(server)
        gone = asyncio.ensure_future(pool.gone(server, 60))
        for _ in range(5):
            server.go_away()
            await watch.pass_by(45)
            server.come_back()
            await watch.pass_by(45)
        assert not gone.done()
        gone.cancel()

    async def test_a_prompt_that_was_abandoned_is_cancelled_when_its_server_answers_again(self, house, watch) -> None:
        server = await house.busy("fake", 3)
        pool = await house.pool(server)
        server.go_away()
        await watch.pass_by(60)
        pool.abandon(server, "p0001")
        await watch.pass_by(600)
        assert server.asked["cancel"] == 0
        server.come_back()
        await watch.pass_by(30)
        assert server.cancelled == ["p0001"]
        await watch.pass_by(600)
        assert server.cancelled == ["p0001"]

    async def test_a_prompt_that_is_abandoned_on_a_server_that_answers_is_cancelled_now(self, house, watch) -> None:
        server = await house.busy("fake", 1)
        pool = await house.pool(server)
        pool.abandon(server, "p0000")
        await watch.settle()
        assert server.cancelled == ["p0000"]

    async def test_a_server_that_cannot_cancel_is_no_server_that_is_away(self, house, watch) -> None:
        server = await house.busy("fake", 1)
        pool = await house.pool(server)
        server.troubles["cancel"] = ServerTimeout(server="fake", seconds=60)
        pool.abandon(server, "p0000")
        await watch.pass_by(100)
        assert (await pool.statuses())[0].health is Health.WELL
        del server.troubles["cancel"]
        await watch.pass_by(CALM)
        assert server.cancelled == ["p0000"]

    async def test_a_prompt_that_cannot_be_cancelled_holds_up_no_other(self, house, watch, monkeypatch) -> None:
        server = await house.busy("fake", 3)
        pool = await house.pool(server)
        cancel = server.cancel

        async def stubborn(prompt_id: str) -> bool:
            if prompt_id == "p0000":
                raise ServerError(server="fake", status=500, reason="no")
            return await cancel(prompt_id)

        monkeypatch.setattr(server, "cancel", stubborn)
        for prompt_id in ("p0000", "p0001", "p0002"):
            pool.abandon(server, prompt_id)
        await watch.pass_by(2 * CALM)
        assert server.cancelled == ["p0001", "p0002"]

    async def test_a_fault_of_ours_with_one_server_leaves_the_others_alone(self, house, watch) -> None:
        odd, fine = FakeRenderer("odd"), FakeRenderer("fine")
        odd.troubles["findings"] = TypeError("nobody understands that")
        pool = await house.pool(odd, fine)
        placing = house.placing(pool)
        await watch.pass_by(2 * CALM)
        assert await placing == "fine"
        del odd.troubles["findings"]
        fine.go_away()
        await watch.pass_by(120)
        assert await house.placed(pool) == "odd"

    async def test_the_status_of_each_says_how_it_is(self, house, watch) -> None:
        working, away = await house.busy("working", 3), FakeRenderer("away")
        pool = await house.pool(house.member(working, weight=2.0, workflows=frozenset({"paint"})), away)
        assert await pool.runnable([house.paint, house.other("edit")]) == {"paint", "edit"}
        away.problem = problem = ServerUnreachable(server="away", reason="refused")
        await watch.pass_by(CALM)
        await watch.pass_by(45)
        pool.drain("working")
        one, two = await pool.statuses()
        assert (one.name, one.load, one.health, one.drained) == ("working", Load(1, 2), Health.WELL, True)
        assert (one.problem, one.away_for, one.terms.weight, one.runs) == (None, None, 2.0, {"paint"})
        assert (two.name, two.load, two.problem, two.health, two.drained) == ("away", None, problem, Health.AWAY, False)
        assert 45 <= two.away_for <= 60


class TestRoom:
    async def test_a_full_server_gets_the_next_when_one_of_its_tasks_begins(self, house, watch) -> None:
        server = await house.busy("fake", 3)
        pool = await house.pool(house.member(server, max_pending=2))
        said: list[Any] = []
        task = house.placing(pool, said)
        await watch.settle()
        assert (len(server.prompts), said) == (3, [])
        end(server)
        await watch.pass_by(WATCHFUL)
        assert task.result() == "fake"
        assert len(server.seen.pending) == 2

    async def test_a_full_server_is_looked_at_closely_for_those_that_wait(self, house, watch) -> None:
        server = await house.busy("fake", 3)
        pool = await house.pool(house.member(server, max_pending=2))
        with pytest.raises(PoolFull):
            await pool.check(house.wish())
        await watch.pass_by(CALM)
        task = house.placing(pool)
        await watch.settle()
        end(server)
        await watch.pass_by(WATCHFUL)
        assert task.done()

    async def test_a_task_of_ours_that_ends_makes_room_at_once(self, house, watch) -> None:
        server = FakeRenderer()
        pool = await house.pool(house.member(server, max_pending=1))
        await house.placed(pool)
        await house.placed(pool)
        with pool.hold(server):
            task = house.placing(pool)
            await watch.settle()
            end(server)
        await watch.settle()
        assert task.done()

    async def test_nobody_is_placed_beyond_the_brim_whoever_comes_at_once(self, house, watch) -> None:
        servers = [FakeRenderer("a"), FakeRenderer("b")]
        pool = await house.pool(*(house.member(server, max_pending=2) for server in servers))
        tasks = [house.placing(pool) for _ in range(20)]
        for ended in range(20):
            await watch.pass_by(2 * WATCHFUL)
            assert all(len(server.seen.pending) <= 2 for server in servers)
            server = servers[ended % 2]
            if len(server.prompts) > ended // 2:
                end(server, ended // 2 + 1)
        await asyncio.wait_for(asyncio.gather(*tasks), 5)

    async def test_where_all_are_full_the_next_is_refused_with_how_many_may_wait(self, house) -> None:
        one, two, unable = await house.busy("one", 3), await house.busy("two", 5), FakeRenderer("unable")
        unable.lacking = {"paint"}
        members = [house.member(server, max_pending=n) for server, n in ((one, 2), (two, 4), (unable, 8))]
        pool = await house.pool(*members)
        with pytest.raises(PoolFull) as caught:
            await pool.check(house.wish())
        assert caught.value.limit == 6
        end(one)
        await pool.check(house.wish())

    async def test_a_silent_server_does_not_make_room(self, house) -> None:
        full, silent = await house.busy("full", 2), FakeRenderer("silent")
        silent.go_away()
        pool = await house.pool(house.member(full, max_pending=1), silent)
        with pytest.raises(PoolFull):
            await pool.check(house.wish())

    async def test_others_are_those_that_could_take_it_now(self, house, watch) -> None:
        here, there = FakeRenderer("here"), FakeRenderer("there")
        pool = await house.pool(here, there)
        wish = house.wish(avoid=frozenset({"here"}))
        await pool.check(wish)
        assert pool.others(wish)
        there.go_away()
        await watch.pass_by(CALM)
        assert not pool.others(wish)
        there.come_back()
        await watch.pass_by(30)
        pool.drain("there")
        assert not pool.others(wish)


class TestDraining:
    async def test_a_drained_server_keeps_what_it_has_and_gets_nothing_new(self, house) -> None:
        one, two = await house.busy("one", 2), await house.busy("two", 9)
        pool = await house.pool(one, two)
        pool.drain("one")
        assert await house.placed(pool) == "two"
        assert one.cancelled == []
        pool.resume("one")
        assert await house.placed(pool) == "one"

    async def test_where_all_are_drained_a_task_waits(self, house, watch) -> None:
        pool = await house.pool(FakeRenderer())
        await pool.check(house.wish())
        pool.drain("fake")
        await pool.check(house.wish())
        said: list[Any] = []
        task = house.placing(pool, said)
        await watch.pass_by(100)
        assert (task.done(), said) == (False, [])
        pool.resume("fake")
        await watch.settle()
        assert task.result() == "fake"

    @pytest.mark.parametrize("change", [Pool.drain, Pool.resume])
    async def test_nobody_drains_what_is_not_there(self, house, change) -> None:
        with pytest.raises(KeyError):
            change(await house.pool(FakeRenderer()), "other")


class TestReconfiguring:
    async def test_an_equal_server_stays_the_very_same_on_new_terms(self, house) -> None:
        kept, same = FakeRenderer("kept"), FakeRenderer("kept")
        pool = await house.pool(house.member(kept, key=1))
        await pool.reconfigure([house.member(same, key=1, max_pending=7)])
        assert pool["kept"] is kept
        assert (house.opened, house.closed) == ([kept], [])
        assert (await pool.statuses())[0].terms.max_pending == 7

    async def test_a_new_server_takes_those_that_wait(self, house, watch) -> None:
        silent, new = FakeRenderer("silent"), FakeRenderer("new")
        silent.go_away()
        pool = await house.pool(house.member(silent))
        task = house.placing(pool)
        await watch.settle()
        await pool.reconfigure([house.member(silent), house.member(new)])
        await watch.settle()
        assert task.result() == "new"

    async def test_a_server_that_left_is_closed_when_its_last_task_has_ended(self, house, watch) -> None:
        left, stays = FakeRenderer("left"), FakeRenderer("stays")
        pool = await house.pool(left, stays)
        async with pool.place(house.wish()) as renderer:
            assert renderer is left
            hold = pool.hold(renderer)
            hold.__enter__()
        await pool.reconfigure([house.member(stays)])
        await watch.pass_by(100)
        assert house.closed == []
        assert "left" in pool
        assert pool["left"] is left
        assert house.names(await pool.statuses()) == ["stays"]
        assert await house.placed(pool) == "stays"
        hold.__exit__(None, None, None)
        await watch.settle()
        assert house.closed == [left]
        assert "left" not in pool
        with pytest.raises(KeyError):
            pool["left"]

    async def test_a_server_that_nobody_uses_is_closed_at_once(self, house, watch) -> None:
        left, stays = FakeRenderer("left"), FakeRenderer("stays")
        pool = await house.pool(left, stays)
        await pool.reconfigure([house.member(stays)])
        await watch.settle()
        assert house.closed == [left]

    async def test_a_task_that_is_being_placed_holds_its_server(self, house, watch) -> None:
        left, stays = FakeRenderer("left"), FakeRenderer("stays")
        pool = await house.pool(left, stays)
        async with pool.place(house.wish()):
            await pool.reconfigure([house.member(stays)])
            await watch.settle()
            assert house.closed == []
        await watch.settle()
        assert house.closed == [left]

    async def test_of_a_changed_server_new_tasks_go_to_the_new_and_old_ones_end_on_the_old(self, house, watch) -> None:
        old, new = FakeRenderer("gpu"), FakeRenderer("gpu")
        pool = await house.pool(house.member(old, key="old"))
        await house.placed(pool)
        with pool.hold(old):
            await pool.reconfigure([house.member(new, key="new")])
            assert pool["gpu"] is new
            await house.placed(pool)
            assert (len(old.prompts), len(new.prompts)) == (1, 1)
            assert house.closed == []
        await watch.settle()
        assert house.closed == [old]
        assert pool["gpu"] is new

    async def test_one_that_returns_before_it_was_closed_is_the_very_same(self, house, watch) -> None:
        server = FakeRenderer("gpu")
        pool = await house.pool(house.member(server))
        with pool.hold(server):
            await pool.reconfigure([])
            await pool.reconfigure([house.member(FakeRenderer("gpu"))])
        await watch.pass_by(100)
        assert (house.opened, house.closed) == ([server], [])
        assert await house.placed(pool) == "gpu"

    async def test_a_server_that_left_is_gone_only_when_it_does_not_answer(self, house, watch) -> None:
        server = FakeRenderer("gpu")
        pool = await house.pool(server)
        with pool.hold(server):
            gone = asyncio.ensure_future(pool.gone(server, 60))
            await pool.reconfigure([])
            await watch.pass_by(600)
            assert not gone.done()
            server.go_away()
            await watch.pass_by(60)
            assert not gone.done()
            await watch.pass_by(60)
            assert gone.done()

    async def test_one_that_is_closed_is_gone(self, house) -> None:
        server = FakeRenderer("gpu")
        pool = await house.pool(server)
        gone = asyncio.ensure_future(pool.gone(server, 60))
        await pool.reconfigure([])
        await asyncio.wait_for(gone, 5)
        await asyncio.wait_for(pool.gone(server, 60), 5)
        with pytest.raises(KeyError), pool.hold(server):
            pass

    async def test_a_drained_server_stays_so_through_a_change_of_its_settings(self, house) -> None:
        pool = await house.pool(house.member(FakeRenderer("gpu"), key=1))
        pool.drain("gpu")
        await pool.reconfigure([house.member(FakeRenderer("gpu"), key=2)])
        assert (await pool.statuses())[0].drained

    async def test_settings_that_cannot_be_opened_change_nothing(self, house, watch) -> None:
        stays, new = FakeRenderer("stays"), FakeRenderer("new")
        pool = await house.pool(stays)
        with pytest.raises(ZeroDivisionError):
            await pool.reconfigure([house.member(new), house.broken("broken", ZeroDivisionError())])
        await watch.settle()
        assert house.names([pool["stays"]]) == ["stays"]
        assert ("new" in pool, house.opened, house.closed) == (False, [stays, new], [new])
        assert await house.placed(pool) == "stays"


class TestListing:
    async def test_the_models_of_all_servers_that_answer_by_folder(self, house) -> None:
        one, two, away = FakeRenderer("one"), FakeRenderer("two"), FakeRenderer("away")
        one.folders = {"checkpoints": ("owl", "fox")}
        two.folders = {"checkpoints": ("fox", "bee"), "loras": ("ink",)}
        away.go_away()
        pool = await house.pool(one, two, away)
        for _ in range(3):
            assert await pool.models() == {"checkpoints": ("bee", "fox", "owl"), "loras": ("ink",)}
        assert (one.asked["models"], two.asked["models"], away.asked["models"]) == (1, 1, 0)

    async def test_leaving_a_pool_closes_every_server(self, house) -> None:
        one, two = FakeRenderer("one"), FakeRenderer("two")
        async with Pool([house.member(one), house.member(two)]):
            assert house.opened == [one, two]
        assert sorted(house.names(house.closed)) == ["one", "two"]

    async def test_lent_servers_are_used_and_left_as_they_are(self, house) -> None:
        server = FakeRenderer()
        async with Pool.of([server]) as pool:
            assert pool["fake"] is server
            assert await house.placed(pool) == "fake"

    async def test_an_error_within_a_pool_comes_out_as_it_is(self) -> None:
        with pytest.raises(ZeroDivisionError):
            async with Pool.of([FakeRenderer()]):
                raise ZeroDivisionError
