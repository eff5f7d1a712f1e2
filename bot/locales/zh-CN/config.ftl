# 设置中可能出现的问题。每一行以出处（文件或环境变量）开头。

error-bad-settings = 设置中有 { $count } 处错误，程序没有启动。
error-settings-file-unreadable = { $source }：无法读取这个文件（{ $reason }）。
error-settings-not-toml = { $source }：这不是有效的 TOML：{ $reason }。
error-unknown-setting = { $source }：没有 { $key } 这个设置项。{ $nearest ->
    [none] 全部设置项见 config.example.toml。
   *[other] 您是不是想写 { $nearest }？
}
error-missing-setting = { $source }：缺少 { $key }，请补上。
error-wrong-setting = { $source }：{ $key } 应为{ $expected ->
    [integer] 整数
    [number] 数字
    [switch] { " " }true 或 false
    [text] 带引号的文字
    [list] 方括号中的列表
    [table] 表
    [json] 有效的 JSON
    [url] { " " }http://127.0.0.1:8188 这样的地址，不含用户名、密码和查询参数
    [https] { " " }https://easel.example.org/telegram 这样的地址（只有 api_base 是自建的 Bot API 服务器时才可用 http://）
    [database] { " " }postgresql://easel@host/easel 这样的地址，其中要有数据库名
    [proxy] { " " }socks5://127.0.0.1:1080 或 http://name:password@proxy.example.org:3128 这样的地址，必须写明端口
    [host] 主机名或 IP 地址，不带 http:// 和端口
    [name] 名称：最多 64 个字母、数字、空格、点或连字符
    [person] 用户的 id，例如 telegram:1234
    [place] 聊天的 id，例如 telegram/-100123
    [username] 不含冒号的用户名
    [headers] 请求头：名称不含空格，值只有一行
    [bot-token] { " " }BotFather 给出的机器人令牌，例如 123456:ABC-DEF
    [webhook-secret] { " " }1 到 256 个字母、数字、连字符或下划线
    [word] 不只含空格的文字
    [pattern] 不会匹配空文字的正则表达式
    [not-empty] 至少含一项的列表
    [choice] 以下之一：{ $limit }
    [at-least] 不小于 { $limit } 的数
    [at-most] 不大于 { $limit } 的数
    [more-than] 大于 { $limit } 的数
   *[longer] 至少 { $limit } 个字符的文字
}，现在是 { $got }。{ $nearest ->
    [none] { "" }
   *[other] 您是不是想写“{ $nearest }”？
}
error-not-a-pattern = { $source }：{ $key } 不是有效的正则表达式：{ $pattern }，第 { $place } 个字符处：{ $reason }。
error-cannot-listen = Easel 无法监听 { $host } 的端口 { $port }：{ $reason }。[console] 中的 host 应为本机的地址；1024 以下的端口可能需要特殊权限。
error-repeated-server = { $source }：有两台服务器都叫 { $name }，请给它们取不同的名字。
error-secret-twice = { $source }：{ $key } 既直接写出，又用文件给出，请只保留一种。
error-secret-unreadable = { $source }：{ $key } 指向文件 { $path }，{ $reason ->
    [none] 但它是空的。
   *[other] 但无法读取它（{ $reason }）。
}
error-secret-misplaced = { $source }：{ $key } 不能写在设置文件里，因为别人可能看到这个文件。请把它放进单独的文件并用 { $key }_file 指明，或放进环境变量 { $variable }。
error-secret-exposed = { $source }：{ $key } 指向文件 { $path }，而本机的其他用户可以打开它。请运行：chmod 600 { $path }
