# 状态卡片
card-accepted = 正在发送到服务器
card-attempt = 服务器丢失了这个任务，正在进行第 { $attempt } 次尝试。
card-queued = 正在排队
card-queued-at = { $position ->
    [1] 排队中：下一个就是您
   *[other] 排队中：第 { $position } 位，共 { $of } 位
}
card-running = 正在绘制
card-running-step = 正在绘制：第 { $step } 步，共 { $steps } 步
card-delivering = 正在发送图片
card-done = 已完成
card-cancelled = 已取消
card-failed = 没有生成图片
card-adjusted = { $option }：{ $asked } 已调整为 { $used }，以符合模型要求。

# 按钮
button-cancel = 取消
button-again = 再来一张
button-vary = 变化
button-upscale = 放大
button-edit = 编辑
button-info = 信息
button-delete = 删除

# 结果
result-seed = 种子 { $seed }
result-seconds = { $seconds } 秒

info-title = 任务 { $job }，工作流 { $workflow }
info-server = 服务器：{ $server }
info-repeat = 发送下面的命令可以再次生成：

# 较长的回答
help =
    输入您想看到的画面：
    /imagine 黄昏的灯塔 --w 1920 --h 1080

    回复一张图片，就以它为起点。只用参数回复一个结果，就只改变这些参数。

    /queue 查看正在运行和等待的任务
    /cancel 编号 停止您的任务
    /again 编号 换一个种子再画一次
    /info 编号 查看图片是怎样生成的
    /workflows 查看可用的工作流和参数
help-workflow = /{ $command } { $title }
workflows-title = 用 --workflow 名称 选择。没有指定时使用 ★，有图片时使用 ☆。
workflows-none = 这里还没有工作流。管理员可以添加。
queue-title = 队列
queue-empty = 没有等待的任务。
queue-running = 绘制中，{ $percent } %
queue-waiting = 等待中
queue-waiting-at = 等待中，第 { $position } 位
queue-more = 另有 { $count } 个任务
server-load = { $server }：{ $running } 个运行中，{ $pending } 个等待中
server-silent = { $server }：没有响应

error-unknown-command = 没有命令 /{ $command }。{ $nearest ->
    [none] 输入 /help 查看可用的命令。
   *[other] 您是不是想用 /{ $nearest }？
}
error-fault = Easel 内部出错。管理员可以在日志中查看。
