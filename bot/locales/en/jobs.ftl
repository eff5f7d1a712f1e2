error-impossible-transition = Something went wrong inside Easel with job { $job }. The operator can find it in the log.
error-no-such-job = There is no job { $job } here. Ids look like k7m2qd; /mine lists yours, and /queue those that wait.
error-no-job-yet = You have made nothing here yet. Name a job, such as /info k7m2qd, or reply to its message.
error-not-yours = Job { $job } belongs to somebody else. Only its owner, an admin of its chat or an operator can do that.
error-already-over = Job { $job } has already ended.
error-runs-elsewhere = Another Easel that uses the same data looks after job { $job }. Cancel it there.
error-not-over-yet = Job { $job } has not ended yet. Cancel it first.
error-nothing-to-work-with = Job { $job } has no picture to work with.
error-no-such-picture = Job { $job } has { $count ->
    [one] one picture, so there is no { $pick }. Leave the number out.
   *[other] { $count } pictures, so there is no { $pick }. Choose one from 1 to { $count }.
}
error-cannot-do = { $action ->
    [vary] No workflow here can vary a picture. The operator can add one that takes a picture.
    [upscale] No workflow here can enlarge a picture. The operator can add one with the command upscale.
   *[other] No workflow here can do that.
}
error-too-large = { $width } × { $height } has more pixels than are allowed here: { $allowed }, such as { $side } × { $side }. Choose a smaller size.
error-too-many-pictures = { $asked } pictures at once are too many. Ask for { $allowed } at most.
error-wrong-pictures = The workflow { $workflow } takes { $taken ->
    [0] no picture
    [one] one picture
   *[other] up to { $taken } pictures
}; you sent { $given }.
error-node-failed = The server stopped at “{ $node }”: “{ $reason }”. Try it again, or with a smaller size. If that does not help, tell the operator.
error-nothing-came-out = The workflow { $workflow } ended without a picture. The operator can look at its output nodes.
error-job-lost = The server { $server } lost the job { $attempts } times. Try again later.
error-server-gone = The job was given up: no answer from { $servers } for { $minutes } min. Try again later, or tell the operator.
error-no-such-server = There is no server { $server }. The servers are: { $known }.
error-picture-gone = The picture is no longer kept here.
error-cannot-keep = The picture could not be written to disk: { $reason }. The operator can make room.
error-stopping = Easel is shutting down. Try again in a minute.
error-internal-fault = Something went wrong inside Easel. The operator can find job { $job } in the log.
