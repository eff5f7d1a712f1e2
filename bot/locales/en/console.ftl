# The web console
console-you = You

# The page. { "{name}" } stands where the page writes a number.
console-page-title = Easel
console-page-chat = Chat
console-page-greeting = What would you like to see?
console-page-invitation = Describe a picture. Add a size such as --w 1920 --h 1080, or reply to a picture to go on from it.
console-page-example-1 = A lighthouse at dusk, long exposure, calm sea
console-page-example-2 = A red fox in fresh snow, watercolour --ar 16:9
console-page-placeholder = Describe a picture
console-page-commands = Commands
console-page-send = Send
console-page-attach = Attach a picture
console-page-drop = Drop the picture here
console-page-reply = Reply
console-page-replying = Replying to this picture
console-page-replied = The picture that this is about
console-page-no-reply = Do not reply to this picture
console-page-no-attachment = Remove this picture
console-page-attached = Attached picture
console-page-open = Open the picture
console-page-close = Close
console-page-download = Download the original
console-page-show = Show
console-page-show-covered = Show the covered picture
console-page-file = A file to download
console-page-picture-of = Picture of: { $title }
console-page-preview = The picture so far
console-page-progress = Progress
console-page-newest = Go to the newest message
console-page-side = Queue and servers
console-page-queue = Queue
console-page-queue-empty = Nothing waits.
console-page-queue-more = and { $count } more
console-page-own = yours
console-page-servers = Servers
console-page-platforms = Chat platforms
console-page-dark = Dark colours
console-page-light = Light colours
console-page-lost = Connection lost. Trying again.
console-page-signed-out = This address is no longer valid. Open the one that Easel printed when it last started.
console-page-failed = That did not reach Easel. Try again.
console-page-too-large = That is more than { $megabytes } MB. Send fewer or smaller pictures.
console-page-finished = Finished: { $title }
console-page-sure = Delete for good

# Beside the page
console-side-place = { $wait ->
    [none] Waiting, place { $position }
   *[other] Waiting, place { $position }, { $wait }
}
console-side-running = Drawing, { $percent } %
console-side-load = { $running } running, { $pending } waiting
console-side-idle = Free
console-side-away = Does not answer
console-side-drained = Gets no new jobs

error-not-signed-in = Please open the address that Easel printed when it started. It carries the key to this page.
error-wrong-host = This page does not answer to the name { $host }. Open the printed address, or add the name to the console's settings.
error-foreign-origin = This request comes from another page, so it is refused. Open the address that Easel printed.
error-message-too-large = That is more than { $allowed } MB. Send fewer or smaller pictures.
error-not-understood = This request makes no sense here. Reload the page and try again.
error-nothing-here = There is nothing here. Open the address that Easel printed.
error-message-gone = This message is no longer in the chat.
