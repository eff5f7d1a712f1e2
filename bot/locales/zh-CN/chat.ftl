# 状态卡片
card-accepted = 正在等待服务器
card-sending = 正在发送到服务器
card-silent = { $count ->
    [1] 正在等待服务器 { $servers } 响应
   *[other] 正在等待以下任一服务器响应：{ $servers }
}
card-attempt = 服务器丢失了这个任务，正在进行第 { $attempt } 次尝试。
card-moved = 服务器 { $server } 没有响应，任务转到另一台服务器。
card-queued = { $wait ->
    [none] 正在排队
   *[other] 正在排队，{ $wait }
}
card-queued-at = { $wait ->
    [none] 排队中：第 { $position } 位，共 { $of } 位
   *[other] 排队中：第 { $position } 位，共 { $of } 位，{ $wait }
}
card-running = 正在绘制
card-running-step = 正在绘制：第 { $step } 步，共 { $steps } 步
card-cancelling = 正在取消
card-delivering = 正在发送图片
card-done = 已完成
card-cancelled = 已取消
card-failed = 没有生成图片
card-adjusted = { $option ->
    [image] 您的图片已从 { $asked } 缩小到 { $used }，即这里允许的上限。
   *[other] { $option }：{ $asked } 已调整为 { $used }，以符合模型要求。
}

wait-about = 约 { $time }
wait-seconds = 约 { $low }–{ $high } 秒
wait-range = 约 { $low }到 { $high }

# 按钮
button-cancel = 取消
button-again = 再来一张
button-vary = 变化
button-upscale = 放大
button-edit = 编辑
button-info = 信息
button-file = 原图
button-delete = 删除

# 结果
result-seed = 种子 { $seed }
result-seconds = { $seconds } 秒

info-title = 任务 { $job }，工作流 { $workflow }
info-server = 服务器：{ $server }
info-seconds = GPU 用时：{ $seconds } 秒
info-repeat = 发送下面的命令可以再次生成：

show-status = 任务 { $job }：{ $status }
cancelled-elsewhere = 正在取消任务 { $job }。结果会显示在它所在的聊天中。
state = { $state ->
    [accepted] 等待服务器
    [queued] 排队中
    [running] 绘制中
    [delivering] 正在发送图片
    [done] 已完成
    [kept] 未能发送，可用 /show 查看
    [cancelled] 已取消
   *[failed] 没有生成图片
}

# 帮助
help-intro =
    输入您想看到的画面：
    /imagine 黄昏的灯塔 --w 1920 --h 1080

    回复一张图片，就以它为起点。只用参数回复一个结果，就只改变这些参数。
help-line = { $usage } – { $summary }
help-operators = 管理员命令：
help-more = 查看某个命令的说明：/help imagine
help-picture = 请附上一张图片，或回复一张图片。

# 可以使用的命令：写法和用途。用途的第一行也是平台菜单中的文字。
usage-imagine = /imagine 描述
help-imagine =
    用文字生成图片
    其余用参数设置：--w 和 --h 是尺寸，还有 --seed、--steps、--workflow。/workflows 列出全部参数。
    附上图片，或回复一张图片时，文字说明要把它变成什么。有多张图片时，--pick 2 表示使用第二张。
usage-workflow = /{ $command } 描述
usage-workflow-without-words = /{ $command }
usage-again = /again [编号] [改动]
help-again =
    再生成一次
    单独使用时换一个新种子。加上文字或参数时种子不变，只改变所写的部分。
    没有编号时，指您回复的那个任务，否则指您在这里的上一个任务。
usage-cancel = /cancel [编号]
help-cancel =
    停止您的任务
    没有编号时，指您回复的那个任务，否则指您在这里的上一个任务。群管理员可以停止本聊天中的任何任务。
usage-queue = /queue
help-queue =
    查看所有服务器上正在运行和等待的任务
    箭头标出您自己的任务。
usage-show = /show [编号]
help-show =
    重新发送结果，或查看任务进展
    没有编号时，指您回复的那个任务，否则指您在这里的上一个任务。
usage-info = /info [编号]
help-info =
    查看图片是怎样生成的，以及怎样再次生成
    没有编号时，指您回复的那个任务，否则指您在这里的上一个任务。
usage-mine = /mine
help-mine = 您最近的任务
usage-workflows = /workflows
help-workflows =
    查看可用的工作流和参数
    查看其中一个的说明：/help 加它的名称。
usage-models = /models [词]
help-models =
    查看可以选择的模型
    加上一个词，只列出名称或种类中含有它的模型。
usage-usage = /usage
help-usage = 您最近 24 小时的用量和上限
usage-settings = /settings [设置] [值]
help-settings =
    查看本聊天的设置
    群管理员可以更改；在您与 Easel 单独的聊天中，您自己就可以更改：/settings language zh-CN，/settings size 1024x768，/settings spoiler on。
    值写 default，就恢复为与各处相同。管理员还可以放宽上限，例如 /settings steps 200；0 表示不限。群管理员只能收紧。
usage-help = /help [命令]
help-help = 您在这里可以使用的命令
usage-allow = /allow 对象
help-allow =
    允许一个人或一个聊天使用 Easel
    对象可以是人，如 telegram:1234；可以是聊天，如 telegram/-100123；也可以是 here，即这里。回复某人的任务时，指这个人。
usage-deny = /deny 对象
help-deny =
    不让一个人或一个聊天使用 Easel，不论配置怎样写
    对象的写法见 /help allow。
usage-ban = /ban 对象 [小时]
help-ban =
    封禁一个人或一个聊天，并告知对方
    例如 /ban telegram:1234 24，或 /ban telegram:1234 7 天。不写时间时，直到 /unban 为止。对象的写法见 /help allow。
usage-unban = /unban 对象
help-unban =
    解除封禁
    对象的写法见 /help allow。
usage-servers = /servers
help-servers =
    查看服务器和聊天平台的状况
    也列出每台服务器可以运行的工作流。
usage-drain = /drain 服务器
help-drain =
    不再给一台服务器新任务
    它已有的任务会继续。/resume 加它的名称可以恢复。
usage-pause = /pause
help-pause =
    不再接受新任务
    已接受的任务会继续，/resume 可以恢复。
usage-resume = /resume [服务器]
help-resume =
    重新接受新任务
    加上服务器名称，就让这台服务器重新得到新任务。
usage-reload = /reload
help-reload =
    重新读取配置文件
    服务器、准入、限额和内容规则立即生效。
usage-audit = /audit
help-audit = 查看管理员最近的操作

# 什么也没写的人看到的内容：该写什么，下面是一个例子
imagine-how =
    请写出您想看到的画面。要从一张图片开始，请用 /imagine 回复它。其余见 /help。

    例如：
imagine-how-example = /imagine 黄昏的灯塔，长曝光，平静的海面
imagine-how-from-picture = 想让这张图片变成什么样？请回复它并写出来，例如：
imagine-how-from-picture-example = /imagine 同样的画面，换成冬天的夜晚

# 较长的回答
workflows-title = 用 --workflow 名称 选择。没有指定时使用 ★，有图片时使用 ☆。
workflows-none = 这里还没有工作流。管理员可以添加。
models-none = { $word ->
    [none] 没有服务器告知它有哪些模型。
   *[other] 没有名称中含有“{ $word }”的模型。
}
list = { $names }
list-more = { $names } 等，另有 { $count } 个

queue-title = 队列
queue-empty = 没有等待的任务。
queue-running = 绘制中，{ $percent } %
queue-cancelling = 正在取消
queue-silent = 等待服务器响应
queue-waiting-at = 等待中，第 { $position } 位
queue-elsewhere = 其他聊天的任务
queue-more = 另有 { $count } 个任务
server-load = { $server }：{ $running } 个运行中，{ $pending } 个等待中
server-silent = { $time ->
    [none] { $server }：没有响应
   *[other] { $server }：已有 { $time }没有响应
}
server-drained = 不再得到新任务（/resume 加它的名称可以恢复）
server-limit = 最多 { $limit } 个任务等待
server-tags = 标签：{ $tags }
server-runs = 可以运行：{ $workflows }
servers-none = 没有服务器。Easel 的运行者可以在配置中添加。
presence = { $platform }：{ $state }
presence-connecting = 正在连接

mine-title = 您最近的任务
mine-none = 您还没有任务。
mine-elsewhere = 在其他聊天中

spent-title = 您最近 24 小时
spent-jobs = { $limit ->
    [none] 任务：{ $jobs }
   *[other] 任务：{ $jobs }，上限 { $limit }
}
spent-gpu = { $limit ->
    [none] GPU 用时：{ $time }
   *[other] GPU 用时：{ $time }，上限 { $limit }
}
spent-waiting = { $limit ->
    [none] 尚未结束：{ $jobs }
   *[other] 尚未结束：{ $jobs }，上限 { $limit }
}

settings-title = 本聊天的设置
settings-set = { $key }：{ $value }（其他地方 { $otherwise }）
settings-not-set = { $key }：{ $otherwise }
settings-limit = { $by ->
    [none] { $key }：{ $value }
    [operator] { $key }：{ $value }，由管理员设置（其他地方 { $otherwise }）
    [both] { $key }：{ $value }，由群管理员设置（管理员在这里允许 { $granted }，其他地方 { $otherwise }）
   *[admin] { $key }：{ $value }，由群管理员设置（其他地方 { $otherwise }）
}
settings-unlimited = 不限
settings-as-workflow = 由工作流决定
settings-how = { $own ->
    [true] 用 /settings 设置 值 更改；值写 default 就恢复。
   *[false] 群管理员用 /settings 设置 值 更改；值写 default 就恢复。
}
settings-now = { $value ->
    [default] { $key } 现在与各处相同。
   *[other] 本聊天的 { $key } 现在是 { $value }。
}
settings-now-unlimited = 本聊天的 { $key } 现在不限。
settings-same = 已经是这样设置的了。

now-allowed = { $subject } 现在可以使用 Easel。
now-denied = { $subject } 不能再使用 Easel。
now-banned = { $time ->
    [none] { $subject } 已被封禁，直到有人用 /unban 解除。
   *[other] { $subject } 已被封禁 { $time }。
}
now-unbanned = { $subject } 不再被封禁。
now-drained = { $server } 现在不再得到新任务。已有的任务会继续。
now-undrained = { $server } 重新得到新任务。
now-paused = Easel 现在不接受新任务。已接受的会继续。用 /resume 恢复。
now-resumed = Easel 重新接受新任务。
audit-title = 最近的操作（UTC 时间）
audit-none = 还没有任何操作。
audit-here = 这里只列出与本聊天有关的操作。要查看全部，请在没有旁人的聊天中询问 Easel。

error-unknown-command = 没有命令 /{ $command }。{ $nearest ->
    [none] 输入 /help 查看可用的命令。
   *[other] 您是不是想用 /{ $nearest }？
}
error-incomplete = 还缺少内容。写法：{ $usage }。输入 /help { $command } 查看说明。
error-nothing-to-pick = { $pictures ->
    [0] 这里没有可以选择的图片，所以“--pick { $pick }”不起作用。请回复一组图片，或回复一个有多张图片的结果，并写出要把选中的那张变成什么。
    [1] Easel 在这里只看到一张图片，没有第 { $pick } 张。请去掉“--pick”，直接回复您想要的那张图片。
   *[other] 这里有 { $pictures } 张图片，没有第 { $pick } 张。请选择 1 到 { $pictures }。
}
error-nothing-to-reload = 这里没有可以重新读取的配置。
error-fault = Easel 内部出错。管理员可以在日志中查看。
