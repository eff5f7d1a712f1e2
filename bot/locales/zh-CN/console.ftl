# 网页控制台
console-you = 您

# 页面。{ "{name}" } 的位置由页面填入数字。
console-page-title = Easel
console-page-chat = 聊天
console-page-greeting = 想看到什么画面？
console-page-invitation = 描述一幅画面。可以加上尺寸，如 --w 1920 --h 1080；也可以回复一张图片，从它继续。
console-page-example-1 = 黄昏的灯塔，长曝光，平静的海面
console-page-example-2 = 新雪中的红狐狸，水彩画 --ar 16:9
console-page-placeholder = 描述一幅画面
console-page-commands = 命令
console-page-send = 发送
console-page-attach = 添加图片
console-page-drop = 把图片放在这里
console-page-reply = 回复
console-page-replying = 正在回复这张图片
console-page-replied = 所指的图片
console-page-no-reply = 不再回复这张图片
console-page-no-attachment = 移除这张图片
console-page-attached = 已添加的图片
console-page-open = 打开图片
console-page-close = 关闭
console-page-download = 下载原图
console-page-show = 显示
console-page-show-covered = 显示遮盖的图片
console-page-file = 可下载的文件
console-page-picture-of = 图片：{ $title }
console-page-preview = 目前的画面
console-page-progress = 进度
console-page-newest = 跳到最新消息
console-page-side = 队列和服务器
console-page-queue = 队列
console-page-queue-empty = 没有等待的任务。
console-page-queue-more = 还有 { $count } 个
console-page-own = 您的
console-page-servers = 服务器
console-page-platforms = 聊天平台
console-page-dark = 深色
console-page-light = 浅色
console-page-lost = 连接已断开，正在重试。
console-page-signed-out = 这个地址已失效。请打开 Easel 最近一次启动时显示的地址。
console-page-failed = 消息没有送达 Easel。请再试一次。
console-page-too-large = 超过了 { $megabytes } MB。请减少图片数量或使用更小的图片。
console-page-finished = 已完成：{ $title }
console-page-sure = 确认删除

# 页面旁边
console-side-place = { $wait ->
    [none] 排队中，第 { $position } 位
   *[other] 排队中，第 { $position } 位，{ $wait }
}
console-side-running = 绘制中，{ $percent } %
console-side-load = { $running } 个运行中，{ $pending } 个等待中
console-side-idle = 空闲
console-side-away = 没有响应
console-side-drained = 不再得到新任务

error-not-signed-in = 请打开 Easel 启动时显示的地址，其中带有进入本页的钥匙。
error-wrong-host = 本页不接受名称 { $host }。请打开显示的地址，或在控制台的设置中添加这个名称。
error-foreign-origin = 这个请求来自其他网页，因此被拒绝。请打开 Easel 显示的地址。
error-message-too-large = 超过了 { $allowed } MB。请减少图片数量或使用更小的图片。
error-not-understood = 无法理解这个请求。请刷新页面后重试。
error-nothing-here = 这里什么也没有。请打开 Easel 显示的地址。
error-message-gone = 这条消息已不在聊天中。
