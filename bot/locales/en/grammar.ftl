# What can be wrong with what somebody typed. Every sentence says what to do instead.

error-unknown-flag = { $hint ->
    [elsewhere] “--{ $flag }” does not work with { $workflow }, but it does with: { $others }. Leave it out, or choose another workflow with “--workflow”.
    [nearest] There is no “--{ $flag }” for { $workflow }. Did you mean “--{ $nearest }”? If it belongs to your prompt, write “\--{ $flag }”.
   *[list] There is no “--{ $flag }” for { $workflow }, which has: { $known }. If it belongs to your prompt, write “\--{ $flag }”.
}
error-unknown-workflow = { $hint ->
    [nearest] There is no workflow “{ $workflow }”. Did you mean “{ $nearest }”?
    [list] There is no workflow “{ $workflow }”. You can choose from: { $workflows }.
   *[none] There are no workflows here yet. Please tell whoever runs this bot.
}
error-flag-without-value = “--{ $flag }” needs a value after it, for example: --{ $flag } { $example }
error-not-numeric = “--{ $flag }” needs a number, and “{ $value }” is not clearly one. For example: --{ $flag } { $example }
error-not-whole = “--{ $flag }” needs a whole number, not { $value }.
error-out-of-bounds = { $bounds ->
    [both] “--{ $flag }” can be from { $minimum } to { $maximum }, not { $value }. If you leave it out, a fitting value is used.
    [minimum] “--{ $flag }” can be { $minimum } or more, not { $value }. If you leave it out, a fitting value is used.
   *[maximum] “--{ $flag }” can be { $maximum } or less, not { $value }. If you leave it out, a fitting value is used.
}
error-no-such-choice = { $hint ->
    [nearest] “--{ $flag }” cannot be “{ $value }”. Did you mean “{ $nearest }”?
   *[list] “--{ $flag }” cannot be “{ $value }”. It can be: { $choices }.
}
error-not-yes-or-no = “--{ $flag }” is on or off, so “{ $value }” does not fit. Write “--{ $flag }” for on, “--{ $flag }=no” for off.
error-picture-is-attached = “--{ $flag }” is a picture, which cannot be typed. Attach the picture to your message, or reply to it.
error-repeated-flag = You set “--{ $flag }” twice, to { $first } and to { $second }. Keep one of them.
error-fighting-flags = You set the size in more than one way: { $flags }. Keep one way.
error-malformed-size = “{ $value }” is not a size. Write width x height in pixels, for example: --size 1024x768
error-malformed-ratio = “{ $value }” is not a shape. Write width : height, for example: --ar 16:9
error-ratio-out-of-bounds = --ar { $ratio } would come to { $width }×{ $height } pixels. Pictures here can be from { $smallest } to { $largest }. Choose a shape nearer to a square, or another size.
error-missing-prompt = Say what you want to see, for example: /imagine a lighthouse at dusk
error-takes-no-prompt = { $workflow } works without a prompt. Send the command again without one, or choose another workflow with “--workflow”.
error-prompt-too-long = Your prompt has { $length } characters. The most is { $maximum }; please shorten it.
error-value-too-long = The text after “--{ $flag }” has { $length } characters. The most is { $maximum }; please shorten it.
error-needs-picture = { $needed ->
    [one] { $workflow } starts from a picture. Attach one to your message, or reply to one.
   *[other] { $workflow } starts from { $needed } pictures, and there { $given ->
        [0] are none
        [one] is 1
       *[other] are { $given }
    }. Attach them to one message.
}
error-extra-pictures = { $maximum ->
    [0] { $workflow } works without a picture, and you gave { $given }. Send the command without one
    [one] { $workflow } takes one picture, and you gave { $given }. Send one
   *[other] { $workflow } takes up to { $maximum } pictures, and you gave { $given }. Send fewer
}{ $hint ->
    [elsewhere] , or choose another workflow with “--workflow”: { $others }.
   *[none] .
}
