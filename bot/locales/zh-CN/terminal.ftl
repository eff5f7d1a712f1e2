terminal-console = 控制台：
terminal-port-taken = 端口 { $wanted } 已被占用，改用端口 { $port }。
reloaded = 已重新读取设置。{ $added ->
    [none] { "" }
   *[other] 新增的服务器：{ $added }。
}{ $changed ->
    [none] { "" }
   *[other] 有改动的服务器：{ $changed }。
}{ $removed ->
    [none] { "" }
   *[other] 完成手头任务后移除的服务器：{ $removed }。
}{ $rules ->
    [none] { "" }
   *[other] 已生效：{ $rules }。
}{ $restart ->
    [none] { "" }
   *[other] 同样有改动，但下次启动才生效：{ $restart }。
}
reloaded-nothing = 已重新读取设置，内容没有变化。
error-not-reloaded = 设置无法使用，一切保持原样。{ $problems }
demo-started = 模拟的 ComfyUI 运行在 { $url }。它的图片由公式绘制，并会注明。
demo-command = /imagine 黄昏的灯塔 --w 1024 --h 768 --seed 7
demo-file = 已保存：{ $path }
demo-staying = 在浏览器中打开控制台地址即可使用。按 Ctrl-C 停止。
error-no-such-file = 无法读取 { $file }：{ $reason }。

workflows-command = 命令：/{ $command }
workflows-default = 默认 { $value }
workflows-required = 必填
workflows-range = { $minimum } 到 { $maximum }
workflows-outputs = 图片来自节点 { $outputs }。
workflows-written = 已写入：{ $path }。请检查内容，然后运行：easel workflows check
workflows-kept = { $path } 已存在，保持不变。使用 --force 可以重新写入。
workflows-fine = { $server } 可以运行 { $workflow }。
workflows-lacks = { $server } 不能运行 { $workflow }：

doctor-python = Python { $version }
doctor-workflows = 可以读取 { $count } 个工作流
doctor-folder = 图片保存在 { $folder }，剩余空间 { $gigabytes } GB
doctor-full = 图片保存在 { $folder }，那里只剩 { $gigabytes } GB。请清理空间，或在 [data] 中指定别的文件夹。
doctor-store = 任务保存在 { $where }；{ $count ->
    [0] 全部已结束
   *[other] 有 { $count } 个尚未结束
}
doctor-at-work = 有一个 Easel 正在使用这些数据，可以让它继续运行。
doctor-access = [access] 列出了 { $operators } 名管理员、{ $people } 名用户和 { $chats } 个聊天
doctor-nobody = [access] 没有列出任何人：只有您自己能在控制台和本终端使用，以及您用 /allow 放行的人。要在聊天中也作为管理员，请把 Easel 拒绝您时给出的编号写入 operators。
doctor-anybody = [access] 设置了 anybody = true：任何找到机器人的陌生人都能使用您的服务器。
doctor-blocked = [content] 会拒绝 { $words } 个词和 { $patterns } 个正则表达式
doctor-hasty = { $key } 超出了该平台允许的频率，机器人可能会被禁言几分钟。
doctor-unknown-workflow = { $key } 写了工作流 { $workflow }，但没有这个名字的工作流。
doctor-unknown-tag = { $key } 写了标签 { $tag }，但没有服务器带有它。
doctor-no-telegram = 没有 Telegram 机器人：还没有令牌。docs/telegram.md 说明了如何创建。
doctor-telegram = Telegram 接受了 { $name } 的令牌
doctor-groups = { $name } 可以加入群组
doctor-no-groups = { $name } 不能加入群组。要改变这一点，请向 @BotFather 发送 /setjoingroups。
doctor-privacy = 群组里的消息，Telegram 只把发给 { $name } 的转给它（隐私模式已开启），这就够了。
doctor-no-privacy = Telegram 会把群组里的所有消息都转给 { $name }（隐私模式已关闭）。它只需要发给它的消息；要改变这一点，请向 @BotFather 发送 /setprivacy。
doctor-inline = 内联模式已开启：在有机器人的聊天里输入 { $name } 加几个词就能生成图片
doctor-no-inline = 内联模式已关闭：{ $name } 只回应命令。要改变这一点，请向 @BotFather 发送 /setinline。
doctor-webhook = Telegram 会调用 { $url }
doctor-webhook-failing = Telegram 调用 { $url } 得不到正常的回应（{ $reason }），有消息在等待。请检查 Easel 是否在运行，以及它前面的代理。
doctor-webhook-later = Telegram 还没有调用 { $url }。easel run 启动后就会调用。
doctor-webhook-left = 目前 Telegram 为 { $name } 调用的是 { $host }。easel run 启动后会取消它，消息改为发到 Easel。
doctor-server = 服务器 { $server }（{ $url }）有响应：ComfyUI { $version }
doctor-socket = { $server } 的 WebSocket 可以连接
doctor-no-socket = { $server } 的 WebSocket 无法连接。图片仍会送达，但进度只能靠轮询。服务器前面的代理必须在同一路径下转发 WebSocket 升级请求。
doctor-runs = { $server } 可以运行：{ $workflows }
doctor-runs-none = { $server } 不能运行任何工作流。下面说明缺少什么。
doctor-lacks = { $server } 上的 { $workflow }：
doctor-port = 控制台可以使用端口 { $port }
doctor-port-taken = 端口 { $port } 已被占用，控制台会改用别的端口。可以用 console.port 指定。
doctor-heic = 可以读取手机的 HEIC 图片
doctor-no-heic = 无法读取手机的 HEIC 图片。如需支持：pip install pillow-heif
doctor-well = 一切正常。
doctor-ill = 有 { $count } 个问题需要处理。
