terminal-console = Console:
terminal-port-taken = Port { $wanted } is taken, so this is port { $port }.
reloaded = The settings have been read again.{ $added ->
    [none] { "" }
   *[other] { " " }New servers: { $added }.
}{ $changed ->
    [none] { "" }
   *[other] { " " }Changed servers: { $changed }.
}{ $removed ->
    [none] { "" }
   *[other] { " " }Servers that finish what they have and then leave: { $removed }.
}{ $rules ->
    [none] { "" }
   *[other] { " " }In effect now: { $rules }.
}{ $restart ->
    [none] { "" }
   *[other] { " " }Changed too, but only from the next start on: { $restart }.
}
reloaded-nothing = The settings have been read again. Nothing in them has changed.
error-not-reloaded = Everything stays as it was, because the settings cannot be used. { $problems }
demo-started = A stand-in ComfyUI runs at { $url }. Its pictures are painted by formula and say so.
demo-command = /imagine a lighthouse at dusk --w 1024 --h 768 --seed 7
demo-file = Saved: { $path }
demo-staying = Open the console's address in a browser and type. Ctrl-C stops.
error-no-such-file = { $file } cannot be read: { $reason }.

workflows-command = Command: /{ $command }
workflows-default = default { $value }
workflows-required = required
workflows-range = { $minimum } to { $maximum }
workflows-outputs = Pictures come from node { $outputs }.
workflows-written = Written: { $path }. Look through it, then run: easel workflows check
workflows-kept = { $path } is there already and stays as it is. Use --force to write it anew.
workflows-fine = { $server } can run { $workflow }.
workflows-lacks = { $server } cannot run { $workflow }:

doctor-python = Python { $version }
doctor-workflows = { $count } workflows can be read
doctor-folder = Pictures are kept in { $folder }; { $gigabytes } GB are free there
doctor-full = Pictures are kept in { $folder }, where only { $gigabytes } GB are free. Make room, or name another folder in [data].
doctor-store = Jobs are kept in { $where }; { $count ->
    [0] all have ended
    [one] one has not ended
   *[other] { $count } have not ended
}
doctor-at-work = An Easel is running on these data right now. It can go on.
doctor-access = [access] lets in: operators { $operators }, people { $people }, chats { $chats }
doctor-nobody = [access] names nobody: only you may use it, at the console and at this terminal, and whom you let in with /allow. To be an operator in chats, too, put the id that Easel names when it refuses you into operators.
doctor-anybody = [access] says anybody = true: every stranger who finds the bot may use your servers.
doctor-blocked = [content] blocks: words { $words }, patterns { $patterns }
doctor-hasty = { $key } is more than that platform allows; it may fall silent for minutes.
doctor-unknown-workflow = { $key } names the workflow { $workflow }, and there is none of that name.
doctor-unknown-tag = { $key } names the tag { $tag }, and no server has it.
doctor-no-telegram = There is no bot on Telegram: there is no token for one. docs/telegram.md shows how to make one.
doctor-telegram = Telegram accepts the token of { $name }
doctor-groups = { $name } can be added to groups
doctor-no-groups = { $name } cannot be added to groups. To change that, send /setjoingroups to @BotFather.
doctor-privacy = Of what is said in groups, Telegram tells { $name } only what is meant for it (privacy mode is on). It needs no more.
doctor-no-privacy = Telegram tells { $name } everything that is said in its groups (privacy mode is off). It needs only what is meant for it; to change that, send /setprivacy to @BotFather.
doctor-inline = Inline mode is on: { $name } and a few words make a picture in any chat where the bot is
doctor-no-inline = Inline mode is off: { $name } answers commands only. To change that, send /setinline to @BotFather.
doctor-webhook = Telegram calls { $url }
doctor-webhook-failing = Telegram calls { $url }, and messages wait because it gets no proper answer: { $reason }. Check that Easel runs, and the proxy in front of it.
doctor-webhook-later = Telegram does not call { $url } yet. From the start of easel run on, it does.
doctor-webhook-left = Telegram calls { $host } for { $name } at present. When easel run starts, that ends, and messages come to Easel instead.
doctor-server = Server { $server } at { $url } answers: ComfyUI { $version }
doctor-socket = The WebSocket of { $server } opens
doctor-no-socket = The WebSocket of { $server } does not open. Pictures still arrive, but progress is only polled. A proxy before the server must pass on WebSocket upgrades below the same path.
doctor-runs = { $server } can run: { $workflows }
doctor-runs-none = { $server } can run none of the workflows. The lines below say what is missing.
doctor-lacks = { $workflow } on { $server }:
doctor-port = The console can use port { $port }
doctor-port-taken = Port { $port } is taken. The console will use another; set console.port to choose.
doctor-heic = HEIC pictures from phones can be read
doctor-no-heic = HEIC pictures from phones cannot be read. To change that: pip install pillow-heif
doctor-well = Everything is in order.
doctor-ill = { $count ->
    [one] One thing needs your attention.
   *[other] { $count } things need your attention.
}
