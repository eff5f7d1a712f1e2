error-impossible-transition = 任务 { $job } 在 Easel 内部出错。管理员可以在日志中查看。
error-no-such-job = 这里没有任务 { $job }。编号类似 k7m2qd，用 /mine 可以查看您的任务，用 /queue 可以查看等待中的任务。
error-no-job-yet = 您在这里还没有任务。请写出任务编号，例如 /info k7m2qd，或者回复它的消息。
error-not-yours = 任务 { $job } 是别人的，只有它的主人、它所在聊天的群管理员或 Easel 管理员可以这样做。
error-already-over = 任务 { $job } 已经结束。
error-runs-elsewhere = 任务 { $job } 由另一个使用相同数据的 Easel 负责，请在那里取消。
error-not-over-yet = 任务 { $job } 还没有结束，请先取消。
error-nothing-to-work-with = 任务 { $job } 没有可用的图片。
error-no-such-picture = 任务 { $job } { $count ->
    [1] 只有一张图片，没有第 { $pick } 张。请去掉这个数字。
   *[other] 有 { $count } 张图片，没有第 { $pick } 张。请选择 1 到 { $count }。
}
error-cannot-do = { $action ->
    [vary] 这里没有可以变化图片的工作流。管理员可以添加一个接收图片的工作流。
    [upscale] 这里没有可以放大图片的工作流。管理员可以添加一个带有 upscale 命令的工作流。
   *[other] 这里没有工作流可以这样做。
}
error-too-large = { $width } × { $height } 超过了这里允许的像素数 { $allowed }（例如 { $side } × { $side }）。请选择更小的尺寸。
error-too-many-pictures = 一次 { $asked } 张太多了，最多 { $allowed } 张。
error-wrong-pictures = 工作流 { $workflow } { $taken ->
    [0] 不接收图片
   *[other] 最多接收 { $taken } 张图片
}，您发送了 { $given } 张。
error-node-failed = 服务器在“{ $node }”处停止：“{ $reason }”。请再试一次，或改用较小的尺寸。如果仍然不行，请告诉管理员。
error-nothing-came-out = 工作流 { $workflow } 结束了，但没有图片。管理员可以检查它的输出节点。
error-job-lost = 服务器 { $server } 丢失了这个任务 { $attempts } 次。请稍后再试。
error-server-gone = 任务已放弃：{ $servers } 已有 { $minutes } 分钟没有响应。请稍后再试，或者告诉管理员。
error-no-such-server = 没有服务器 { $server }。现有的服务器：{ $known }。
error-picture-gone = 这里已不再保存这张图片。
error-cannot-keep = 图片无法写入磁盘：{ $reason }。管理员可以清理磁盘空间。
error-stopping = Easel 正在关闭。请过一分钟再试。
error-internal-fault = Easel 内部出错。管理员可以在日志中查看任务 { $job }。
