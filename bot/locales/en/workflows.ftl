# What can be wrong with a workflow's files, and with values for it. Every sentence says what to do.

error-not-a-graph = { $seems ->
    [empty] { $file } is empty. Export the workflow from ComfyUI once more: menu Workflow > Export (API).
    [not-json] { $file } is not JSON, or only a part of it. Export the workflow from ComfyUI once more: menu Workflow > Export (API).
    [picture] { $file } is a picture. Open it in ComfyUI to see its workflow, then choose the menu Workflow > Export (API) and use that file.
    [request] { $file } is a whole request to ComfyUI, with the workflow under “prompt”. Keep only what stands there, or choose the menu Workflow > Export (API) in ComfyUI.
   *[other] { $file } is JSON, but no ComfyUI workflow. In ComfyUI choose the menu Workflow > Export (API) and use that file.
}
error-not-a-node = “{ $node }” in { $file } is not a node that ComfyUI can run. Export the workflow from ComfyUI once more: menu Workflow > Export (API).
error-ui-format = { $file } was saved for ComfyUI's editor, which a server cannot run. Open it in ComfyUI, choose the menu Workflow > Export (API) and use that file.
error-unreadable-file = { $file } cannot be read: { $reason }. Look at its name and permissions.
error-unwritable-folder = Nothing can be written to { $folder }: { $reason }. Choose another folder, or change its permissions.
error-not-toml = { $file } is not valid TOML: { $reason }
error-unknown-manifest-key = { $nearest ->
    [none] { $file } has “{ $key }”, which means nothing there. Take it out.
   *[other] { $file } has “{ $key }”, which means nothing there. Did you mean “{ $nearest }”?
}
error-wrong-manifest-value = { $expected ->
    [text] “{ $key }” in { $file } must be a text in quotes.
    [whole-number] “{ $key }” in { $file } must be a whole number above 0, not “{ $value }”.
    [number] “{ $key }” in { $file } must be a number, not “{ $value }”.
    [switch] “{ $key }” in { $file } must be true or false, not “{ $value }”.
    [list] “{ $key }” in { $file } must be a list of texts, like ["a", "b"].
    [table] “{ $key }” in { $file } must be a table of its own, like [{ $key }].
    [kind] “{ $key }” in { $file } must be one of: text, integer, number, choice, switch.
    [command] “{ $key }” in { $file } must be up to 32 of the characters a-z, 0-9 and _, not “{ $value }”.
    [flag] “{ $key }” in { $file }: “{ $value }” cannot be typed as a flag. Use letters, digits, - and _, and no dashes in front.
    [languages] “{ $key }” in { $file } must be a text, or a text for each language with “en” among them.
   *[default] “{ $key }” in { $file }: “{ $value }” is not a value the option can have. Look at its kind, bounds and choices.
}
error-no-such-input = { $nearest ->
    [none] “{ $key }” in { $file } names “{ $value }”, which the workflow does not have.
   *[other] “{ $key }” in { $file } names “{ $value }”, which the workflow does not have. Did you mean “{ $nearest }”?
}
error-option-leads-nowhere = { $nearest ->
    [none] { $file } describes the option “{ $option }”, but nothing says where its value goes. Add it under [roles], like { $option } = "6.text".
   *[other] { $file } describes the option “{ $option }”, but nothing says where its value goes. Did you mean “{ $nearest }”? Otherwise add it under [roles], like { $option } = "6.text".
}
error-flag-taken = The flag “--{ $flag }” of the option “{ $option }” in { $file } already has another meaning. Choose another flag.
error-no-output = Nothing in { $file } saves or sends a picture. Add a Save Image node in ComfyUI and export it once more.
error-manifest-without-graph = { $file } describes a workflow, but { $wanted } is not beside it. Put the exported workflow there under that name.
error-command-taken = { $file } asks for the command /{ $command }, which belongs to the workflow { $other }. Choose another command.

error-no-such-workflow = { $nearest ->
    [none] There is no workflow “{ $name }”.
   *[other] There is no workflow “{ $name }”. Did you mean “{ $nearest }”?
}
error-unknown-option = { $nearest ->
    [none] The workflow { $workflow } has no option “{ $option }”.
   *[other] The workflow { $workflow } has no option “{ $option }”. Did you mean “{ $nearest }”?
}
error-missing-value = The workflow { $workflow } needs a value for “{ $option }”.
error-missing-picture = The workflow { $workflow } works on a picture. Attach one, or reply to one.
error-wrong-value-kind = { $kind ->
    [integer] “{ $option }” must be a whole number, not “{ $value }”.
    [number] “{ $option }” must be a number, not “{ $value }”.
    [switch] “{ $option }” must be on or off, not “{ $value }”.
   *[text] “{ $option }” must be a text, not “{ $value }”.
}
error-value-out-of-bounds = { $minimum ->
    [none] “{ $option }” can be { $maximum } or less, not { $value }.
   *[other] { $maximum ->
        [none] “{ $option }” can be { $minimum } or more, not { $value }.
       *[other] “{ $option }” can be from { $minimum } to { $maximum }, not { $value }.
    }
}
error-value-not-a-choice = { $nearest ->
    [none] “{ $option }” cannot be “{ $value }”. It can be: { $choices }.
   *[other] “{ $option }” cannot be “{ $value }”. Did you mean “{ $nearest }”?
}

# What discovery is not sure of

finding-several-candidates = { $role }: { $chosen } was chosen, but it could also be: { $others }. If it is the wrong one, name the right one under [roles].
finding-computed-value = { $role }: node { $node } ({ $title }) works it out, so it cannot be set. To set it, name an input under [roles].
finding-no-place = { $role }: no place was found for it. If there is one, name it under [roles].
finding-fixed-size = Node { $node } ({ $title }) always enlarges to its own size, whatever width and height somebody asks for.
finding-inline-picture = Node { $node } ({ $title }) wants the picture as text, which Easel does not send. Use a Load Image node instead.
finding-uncertain-output = No node of this workflow is known to save pictures; { $candidates } was taken. If it is the wrong one, name the right one as output under [roles].
finding-new-roles = { $file } was kept. It does not mention: { $roles }.

# What a server lacks

finding-missing-node = { $nearest ->
    [none] Node { $node } ({ $title }) is a { $class_type }, which this server does not have. Install the custom nodes it comes from.
   *[other] Node { $node } ({ $title }) is a { $class_type }, which this server does not have. It has { $nearest }.
}
finding-missing-choice = { $nearest ->
    [none] Node { $node } ({ $title }): the server has no “{ $value }” for { $input }, nor anything like it.
   *[other] Node { $node } ({ $title }): the server has no “{ $value }” for { $input }. The nearest it has is “{ $nearest }”.
}
finding-out-of-bounds = { $minimum ->
    [none] Node { $node } ({ $title }): { $input } can be { $maximum } or less, not { $value }.
   *[other] { $maximum ->
        [none] Node { $node } ({ $title }): { $input } can be { $minimum } or more, not { $value }.
       *[other] Node { $node } ({ $title }): { $input } can be from { $minimum } to { $maximum }, not { $value }.
    }
}
finding-missing-input = Node { $node } ({ $title }): nothing feeds { $input }, which it needs.
finding-wrong-input = Node { $node } ({ $title }): { $input } takes { $expected }, not { $got }.
finding-not-an-output = Node { $node } ({ $title }) is to give the picture, but on this server a { $class_type } gives none.

# What the standard options are

option-prompt = What you want to see
option-negative = What you do not want to see
option-image = The picture to start from
option-image2 = A second picture
option-image3 = A third picture
option-mask = The part to change, in white
option-width = Width in pixels
option-height = Height in pixels
option-seed = The same number makes the same picture again
option-steps = More steps take longer and show more detail
option-guidance = How closely to follow the prompt
option-denoise = How much to change the picture: 0 nothing, 1 everything
option-batch = How many pictures
option-model = The model to draw with
option-lora = The LoRA to draw with
