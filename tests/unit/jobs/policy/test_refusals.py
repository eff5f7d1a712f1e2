"""What people read when they are refused: the rule, the number, when it frees up, what to do."""

from __future__ import annotations

import pytest

from bot.chat.texts import texts_for
from bot.errors import EaselError, Span
from bot.jobs.policy import errors

REFUSALS = [
    (
        errors.NotAllowedHere("telegram/-100", "telegram:1"),
        (
            "Easel is not open to you here yet. An operator can change that\n"
            "for this chat: /allow telegram/-100\nfor you alone: /allow telegram:1"
        ),
    ),
    (
        errors.NotAllowedHere("telegram/-100", None),
        "Easel is not open to this chat. An operator can change that: /allow telegram/-100",
    ),
    (
        errors.NotAllowedHere(None, "telegram:1"),
        "Easel is not open to you. An operator can change that: /allow telegram:1",
    ),
    (errors.Banned(None), "You are banned here. Only an operator can lift that."),
    (
        errors.Banned(Span(90_000)),
        "You are banned here for another 1 d 1 h. Only an operator can lift that earlier.",
    ),
    (errors.ChatBanned(None), "This chat is banned. Only an operator can lift that."),
    (
        errors.ChatBanned(Span(60)),
        "This chat is banned for another 1 min. Only an operator can lift that earlier.",
    ),
    (
        errors.Paused(),
        "An operator has paused Easel, so it takes no new jobs. Those it has accepted go on. Try again later.",
    ),
    (
        errors.BlockedWords("gore"),
        "The rules here do not allow “gore”. Leave it out or write it in another way.",
    ),
    (errors.BlockedWords(None), "The rules here do not allow these words. Write it in another way."),
    (
        errors.WordsNotChecked("(a+)+$"),
        (
            "Your words could not be held against the rules here in time. Write less and try again. "
            "The operator can find the slow rule in the log."
        ),
    ),
    (
        errors.AdultsOnly("nude"),
        (
            "The workflow nude is for adults, and this chat is not marked for them. Choose another from /workflows, "
            "or ask an operator for /settings adult on."
        ),
    ),
    (
        errors.WorkflowNotAllowed("flux", ("edit", "sdxl")),
        "You may not use the workflow flux here. Choose one of these: edit, sdxl",
    ),
    (errors.TooManySteps(150, 100), "150 steps are too many. Ask for 100 at most."),
    (
        errors.PictureTooLarge(4000, 3000, 4_194_304),
        (
            "The picture to start from has 4000 × 3000 pixels, more than are allowed here: 4194304, such as "
            "2048 × 2048. Start from a smaller one."
        ),
    ),
    (
        errors.TooManyWaiting(1),
        "One job at a time is allowed, and yours has not ended. Wait until it is done, or stop it with /cancel.",
    ),
    (
        errors.TooManyWaiting(5),
        (
            "5 jobs at a time are allowed, and as many of yours have not ended. Wait until one is done, "
            "or stop one with /cancel."
        ),
    ),
    (
        errors.DailyJobsUsed(20, Span(11_520)),
        "20 jobs in 24 hours are allowed, and you have had them. You can ask for the next in 3 h 12 min.",
    ),
    (
        errors.DailyJobsUsed(1, Span(45)),
        "One job in 24 hours is allowed, and you have had it. You can ask for the next in 45 s.",
    ),
    (
        errors.DailyGpuUsed(Span(600), Span(7200)),
        "The limit is 10 min of GPU time in 24 hours, and you have used it up. You can ask for the next job in 2 h.",
    ),
    (
        errors.CoolingDown(Span(60), Span(12)),
        "Two jobs have to be 1 min apart. You can ask for the next in 12 s.",
    ),
    (errors.NotOperator(), "Only an operator can do that."),
    (errors.NotAdmin(), "Only an admin of this chat or an operator can change its settings."),
    (
        errors.OperatorsStay("telegram:9"),
        (
            "telegram:9 is an operator and cannot be shut out. Whoever runs Easel can take that id out of the "
            "operators in its settings."
        ),
    ),
    (
        errors.NotBanned("telegram:1"),
        "telegram:1 is not banned. To let somebody in, send /allow telegram:1",
    ),
    (
        errors.BadSubject("ada"),
        (
            "“ada” is neither a person nor a chat. Write a person as telegram:1234, a chat as telegram/-100123, "
            "and this chat as here."
        ),
    ),
    (
        errors.BadSpan("soon"),
        "“soon” is no length of time up to ten years. Write for example 30 min, 12 h or 7 d.",
    ),
    (
        errors.NoSuchChatSetting("spoilr", "spoiler", ("size", "spoiler")),
        "There is no setting “spoilr”. Did you mean spoiler?",
    ),
    (
        errors.NoSuchChatSetting("x", None, ("size", "spoiler")),
        "There is no setting “x”. There are: size, spoiler",
    ),
    (
        errors.BadChatSetting("language", "german", "language", ("en", "zh-CN")),
        (
            "“german” does not fit the setting language. Write one of these: en, zh-CN; or default for the same "
            "as elsewhere."
        ),
    ),
    (
        errors.BadChatSetting("steps", "few", "whole"),
        "“few” does not fit the setting steps. Write a whole number, or default for the same as elsewhere.",
    ),
    (
        errors.LimitTooLoose("steps", 200, 100),
        "steps can be 100 or less here, and not 0, which is no limit. More is up to an operator.",
    ),
    (
        errors.LimitTooLoose("cooldown", 5, 30.0),
        "cooldown can be 30 seconds or more here. Less is up to an operator.",
    ),
    (
        errors.BadPattern("(a", "missing ) at position 2"),
        "“(a” is no regular expression: missing ) at position 2",
    ),
    (
        errors.BadPattern("a*", None),
        "“a*” cannot be blocked: an empty text would be, too. Take it out or make it narrower.",
    ),
]


@pytest.mark.parametrize(("error", "sentence"), REFUSALS, ids=lambda value: getattr(value, "code", ""))
def test_a_refusal_says_its_rule_its_number_and_what_to_do(error: EaselError, sentence: str) -> None:
    assert texts_for("en").explain(error) == sentence


def test_every_refusal_has_been_read() -> None:
    assert {type(error) for error, _ in REFUSALS} == set(errors.PolicyError.__subclasses__())


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            errors.DailyJobsUsed(20, Span(11_520)),
            "24 小时内最多允许 20 个任务，您已经用完。3 小时 12 分钟后可以提交下一个。",
        ),
        (errors.CoolingDown(Span(60), Span(12)), "两个任务之间需要间隔 1 分钟。12 秒后可以提交下一个。"),
        (errors.Banned(Span(90_000)), "您已被禁止使用，还有 1 天 1 小时。只有 Easel 管理员可以提前解除。"),
        (
            errors.NotAllowedHere("telegram/-100", "telegram:1"),
            (
                "Easel 尚未在这里对您开放。Easel 管理员可以\n"
                "允许整个聊天：/allow telegram/-100\n只允许您：/allow telegram:1"
            ),
        ),
        (
            errors.BadChatSetting("language", "german", "language", ("en", "zh-CN")),
            "“german”不适合设置项 language。请填写：其中之一（en、zh-CN），或者填写 default 恢复默认。",
        ),
    ],
    ids=lambda value: getattr(value, "code", ""),
)
def test_a_refusal_says_the_same_in_chinese(error: EaselError, sentence: str) -> None:
    assert texts_for("zh-CN").explain(error) == sentence
