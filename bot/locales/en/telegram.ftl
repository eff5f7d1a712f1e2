# The connection
error-token-refused = Telegram does not accept the bot's token. Ask @BotFather for it with /token, put it in the place of the old one and start Easel again. If you set api_base in [telegram], check that too.
error-another-poller = Another program receives this bot's messages, so some of them do not arrive here. Stop that program, or get a bot of its own for it from @BotFather.
error-telegram-unreachable = Telegram cannot be reached: { $reason }. Easel keeps trying. Check the network, and in [telegram] proxy and api_base if you set them.
error-webhook-not-open = Easel cannot listen for Telegram on { $host }, port { $port }: { $reason }. In [telegram], webhook_host must be an address of this computer, and webhook_port a port that is free.
error-webhook-refused = Telegram does not take { $url } as a webhook: { $reason }. Change webhook_url in [telegram], or remove it to do without a webhook.
error-webhook-not-reached = Telegram calls { $url } and gets no proper answer: { $reason }. Check the proxy in front of Easel.

# What is asked after Edit. Below it stands the command as it is now.
telegram-edit = { $name }, reply to this with what should change in { $job }: other words, or flags such as --w 1024.
telegram-edit-example = other words, or --w 1024

# What is posted
error-chat-unreachable = Easel can no longer write to the chat { $chat }. Add the bot to it again or unblock it, then ask again.
error-may-not-send = { $what ->
    [photos] Easel may not send photos in this chat. An admin can allow that in its permissions; then ask again.
    [documents] Easel may not send files in this chat. An admin can allow that in its permissions; then ask again.
   *[messages] Easel may not write in this chat. An admin can allow that in its permissions; then ask again.
}
error-topic-closed = This topic is closed. An admin can open it again, or let Easel manage topics; then ask again.
error-file-too-large = This file is larger than Telegram takes from a bot. Ask for a smaller size or fewer frames.
error-not-taken = Telegram did not take this message: “{ $reason }”. If that happens again, tell the operator.

# Inline mode: what is offered to somebody who types the bot's name in any chat
inline-make = Make: { $words }
inline-make-where = In this chat, if Easel is in it
inline-type = Type what you want to see
inline-nothing = Your pictures appear here

# What people send and press
error-sent-file-too-large = This picture is too large: Telegram gives bots files of up to { $allowed } MB. Please send a smaller one.
error-sent-file-gone = Telegram no longer has this picture. Please send it once more.
error-sent-file-not-fetched = Your picture could not be fetched from Telegram. Please try again in a few minutes.
error-no-still-picture = Only still pictures can be used. Please send a photo, an image file (PNG, JPEG or WebP) or a sticker that does not move.
error-dead-button = This button no longer does anything.
