# Status cards
card-accepted = Sending to the server
card-attempt = The server lost it. Attempt { $attempt }.
card-queued = Waiting in the queue
card-queued-at = { $position ->
    [1] Next in the queue
   *[other] In the queue: { $position } of { $of }
}
card-running = Drawing
card-running-step = Drawing: step { $step } of { $steps }
card-delivering = Sending the picture
card-done = Done
card-cancelled = Cancelled
card-failed = No picture
card-adjusted = { $option }: { $asked } became { $used }, which the model needs.

# Buttons
button-cancel = Cancel
button-again = Again
button-vary = Vary
button-upscale = Upscale
button-edit = Edit
button-info = Info
button-delete = Delete

# Results
result-seed = seed { $seed }
result-seconds = { $seconds } s

info-title = Job { $job }, workflow { $workflow }
info-server = server: { $server }
info-repeat = To make it again, send:

# Longer answers
help =
    Type what you want to see:
    /imagine a lighthouse at dusk --w 1920 --h 1080

    Reply to a picture to start from it. Reply to a result with flags alone to change only those.

    /queue what runs and what waits
    /cancel ID stop a job of yours
    /again ID the same with a new seed
    /info ID how a picture was made
    /workflows what can be drawn, and with which flags
help-workflow = /{ $command } { $title }
workflows-title = Choose one with --workflow NAME. When you name none, ★ is used, or ☆ for a picture.
workflows-none = There is no workflow here. The operator can add one.
queue-title = The queue
queue-empty = Nothing waits.
queue-running = drawing, { $percent } %
queue-waiting = waiting
queue-waiting-at = waiting, place { $position }
queue-more = and { $count } more
server-load = { $server }: { $running } running, { $pending } waiting
server-silent = { $server }: does not answer

error-unknown-command = There is no command /{ $command }. { $nearest ->
    [none] Type /help to see what there is.
   *[other] Did you mean /{ $nearest }?
}
error-fault = Something went wrong inside Easel. The operator can find it in the log.
