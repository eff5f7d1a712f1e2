# The connection
error-token-refused = Telegram does not accept the bot's token. Ask @BotFather for it with /token, and check api_base in [telegram] if you set it.
error-another-poller = Another program receives this bot's messages, so some of them do not arrive here. Stop that program, or get a bot of its own for it from @BotFather.
error-telegram-unreachable = Telegram cannot be reached: { $reason }. Easel keeps trying.
error-webhook-not-open = Easel cannot listen for Telegram on { $host }, port { $port }: { $reason }. In [telegram], webhook_host must be an address of this computer, and webhook_port a port that is free.
error-webhook-refused = Telegram does not take { $url } as a webhook: { $reason }. Change webhook_url in [telegram], or remove it to do without a webhook.
error-webhook-not-reached = Telegram calls { $url } and gets no proper answer: { $reason }. Check the proxy in front of Easel.
