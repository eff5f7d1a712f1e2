"""When the records are asked and when the socket is given up."""

from __future__ import annotations

import math

import pytest

from bot.comfyui.pulse import Need, Pulse
from bot.comfyui.server import Timeouts

TIMES = Timeouts(silence=15, poll=2)
WAITING = Need(active=True, waiting=True)
RUNNING = Need(active=True)


def pulse(*, connected: bool = True, heard: float = 100, opened: float = 0, asked: float = 100) -> Pulse:
    return Pulse(TIMES, connected=connected, heard=heard, opened=opened, asked=asked)


def test_nothing_is_asked_for_nobody():
    assert pulse().look_at(200, Need()) == math.inf
    assert pulse(connected=False).look_at(200, Need()) == math.inf


def test_who_is_not_known_to_be_in_the_queue_is_looked_for_soon():
    changed = pulse()
    changed.stale = True
    assert changed.ask_at(WAITING) == pytest.approx(100.25)
    assert changed.ask_at(RUNNING) == 115


def test_an_unsure_mirror_gets_a_moment_before_the_list_is_asked_for_and_only_if_somebody_waits():
    unsure = pulse(heard=200)
    unsure.unsure = 120
    assert unsure.ask_at(WAITING) == pytest.approx(120.25)
    assert unsure.ask_at(RUNNING) == 215


def test_a_list_asked_for_in_vain_is_asked_for_again_at_the_next_poll():
    unsure = pulse(heard=200)
    unsure.unsure, unsure.vain = 99, True
    assert unsure.ask_at(WAITING) == 102


def test_a_mirror_that_is_sure_is_trued_up_once_in_a_while_and_for_a_hundredth_of_the_time():
    sure = pulse(heard=1000)
    assert sure.ask_at(WAITING) == 160
    sure.cost = 2
    assert sure.ask_at(WAITING) == 300


def test_a_socket_that_owes_a_word_gets_its_time():
    owing = pulse(heard=200)
    owing.unsettled = 111
    assert owing.ask_at(WAITING) == 113
    assert [owing.given_up(now) for now in (112.9, 113)] == [False, True]


def test_the_count_is_asked_for_beside_a_silent_socket():
    silent = pulse(heard=110)
    assert silent.count_at(WAITING) == 125
    silent.counted = 124
    assert silent.count_at(WAITING) == 126
    assert silent.count_at(Need()) == math.inf


def test_a_question_that_took_long_is_not_repeated_at_once():
    slow = pulse()
    slow.stale, slow.cost = True, 0.3
    assert slow.ask_at(WAITING) == pytest.approx(103)


def test_without_a_socket_the_records_are_polled():
    assert pulse(connected=False).ask_at(RUNNING) == 102


def test_an_overdue_prompt_is_asked_for_at_the_next_poll():
    assert pulse().ask_at(Need(active=True, overdue=True)) == 102


def test_a_silent_socket_is_polled_beside_and_given_up_after_twice_the_time():
    silent = pulse(heard=100, asked=100)
    silent.counted = 115.5
    assert (silent.ask_at(RUNNING), silent.count_at(RUNNING)) == (115, 117.5)
    silent.asked = 116
    assert silent.ask_at(RUNNING) == 131
    assert silent.renew_at(RUNNING) == 130


def test_a_new_socket_gets_its_time():
    assert pulse(heard=100, opened=130).renew_at(RUNNING) == 160


def test_a_socket_that_is_gone_is_not_given_up_again():
    assert pulse(connected=False).renew_at(RUNNING) == math.inf


def test_prompts_are_looked_at_again_before_anything_is_due():
    assert pulse(heard=200, asked=200).look_at(200, RUNNING) == 202
