# What can be wrong with settings. Each line begins with the file or the environment variable that says it.

error-bad-settings = { $count ->
    [one] The settings have a mistake. Nothing was started.
   *[other] The settings have { $count } mistakes. Nothing was started.
}
error-settings-file-unreadable = { $source }: this file cannot be read ({ $reason }).
error-settings-not-toml = { $source }: this is not valid TOML: { $reason }.
error-unknown-setting = { $source }: there is no setting { $key }. { $nearest ->
    [none] See config.example.toml for those there are.
   *[other] Did you mean { $nearest }?
}
error-missing-setting = { $source }: { $key } is missing. Please add it.
error-wrong-setting = { $source }: { $key } must be { $expected ->
    [integer] a whole number
    [number] a number
    [switch] true or false
    [text] text in quotes
    [list] a list in square brackets
    [table] a table
    [json] valid JSON
    [url] an address like http://127.0.0.1:8188, without name, password or query
    [https] an address like https://easel.example.org/telegram (http:// only if api_base is a Bot API server of your own)
    [database] an address like postgresql://easel@host/easel, with the name of a database
    [proxy] an address like socks5://127.0.0.1:1080 or http://name:password@proxy.example.org:3128, with the port
    [host] a host name or an IP address, without http:// and port
    [name] a name of up to 64 letters, digits, spaces, dots and hyphens
    [person] a person's id like telegram:1234
    [place] a chat's id like telegram/-100123
    [username] a name without a colon
    [headers] names of headers without spaces, each with a value of one line
    [bot-token] a bot's token as BotFather gives it, like 123456:ABC-DEF
    [webhook-secret] 1 to 256 letters, digits, hyphens and underscores
    [word] text that is more than spaces
    [pattern] a regular expression that does not match an empty text
    [not-empty] a list with at least one entry
    [choice] one of { $limit }
    [at-least] { $limit } or more
    [at-most] { $limit } or less
    [more-than] more than { $limit }
   *[longer] at least { $limit } characters long
}, not { $got }.{ $nearest ->
    [none] { "" }
   *[other] { " " }Did you mean "{ $nearest }"?
}
error-not-a-pattern = { $source }: { $key } is no regular expression: { $pattern }, at character { $place }: { $reason }.
error-cannot-listen = Easel cannot listen on { $host }, port { $port }: { $reason }. In [console], host must be an address of this computer; ports below 1024 may need special rights.
error-repeated-server = { $source }: there are two servers named { $name }. Please give each a name of its own.
error-secret-twice = { $source }: { $key } is given directly and by a file. Please keep one of the two.
error-secret-unreadable = { $source }: { $key } names the file { $path }, { $reason ->
    [none] which is empty.
   *[other] which cannot be read ({ $reason }).
}
error-secret-misplaced = { $source }: { $key } must not stand in a settings file, which others may get to see. Put it into a file of its own and name that with { $key }_file, or into the environment variable { $variable }.
error-secret-exposed = { $source }: { $key } names the file { $path }, which others on this computer may open. Run: chmod 600 { $path }
