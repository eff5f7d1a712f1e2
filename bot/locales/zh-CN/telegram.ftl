# 连接
error-token-refused = Telegram 不接受机器人的令牌。请向 @BotFather 发送 /token 获取；如果设置了 [telegram] 中的 api_base，请一并检查。
error-another-poller = 另一个程序在接收这个机器人的消息，有些消息到不了这里。请停止那个程序，或者向 @BotFather 为它另要一个机器人。
error-telegram-unreachable = 无法连接 Telegram：{ $reason }。Easel 会继续尝试。
error-webhook-not-open = Easel 无法在 { $host } 的端口 { $port } 上接收 Telegram 的消息：{ $reason }。[telegram] 中的 webhook_host 必须是这台计算机的地址，webhook_port 必须是空闲的端口。
error-webhook-refused = Telegram 不接受 { $url } 作为 webhook：{ $reason }。请更改 [telegram] 中的 webhook_url；不需要 webhook 时请删除它。
error-webhook-not-reached = Telegram 访问 { $url } 时得不到正确的响应：{ $reason }。请检查 Easel 前面的代理。
