# 连接
error-token-refused = Telegram 不接受机器人的令牌。请向 @BotFather 发送 /token 获取，用它替换原来的令牌，然后重新启动 Easel。如果设置了 [telegram] 中的 api_base，请一并检查。
error-another-poller = 另一个程序在接收这个机器人的消息，有些消息到不了这里。请停止那个程序，或者向 @BotFather 为它另要一个机器人。
error-telegram-unreachable = 无法连接 Telegram：{ $reason }。Easel 会继续尝试。请检查网络；如果设置了 [telegram] 中的 proxy 或 api_base，请一并检查。
error-webhook-not-open = Easel 无法在 { $host } 的端口 { $port } 上接收 Telegram 的消息：{ $reason }。[telegram] 中的 webhook_host 必须是这台计算机的地址，webhook_port 必须是空闲的端口。
error-webhook-refused = Telegram 不接受 { $url } 作为 webhook：{ $reason }。请更改 [telegram] 中的 webhook_url；不需要 webhook 时请删除它。
error-webhook-not-reached = Telegram 访问 { $url } 时得不到正确的响应：{ $reason }。请检查 Easel 前面的代理。

# 按下“编辑”之后的提问。下方是现在的命令。
telegram-edit = { $name }，请回复这条消息，写出任务 { $job } 要改动的内容：新的描述，或 --w 1024 这样的参数。
telegram-edit-example = 新的描述，或 --w 1024

# 发送的内容
error-chat-unreachable = Easel 无法再向聊天 { $chat } 发送消息。请重新添加机器人，或解除对它的屏蔽，然后再试一次。
error-may-not-send = { $what ->
    [photos] Easel 不能在这个聊天中发送图片。请群管理员在权限中允许，然后再试一次。
    [documents] Easel 不能在这个聊天中发送文件。请群管理员在权限中允许，然后再试一次。
   *[messages] Easel 不能在这个聊天中发言。请群管理员在权限中允许，然后再试一次。
}
error-topic-closed = 这个话题已关闭。请群管理员重新开启，或允许 Easel 管理话题，然后再试一次。
error-file-too-large = 这个文件超出了 Telegram 允许机器人发送的大小。请改用较小的尺寸或较少的帧数。
error-not-taken = Telegram 没有接受这条消息：“{ $reason }”。如果再次出现，请告诉管理员。

# 内联模式：在任意聊天中输入机器人名称时的选项
inline-make = 生成：{ $words }
inline-make-where = 在本聊天中生成（Easel 必须在这个聊天里）
inline-type = 输入您想看到的画面
inline-nothing = 您的图片会显示在这里

# 收到的文件和按下的按钮
error-sent-file-too-large = 这张图片太大：Telegram 最多只把 { $allowed } MB 的文件交给机器人。请发送小一些的图片。
error-sent-file-gone = Telegram 上已经没有这张图片。请重新发送。
error-sent-file-not-fetched = 无法从 Telegram 取得您的图片。请过几分钟再试。
error-no-still-picture = 只能使用静止的图片。请发送照片、图片文件（PNG、JPEG 或 WebP）或不会动的贴纸。
error-dead-button = 这个按钮已经失效。
