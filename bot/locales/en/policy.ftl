# Lengths of time, put together of at most two of these
span-days = { $count } d
span-hours = { $count } h
span-minutes = { $count } min
span-seconds = { $count } s

# Who may
error-not-allowed-here = { $person ->
    [none] Easel is not open to this chat. An operator can change that: /allow { $chat }
   *[other] { $chat ->
        [none] Easel is not open to you. An operator can change that: /allow { $person }
       *[other]
            Easel is not open to you here yet. An operator can change that
            for this chat: /allow { $chat }
            for you alone: /allow { $person }
    }
}
error-banned = { $frees ->
    [none] You are banned here. Only an operator can lift that.
   *[other] You are banned here for another { $frees }. Only an operator can lift that earlier.
}
error-chat-banned = { $frees ->
    [none] This chat is banned. Only an operator can lift that.
   *[other] This chat is banned for another { $frees }. Only an operator can lift that earlier.
}
error-paused = An operator has paused Easel, so it takes no new jobs. Those it has accepted go on. Try again later.
error-not-operator = Only an operator can do that.
error-not-admin = Only an admin of this chat or an operator can change its settings.

# What
error-blocked-words = { $found ->
    [none] The rules here do not allow these words. Write it in another way.
   *[other] The rules here do not allow “{ $found }”. Leave it out or write it in another way.
}
error-words-not-checked = Your words could not be held against the rules here in time. Write less and try again. The operator can find the slow rule in the log.
error-adults-only = The workflow { $workflow } is for adults, and this chat is not marked for them. Choose another from /workflows, or ask an operator for /settings adult on.
error-workflow-not-allowed = You may not use the workflow { $workflow } here. Choose one of these: { $allowed }

# How much in one request
error-too-many-steps = { $asked } steps are too many. Ask for { $allowed } at most.
error-picture-too-large = The picture to start from has { $width } × { $height } pixels, more than are allowed here: { $allowed }, such as { $side } × { $side }. Start from a smaller one.

# How much in a day
error-too-many-waiting = { $limit ->
    [one] One job at a time is allowed, and yours has not ended. Wait until it is done, or stop it with /cancel.
   *[other] { $limit } jobs at a time are allowed, and as many of yours have not ended. Wait until one is done, or stop one with /cancel.
}
error-daily-jobs-used = { $limit ->
    [one] One job in 24 hours is allowed, and you have had it.
   *[other] { $limit } jobs in 24 hours are allowed, and you have had them.
} You can ask for the next in { $frees }.
error-daily-gpu-used = The limit is { $limit } of GPU time in 24 hours, and you have used it up. You can ask for the next job in { $frees }.
error-cooling-down = Two jobs have to be { $cooldown } apart. You can ask for the next in { $frees }.

# What operators and admins type
error-operators-stay = { $subject } is an operator and cannot be shut out. Whoever runs Easel can take that id out of the operators in its settings.
error-not-banned = { $subject } is not banned. To let somebody in, send /allow { $subject }
error-bad-subject = “{ $subject }” is neither a person nor a chat. Write a person as telegram:1234, a chat as telegram/-100123, and this chat as here.
error-bad-span = “{ $text }” is no length of time up to ten years. Write for example 30 min, 12 h or 7 d.
error-no-such-chat-setting = There is no setting “{ $key }”. { $nearest ->
    [none] There are: { $known }
   *[other] Did you mean { $nearest }?
}
error-bad-chat-setting = “{ $value }” does not fit the setting { $key }. Write { $expected ->
    [language] one of these: { $choices }; or
    [size] a size such as 1024x768, or
    [switch] on or off, or
    [whole] a whole number, or
    [pixels] a number of pixels or a size such as 1024x768, or
    [seconds] a length of time such as 30 min, or
   *[other] a name, or
} default for the same as elsewhere.
error-limit-too-loose = { $key ->
    [cooldown] { $key } can be { $allowed } seconds or more here. Less
   *[other] { $key } can be { $allowed } or less here, and not 0, which is no limit. More
} is up to an operator.

# What the settings say
error-bad-pattern = { $reason ->
    [none] “{ $pattern }” cannot be blocked: an empty text would be, too. Take it out or make it narrower.
   *[other] “{ $pattern }” is no regular expression: { $reason }
}
