# 时长，最多由两个单位组成
span-days = { $count } 天
span-hours = { $count } 小时
span-minutes = { $count } 分钟
span-seconds = { $count } 秒

# 谁可以使用
error-not-allowed-here = { $person ->
    [none] Easel 没有对这个聊天开放。Easel 管理员可以更改：/allow { $chat }
   *[other] { $chat ->
        [none] Easel 没有对您开放。Easel 管理员可以更改：/allow { $person }
       *[other]
            Easel 尚未在这里对您开放。Easel 管理员可以
            允许整个聊天：/allow { $chat }
            只允许您：/allow { $person }
    }
}
error-banned = { $frees ->
    [none] 您已被禁止使用，只有 Easel 管理员可以解除。
   *[other] 您已被禁止使用，还有 { $frees }。只有 Easel 管理员可以提前解除。
}
error-chat-banned = { $frees ->
    [none] 这个聊天已被禁止使用，只有 Easel 管理员可以解除。
   *[other] 这个聊天已被禁止使用，还有 { $frees }。只有 Easel 管理员可以提前解除。
}
error-paused = Easel 管理员已暂停服务，暂不接受新任务。已接受的任务会继续进行。请稍后再试。
error-not-operator = 只有 Easel 管理员可以这样做。
error-not-admin = 只有本聊天的群管理员或 Easel 管理员可以更改设置。

# 内容
error-blocked-words = { $found ->
    [none] 这里的规则不允许这样的文字。请换一种写法。
   *[other] 这里的规则不允许“{ $found }”。请去掉它，或者换一种写法。
}
error-words-not-checked = 无法及时按这里的规则检查您的文字。请写得短一些再试。管理员可以在日志中找到过慢的规则。
error-adults-only = 工作流 { $workflow } 仅限成人，而这个聊天没有成人标记。请从 /workflows 中选择别的，或者请管理员发送 /settings adult on
error-workflow-not-allowed = 您在这里不能使用工作流 { $workflow }。请选择其中之一：{ $allowed }

# 一次请求的上限
error-too-many-steps = { $asked } 步太多了，最多 { $allowed } 步。
error-picture-too-large = 原图有 { $width } × { $height } 像素，超过了这里允许的像素数 { $allowed }（例如 { $side } × { $side }）。请从更小的图片开始。

# 一天的上限
error-too-many-waiting = 同时最多允许 { $limit } 个任务，您已有这么多任务尚未结束。请等一个任务完成，或者用 /cancel 停止一个。
error-daily-jobs-used = 24 小时内最多允许 { $limit } 个任务，您已经用完。{ $frees }后可以提交下一个。
error-daily-gpu-used = 24 小时内最多允许使用 { $limit } 的 GPU 时间，您已经用完。{ $frees }后可以提交下一个任务。
error-cooling-down = 两个任务之间需要间隔 { $cooldown }。{ $frees }后可以提交下一个。

# 管理员的输入
error-operators-stay = { $subject } 是管理员，不能被拒之门外。运行 Easel 的人可以在配置中把这个编号从管理员里去掉。
error-not-banned = { $subject } 没有被禁止。要允许使用，请发送 /allow { $subject }
error-bad-subject = “{ $subject }”既不是用户也不是聊天。用户写成 telegram:1234，聊天写成 telegram/-100123，本聊天写成 here。
error-bad-span = “{ $text }”不是十年以内的时长。请写成例如 30 分钟、12 小时或 7 天。
error-no-such-chat-setting = 没有设置项“{ $key }”。{ $nearest ->
    [none] 可用的设置项：{ $known }
   *[other] 您是不是想用 { $nearest }？
}
error-bad-chat-setting = “{ $value }”不适合设置项 { $key }。请填写：{ $expected ->
    [language] 其中之一（{ $choices }）
    [size] 尺寸（例如 1024x768）
    [switch] on 或 off
    [whole] 整数
    [pixels] 像素数或尺寸（例如 1024x768）
    [seconds] 时长（例如 30 分钟）
   *[other] 名称
}，或者填写 default 恢复默认。
error-limit-too-loose = { $key ->
    [cooldown] { $key } 在这里至少为 { $allowed } 秒。
   *[other] { $key } 在这里最多为 { $allowed }，也不能是 0（表示不限制）。
}要放宽，请找管理员。

# 配置
error-bad-pattern = { $reason ->
    [none] 无法屏蔽“{ $pattern }”：连空文字也会被屏蔽。请去掉它，或者写得更窄。
   *[other] “{ $pattern }”不是正则表达式：{ $reason }
}
