"""Where new jobs go in a server's queue: by example, and whatever anybody does."""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.comfyui.records import Entry, Queue
from bot.jobs.fairness import WEB, Share, number


@dataclass
class Server:
    """A ComfyUI's queue, as far as the order in it goes: it runs the lowest number and counts what comes without."""

    running: Entry | None = None
    heap: list[tuple[float, str]] = field(default_factory=list)
    counter: int = 0
    names: int = 0
    shares: dict[str, Share] = field(default_factory=dict)
    started: list[str] = field(default_factory=list)

    @property
    def queue(self) -> Queue:
        pending = tuple(Entry(number, prompt) for number, prompt in sorted(self.heap))
        return Queue((self.running,) if self.running else (), pending)

    @property
    def order(self) -> list[str]:
        return [entry.prompt_id for entry in (*self.queue.running, *self.queue.pending)]

    def submit(self, share: Share) -> str:
        return self.post(share, number(self.queue, share, self.shares.__getitem__))

    def post(self, share: Share, wanted: float | None = None) -> str:
        # a name says how the order of equal numbers would be wrong: the later, the smaller
        self.names += 1
        prompt = f"{share.owner} {1_000_000 - self.names}"
        self.shares[prompt] = share
        if wanted is None:
            wanted = float(self.counter)
            self.counter += 1
        assert wanted not in {entry.number for entry in (*self.queue.running, *self.queue.pending)}
        heapq.heappush(self.heap, (wanted, prompt))
        return prompt

    def run_next(self) -> None:
        self.running = Entry(*heapq.heappop(self.heap)) if self.heap else None
        if self.running:
            self.started.append(self.running.prompt_id)

    def drain(self) -> list[str]:
        while self.heap:
            self.run_next()
        return self.started

    def counted(self) -> dict[str, int]:
        """The round of each prompt if its owner's are merely counted."""
        seen: Counter[str] = Counter()
        rounds = {}
        for prompt in self.order:
            share = self.shares[prompt]
            rounds[prompt] = int(seen[share.owner] / share.weight + 1e-9)
            seen[share.owner] += 1
        return rounds

    def __str__(self) -> str:
        owners = "".join(self.shares[prompt].owner[0] for prompt in self.order)
        return f"{owners[:1]}|{owners[1:]}" if self.running else f"|{owners}"


WEIGHTS = {"A": 1.0, "B": 1.0, "C": 1.0, "D": 2.0, "E": 0.5, "F": 1.5}


def share_of(letter: str) -> Share:
    return WEB if letter == "w" else Share(letter, WEIGHTS[letter])


def server_with(queue: str) -> Server:
    """`A|AAB`: one of A's runs and the others came in this order by plain posts."""
    server = Server()
    running, _, pending = queue.partition("|")
    for letter in running + pending:
        server.post(share_of(letter))
    if running:
        server.run_next()
    return server


@pytest.mark.parametrize(
    ("queue", "newcomers", "becomes"),
    [
        ("|", "A", "|A"),
        ("A|", "A", "A|A"),
        ("A|", "B", "A|B"),
        ("A|AAAAAAAAA", "B", "A|BAAAAAAAAA"),
        ("A|AAA", "BB", "A|BABAA"),
        ("A|AAA", "BC", "A|BCAAA"),
        ("A|AAA", "BBCC", "A|BCABCAA"),
        ("A|AAA", "A", "A|AAAA"),
        ("|AAA", "B", "|ABAA"),
        # D gets two to everybody's one
        ("A|AAA", "DDD", "A|DDADAA"),
        ("D|DDDD", "A", "D|DADDD"),
        # E gets one to everybody's two, and the first as soon as anybody
        ("A|AAA", "EE", "A|EAAEA"),
        # F gets three to everybody's two
        ("A|AAAA", "FFFF", "A|FFAFAFAA"),
        # the web page's people are one more person
        ("w|www", "B", "w|Bwww"),
        ("A|ww", "B", "A|wBw"),
        ("A|AAAw", "B", "A|BAAAw"),
        # its first, at the end, is not to wait for anybody's second
        ("A|AAAw", "BB", "A|BAAAwB"),
    ],
)
def test_a_new_job_takes_its_turn(queue, newcomers, becomes):
    server = server_with(queue)

    for letter in newcomers:
        server.submit(share_of(letter))

    assert str(server) == becomes


def test_who_has_just_had_a_turn_does_not_come_again_before_who_waits_for_one():
    server = server_with("A|")
    for letter in "BBA":
        server.submit(share_of(letter))
    server.run_next()
    assert str(server) == "B|BA"

    server.submit(share_of("A"))

    assert str(server) == "B|BAA"


def test_a_job_at_the_end_gets_no_number_so_that_the_servers_counter_goes_on():
    queue = Queue((Entry(0, "a0"),), (Entry(1, "a1"),))

    assert number(queue, Share("a"), lambda _: Share("a")) is None


def numbered(running: Sequence[float], pending: Sequence[float], place: int) -> float | None:
    """The number of a job that goes before the pending prompt of that place: those before are all somebody's first."""
    entries = [Entry(each, f"p{index}") for index, each in enumerate(pending)]
    first = {entry.prompt_id for entry in entries[:place]}
    shares = {prompt: Share(prompt) for prompt in first}
    queue = Queue(tuple(Entry(each, f"r{index}") for index, each in enumerate(running)), tuple(entries))
    return number(queue, Share("new"), lambda prompt: shares.get(prompt, Share("heavy")))


@pytest.mark.parametrize(
    ("running", "pending", "place", "low", "high"),
    [
        ((3,), (4, 5), 0, 3, 4),
        ((3,), (4, 5), 1, 4, 5),
        ((9,), (4, 5), 0, -math.inf, 4),
        ((3, 3.5), (4,), 0, 3.5, 4),
        ((4,), (math.nextafter(4, 5), 5), 0, -math.inf, 4),
        ((4,), (4, 5), 0, -math.inf, 4),
        ((0,), (-7, 5), 0, -math.inf, -7),
        ((-math.inf,), (4, 5), 0, 0, 4),
        ((0,), (1, math.nextafter(1, 2), 3), 1, math.nextafter(1, 2), 3),
        ((0,), (1, 1, 1, 2), 1, 1, 2),
        ((0,), (-1e308, 1e308), 1, -1e308, 1e308),
        ((0,), (5e-324, 1.5e-323), 1, 5e-324, 1.5e-323),
        ((0,), (1, math.inf), 1, 1, math.inf),
    ],
)
def test_a_number_is_strictly_between_its_neighbours(running, pending, place, low, high):
    chosen = numbered(running, pending, place)

    assert chosen is not None
    assert low < chosen < high
    assert math.isfinite(chosen)


@pytest.mark.parametrize("pending", [(1, math.nextafter(1, 2)), (1, 1, 1), (1, math.nan)])
def test_where_no_number_is_left_the_job_goes_to_the_end(pending):
    assert numbered((0,), pending, 1) is None


def test_hundreds_find_room_before_one_job_in_the_order_in_which_they_come():
    server = server_with("A|AA")
    # as on a server that has been up for a year: the larger the numbers, the fewer there are between two
    server.running, server.heap = Entry(1e6, "r"), [(1e6 + 1, "p"), (1e6 + 2, "q")]
    server.shares.update(dict.fromkeys("rpq", share_of("A")))

    people = [server.submit(Share(f"{index}")) for index in range(600)]

    assert server.order == ["r", *people, "p", "q"]


def test_each_prompt_in_the_queue_is_asked_about_once():
    asked: Counter[str] = Counter()
    queue = Queue((Entry(0, "0"),), tuple(Entry(index, str(index)) for index in range(1, 500)))

    def share(prompt: str) -> Share:
        asked[prompt] += 1
        return Share(f"owner {int(prompt) % 7}")

    number(queue, Share("owner 3"), share)

    assert set(asked.values()) == {1}


# whatever anybody does

WHOLE = {"ann": 1.0, "bob": 1.0, "cleo": 1.0, "dee": 2.0, "eve": 3.0}
BROKEN = WHOLE | {"fay": 0.5, "gus": 0.25, "hal": 1.5, "ivy": 1 / 3, "joe": 2.5}
RUN = "run"


def doings(people: Sequence[str]) -> st.SearchStrategy[list[str]]:
    """Somebody submits, or the server runs the next one; more often the one or the other, so that queues grow."""
    return st.lists(st.sampled_from([*people, RUN]) | st.sampled_from(people), max_size=60)


def do(server: Server, doing: str, weights: dict[str, float]) -> str | None:
    if doing == RUN:
        server.run_next()
        return None
    if doing == WEB.owner:
        return server.post(WEB)
    return server.submit(Share(doing, weights[doing]))


@given(doings([*BROKEN, WEB.owner]))
def test_nobody_is_overtaken_by_their_own_later_job(done):
    server = Server()
    submitted: dict[str, list[str]] = {}

    for doing in done:
        prompt = do(server, doing, BROKEN)
        if prompt is not None:
            submitted.setdefault(doing, []).append(prompt)
    started = server.drain()

    for owner, prompts in submitted.items():
        assert [prompt for prompt in started if server.shares[prompt].owner == owner] == prompts


@given(doings([*WHOLE, WEB.owner]))
def test_a_new_job_goes_behind_the_web_pages_of_earlier_rounds_and_overtakes_no_equal(done):
    server = Server()
    for doing in done:
        before = server.order
        prompt = do(server, doing, WHOLE)
        if prompt is None or doing == WEB.owner:
            continue
        counted, order = server.counted(), server.order
        behind = order[order.index(prompt) + 1 :]
        earlier = [each for each in behind if server.shares[each] is WEB and counted[each] < counted[prompt]]
        assert earlier == []
        assert [each for each in order if each != prompt] == before


@given(st.lists(st.sampled_from(list(BROKEN)), max_size=60))
def test_as_long_as_nothing_has_ended_the_queue_is_in_the_order_of_counted_rounds(done):
    server = Server()

    for doing in done:
        do(server, doing, BROKEN)

    rounds = [server.counted()[prompt] for prompt in server.order]
    assert rounds == sorted(rounds)


@given(doings(list(WHOLE)))
def test_a_kth_job_goes_behind_everybodys_job_of_two_rounds_before_whatever_has_ended(done):
    server = Server()
    for doing in done:
        prompt = do(server, doing, WHOLE)
        if prompt is None:
            continue
        counted, order = server.counted(), server.order
        behind = order[order.index(prompt) + 1 :]
        assert all(counted[each] >= counted[prompt] - 1 for each in behind)


@given(doings(list(WHOLE)))
def test_a_job_of_round_k_waits_for_no_more_than_k_rounds_of_anybody_else(done):
    server = Server()
    seen: list[tuple[str, int, int]] = []
    for doing in done:
        prompt = do(server, doing, WHOLE)
        if prompt is not None:
            seen.append((prompt, len(server.started), server.counted()[prompt] + 2))
    started = server.drain()

    for prompt, since, rounds in seen:
        meanwhile = started[since : started.index(prompt)]
        for owner, count in Counter(server.shares[each].owner for each in meanwhile).items():
            assert owner == server.shares[prompt].owner or count <= rounds * WHOLE[owner]


@settings(max_examples=200)
@given(doings([*WHOLE, WEB.owner]))
def test_nobody_starves_whatever_the_others_and_the_web_page_do(done):
    server = Server()
    seen: list[tuple[str, int, int]] = []
    for doing in done:
        prompt = do(server, doing, WHOLE)
        if prompt is not None:
            seen.append((prompt, len(server.started), server.order.index(prompt)))
    started = server.drain()

    everybodys = sum(WHOLE.values()) + WEB.weight
    for prompt, since, before in seen:
        assert started.index(prompt) - since <= (before + 1) * everybodys


@pytest.mark.parametrize("weight", [0.1, 0.5, 1.0, 3.0])
def test_a_small_share_is_not_starved_by_people_who_come_again_and_again(weight):
    server = Server()
    for owner in "abc":
        server.submit(Share(owner))
    server.run_next()
    patient = server.submit(Share("patient", weight))

    for _ in range(20):
        for owner in "abc":
            if not any(server.shares[each].owner == owner for each in server.order):
                server.submit(Share(owner))
        server.run_next()

    assert server.started.index(patient) <= 4


@pytest.mark.parametrize(("weight", "per_cycle"), [(2.0, (2, 3)), (3.0, (3, 4)), (1.5, (3, 5)), (0.5, (1, 3))])
def test_a_weight_is_a_share_of_the_runs(weight, per_cycle):
    server = Server()
    for _ in range(60):
        server.submit(Share("heavy", weight))
        server.submit(Share("other"))
    mine, of = per_cycle

    first = [server.shares[prompt].owner for prompt in server.drain()[: of * 10]]

    assert first.count("heavy") == mine * 10
