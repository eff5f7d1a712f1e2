# Status cards
card-accepted = Waiting for a server
card-sending = Sending to the server
card-silent = { $count ->
    [1] Waiting for the server { $servers } to answer
   *[other] Waiting for one of these servers to answer: { $servers }
}
card-attempt = The server lost it. Attempt { $attempt }.
card-moved = The server { $server } went away, so another one takes it.
card-queued = { $wait ->
    [none] Waiting in the queue
   *[other] Waiting in the queue, { $wait }
}
card-queued-at = { $wait ->
    [none] Waiting: { $position } of { $of }
   *[other] Waiting: { $position } of { $of }, { $wait }
}
card-running = Drawing
card-running-step = Drawing: step { $step } of { $steps }
card-cancelling = Cancelling
card-delivering = Sending the picture
card-done = Done
card-cancelled = Cancelled
card-failed = No picture
card-adjusted = { $option ->
    [image] Your picture was scaled down from { $asked } to { $used }, the most that is allowed here.
   *[other] { $option }: { $asked } became { $used }, which the model needs.
}

wait-about = about { $time }
wait-seconds = about { $low }–{ $high } s
wait-range = about { $low } to { $high }

# Buttons
button-cancel = Cancel
button-again = Again
button-vary = Vary
button-upscale = Upscale
button-edit = Edit
button-info = Info
button-file = File
button-delete = Delete

# Results
result-seed = seed { $seed }
result-seconds = { $seconds } s

info-title = Job { $job }, workflow { $workflow }
info-server = server: { $server }
info-seconds = GPU time: { $seconds } s
info-repeat = To make it again, send:

show-status = Job { $job }: { $status }
cancelled-elsewhere = Job { $job } is being cancelled. Its own chat shows how it ends.
state = { $state ->
    [accepted] waiting for a server
    [queued] waiting
    [running] drawing
    [delivering] sending the picture
    [done] done
    [kept] could not be posted, /show has it
    [cancelled] cancelled
   *[failed] no picture
}

# Help
help-intro =
    Type what you want to see:
    /imagine a lighthouse at dusk --w 1920 --h 1080

    Reply to a picture to start from it. Reply to a result with flags alone to change only those.
help-line = { $usage } – { $summary }
help-operators = For operators:
help-more = More about one of them: /help imagine
help-picture = Attach a picture to it, or send it in reply to one.

# What can be said: how it is written, and what it does. Its first line is also a platform's menu text.
usage-imagine = /imagine WORDS
help-imagine =
    Make a picture from words
    Flags set the rest: --w and --h the size, --seed, --steps, --workflow. /workflows lists them all.
    With a picture attached, or in reply to one, the words say what becomes of it. Of an album or a result with several pictures, --pick 2 takes the second.
usage-workflow = /{ $command } WORDS
usage-workflow-without-words = /{ $command }
usage-again = /again [ID] [CHANGES]
help-again =
    Make a picture again
    Alone it takes a new seed. With words or flags the seed stays and only those change.
    Without an ID it means what you reply to, or else your last picture here.
usage-cancel = /cancel [ID]
help-cancel =
    Stop a job of yours
    Without an ID it means what you reply to, or else your last job here. Admins can stop every job of their chat.
usage-queue = /queue
help-queue =
    What runs and what waits, on all servers
    The arrow marks your own.
usage-show = /show [ID]
help-show =
    Post a result again, or tell how its job stands
    Without an ID it means what you reply to, or else your last job here.
usage-info = /info [ID]
help-info =
    How a picture was made, and how to make it again
    Without an ID it means what you reply to, or else your last job here.
usage-mine = /mine
help-mine = Your newest jobs
usage-workflows = /workflows
help-workflows =
    What can be drawn, and with which flags
    More about one of them: /help and its name.
usage-models = /models [WORD]
help-models =
    The models there are to choose from
    With a word, only those with that word in their name or kind.
usage-usage = /usage
help-usage = What you have used in the last 24 hours, and of how much
usage-settings = /settings [KEY] [VALUE]
help-settings =
    How this chat is set
    Admins change it, and you do in a chat of your own with Easel: /settings language en, /settings size 1024x768, /settings spoiler on.
    The value default makes it the same as elsewhere again. An operator can also allow more than elsewhere, such as /settings steps 200; 0 is no limit. Admins can only make limits tighter.
usage-help = /help [COMMAND]
help-help = What you can say here
usage-allow = /allow WHO
help-allow =
    Let a person or a chat use Easel
    WHO is a person such as telegram:1234, a chat such as telegram/-100123, or here. In reply to a job of somebody it means that person.
usage-deny = /deny WHO
help-deny =
    Keep a person or a chat out, whatever the settings say
    WHO is as in /help allow.
usage-ban = /ban WHO [HOURS]
help-ban =
    Keep a person or a chat out, and tell them so
    Such as /ban telegram:1234 24, or /ban telegram:1234 7 d. Without a time it lasts until /unban. WHO is as in /help allow.
usage-unban = /unban WHO
help-unban =
    Lift a ban
    WHO is as in /help allow.
usage-servers = /servers
help-servers =
    How servers and chat platforms are doing
    Of each server also what it can run.
usage-drain = /drain SERVER
help-drain =
    Give a server no new jobs
    What it has goes on. /resume and its name gives it jobs again.
usage-pause = /pause
help-pause =
    Take no new jobs
    What was accepted goes on, until /resume and after.
usage-resume = /resume [SERVER]
help-resume =
    Take new jobs again
    With its name, a drained server gets new jobs again.
usage-reload = /reload
help-reload =
    Read the settings file again
    Servers, access, limits and content take effect at once.
usage-audit = /audit
help-audit = What operators and admins did lately

# What somebody reads who said nothing: what to say, and an example that stands below it
imagine-how =
    Say what you want to see. To start from a picture, send /imagine in reply to it. /help has the rest.

    For example:
imagine-how-example = /imagine a lighthouse at dusk, long exposure, calm sea
imagine-how-from-picture = What should become of the picture? Reply to it and say so, for example:
imagine-how-from-picture-example = /imagine the same in winter, at night

# Longer answers
workflows-title = Choose one with --workflow NAME. When you name none, ★ is used, or ☆ for a picture.
workflows-none = There is no workflow here. The operator can add one.
models-none = { $word ->
    [none] No server tells what models it has.
   *[other] No model has “{ $word }” in its name.
}
list = { $names }
list-more = { $names } and { $count } more

queue-title = The queue
queue-empty = Nothing waits.
queue-running = drawing, { $percent } %
queue-cancelling = being cancelled
queue-silent = waiting for its server to answer
queue-waiting-at = waiting, place { $position }
queue-elsewhere = a job of another chat
queue-more = and { $count } more
server-load = { $server }: { $running } running, { $pending } waiting
server-silent = { $time ->
    [none] { $server }: does not answer
   *[other] { $server }: has not answered for { $time }
}
server-drained = gets no new jobs (/resume and its name)
server-limit = takes { $limit } waiting jobs at most
server-tags = tags: { $tags }
server-runs = can run: { $workflows }
servers-none = There is no server. Whoever runs Easel can add one to its settings.
presence = { $platform }: { $state }
presence-connecting = connecting

mine-title = Your newest jobs
mine-none = You have made nothing yet.
mine-elsewhere = in another chat

spent-title = Your last 24 hours
spent-jobs = { $limit ->
    [none] jobs: { $jobs }
   *[other] jobs: { $jobs } of { $limit }
}
spent-gpu = { $limit ->
    [none] GPU time: { $time }
   *[other] GPU time: { $time } of { $limit }
}
spent-waiting = { $limit ->
    [none] not ended yet: { $jobs }
   *[other] not ended yet: { $jobs } of { $limit }
}

settings-title = How this chat is set
settings-set = { $key }: { $value } (elsewhere { $otherwise })
settings-not-set = { $key }: { $otherwise }
settings-limit = { $by ->
    [none] { $key }: { $value }
    [operator] { $key }: { $value }, set by an operator (elsewhere { $otherwise })
    [both] { $key }: { $value }, set by an admin (an operator allows { $granted } here, elsewhere { $otherwise })
   *[admin] { $key }: { $value }, set by an admin (elsewhere { $otherwise })
}
settings-unlimited = no limit
settings-as-workflow = as the workflow has it
settings-how = { $own ->
    [true] Change it with /settings KEY VALUE; the value default takes it back.
   *[false] Admins change it with /settings KEY VALUE; the value default takes it back.
}
settings-now = { $value ->
    [default] { $key } is now the same as elsewhere.
   *[other] { $key } is now { $value } in this chat.
}
settings-now-unlimited = { $key } has no limit in this chat now.
settings-same = It is set like that already.

now-allowed = { $subject } may now use Easel.
now-denied = { $subject } may not use Easel any more.
now-banned = { $time ->
    [none] { $subject } is now banned, until somebody lifts it with /unban.
   *[other] { $subject } is now banned for { $time }.
}
now-unbanned = { $subject } is not banned any more.
now-drained = { $server } gets no new jobs now. What it has goes on.
now-undrained = { $server } gets new jobs again.
now-paused = Easel takes no new jobs now. What was accepted goes on. /resume ends this.
now-resumed = Easel takes new jobs again.
audit-title = What was done lately, in UTC
audit-none = Nothing has been done yet.
audit-here = Only what concerns this chat is told here. To see everything, ask Easel where nobody else reads it.

error-unknown-command = There is no command /{ $command }. { $nearest ->
    [none] Type /help to see what there is.
   *[other] Did you mean /{ $nearest }?
}
error-incomplete = Something is missing. Write: { $usage }. Type /help { $command } for more.
error-nothing-to-pick = { $pictures ->
    [0] There is no choice of pictures here, so “--pick { $pick }” does not work. Use it in reply to an album or to a result with several pictures, and say what becomes of the one you pick.
    [one] Easel sees only one picture here, so there is no { $pick }. Reply to the very picture you mean, without “--pick”.
   *[other] There are { $pictures } pictures here, so there is no { $pick }. Pick one from 1 to { $pictures }.
}
error-nothing-to-reload = There are no settings here that could be read again.
error-fault = Something went wrong inside Easel. The operator can find it in the log.
