# 工作流文件或取值有误时的提示。每一句都说明该怎么办。

error-not-a-graph = { $seems ->
    [empty] { $file } 是空的。请在 ComfyUI 中重新导出：菜单“工作流 > 导出 (API)”。
    [not-json] { $file } 不是 JSON，或者不完整。请在 ComfyUI 中重新导出：菜单“工作流 > 导出 (API)”。
    [picture] { $file } 是一张图片。请在 ComfyUI 中打开它，看到工作流后选择菜单“工作流 > 导出 (API)”，再使用导出的文件。
    [request] { $file } 是发给 ComfyUI 的完整请求，工作流在其中的“prompt”里。请只保留那一部分，或在 ComfyUI 中选择菜单“工作流 > 导出 (API)”。
   *[other] { $file } 是 JSON，但不是 ComfyUI 工作流。请在 ComfyUI 中选择菜单“工作流 > 导出 (API)”，再使用导出的文件。
}
error-not-a-node = { $file } 中的“{ $node }”不是 ComfyUI 能运行的节点。请在 ComfyUI 中重新导出：菜单“工作流 > 导出 (API)”。
error-ui-format = { $file } 是供 ComfyUI 编辑器使用的格式，服务器无法运行。请在 ComfyUI 中打开它，选择菜单“工作流 > 导出 (API)”，再使用导出的文件。
error-unreadable-file = 无法读取 { $file }：{ $reason }。请检查文件名和权限。
error-unwritable-folder = 无法写入 { $folder }：{ $reason }。请换一个文件夹，或修改它的权限。
error-not-toml = { $file } 不是有效的 TOML：{ $reason }
error-unknown-manifest-key = { $nearest ->
    [none] { $file } 中的“{ $key }”没有意义，请删掉它。
   *[other] { $file } 中的“{ $key }”没有意义。您是想写“{ $nearest }”吗？
}
error-wrong-manifest-value = { $expected ->
    [text] { $file } 中的“{ $key }”必须是带引号的文字。
    [whole-number] { $file } 中的“{ $key }”必须是大于 0 的整数，不能是“{ $value }”。
    [number] { $file } 中的“{ $key }”必须是数字，不能是“{ $value }”。
    [switch] { $file } 中的“{ $key }”必须是 true 或 false，不能是“{ $value }”。
    [list] { $file } 中的“{ $key }”必须是文字列表，例如 ["a", "b"]。
    [table] { $file } 中的“{ $key }”必须是一个表，例如 [{ $key }]。
    [kind] { $file } 中的“{ $key }”必须是以下之一：text、integer、number、choice、switch。
    [command] { $file } 中的“{ $key }”最多 32 个字符，只能用 a-z、0-9 和 _，不能是“{ $value }”。
    [flag] { $file } 中的“{ $key }”：“{ $value }”不能当作选项输入。请使用字母、数字、- 和 _，前面不要加短横线。
    [languages] { $file } 中的“{ $key }”必须是一段文字，或者每种语言各一段，其中要有“en”。
   *[default] { $file } 中的“{ $key }”：这个选项不能取“{ $value }”。请检查它的类型、范围和可选值。
}
error-no-such-input = { $nearest ->
    [none] { $file } 中的“{ $key }”指向“{ $value }”，但工作流里没有它。
   *[other] { $file } 中的“{ $key }”指向“{ $value }”，但工作流里没有它。您是想写“{ $nearest }”吗？
}
error-option-leads-nowhere = { $nearest ->
    [none] { $file } 描述了选项“{ $option }”，但没有说明它的值写到哪里。请在 [roles] 下添加，例如 { $option } = "6.text"。
   *[other] { $file } 描述了选项“{ $option }”，但没有说明它的值写到哪里。您是想写“{ $nearest }”吗？否则请在 [roles] 下添加，例如 { $option } = "6.text"。
}
error-flag-taken = { $file } 中选项“{ $option }”的“--{ $flag }”已有别的含义。请换一个。
error-no-output = { $file } 中没有保存或发送图片的节点。请在 ComfyUI 中添加“保存图像”节点后重新导出。
error-manifest-without-graph = { $file } 描述了一个工作流，但旁边没有 { $wanted }。请把导出的工作流以这个名字放在那里。
error-command-taken = { $file } 想用命令 /{ $command }，但它已属于工作流 { $other }。请换一个命令。

error-no-such-workflow = { $nearest ->
    [none] 没有名为“{ $name }”的工作流。
   *[other] 没有名为“{ $name }”的工作流。您是想写“{ $nearest }”吗？
}
error-unknown-option = { $nearest ->
    [none] 工作流 { $workflow } 没有“{ $option }”这个选项。
   *[other] 工作流 { $workflow } 没有“{ $option }”这个选项。您是想写“{ $nearest }”吗？
}
error-missing-value = 工作流 { $workflow } 需要“{ $option }”的值。
error-missing-picture = 工作流 { $workflow } 需要一张图片。请附上一张，或者回复一张图片。
error-wrong-value-kind = { $kind ->
    [integer] “{ $option }”必须是整数，不能是“{ $value }”。
    [number] “{ $option }”必须是数字，不能是“{ $value }”。
    [switch] “{ $option }”只有开和关，不能是“{ $value }”。
   *[text] “{ $option }”必须是文字，不能是“{ $value }”。
}
error-value-out-of-bounds = { $minimum ->
    [none] “{ $option }”不能大于 { $maximum }，您给的是 { $value }。
   *[other] { $maximum ->
        [none] “{ $option }”不能小于 { $minimum }，您给的是 { $value }。
       *[other] “{ $option }”的范围是 { $minimum } 到 { $maximum }，不能是 { $value }。
    }
}
error-value-not-a-choice = { $nearest ->
    [none] “{ $option }”不能是“{ $value }”。可以是：{ $choices }。
   *[other] “{ $option }”不能是“{ $value }”。您是想写“{ $nearest }”吗？
}

# 自动识别时没有把握的地方

finding-several-candidates = { $role }：选了 { $chosen }，但也可能是：{ $others }。如果选错了，请在 [roles] 下写明正确的那个。
finding-computed-value = { $role }：由节点 { $node }（{ $title }）算出，无法设定。要设定它，请在 [roles] 下写明一个输入。
finding-no-place = { $role }：没有找到它的位置。如果有，请在 [roles] 下写明。
finding-fixed-size = 节点 { $node }（{ $title }）总是放大到它自己的尺寸，与要求的宽和高无关。
finding-inline-picture = 节点 { $node }（{ $title }）要求以文字形式传入图片，Easel 不会这样发送。请改用“加载图像”节点。
finding-uncertain-output = 这个工作流里没有已知的保存图片的节点，暂且用了 { $candidates }。如果不对，请在 [roles] 下用 output 写明正确的节点。
finding-new-roles = { $file } 保持原样，其中没有提到：{ $roles }。

# 服务器缺少的东西

finding-missing-node = { $nearest ->
    [none] 节点 { $node }（{ $title }）属于 { $class_type }，这台服务器没有。请安装包含它的自定义节点。
   *[other] 节点 { $node }（{ $title }）属于 { $class_type }，这台服务器没有，但有 { $nearest }。
}
finding-missing-choice = { $nearest ->
    [none] 节点 { $node }（{ $title }）：{ $input } 所需的“{ $value }”服务器上没有，也没有相近的。
   *[other] 节点 { $node }（{ $title }）：{ $input } 所需的“{ $value }”服务器上没有，最相近的是“{ $nearest }”。
}
finding-out-of-bounds = { $minimum ->
    [none] 节点 { $node }（{ $title }）：{ $input } 不能大于 { $maximum }，现在是 { $value }。
   *[other] { $maximum ->
        [none] 节点 { $node }（{ $title }）：{ $input } 不能小于 { $minimum }，现在是 { $value }。
       *[other] 节点 { $node }（{ $title }）：{ $input } 的范围是 { $minimum } 到 { $maximum }，不能是 { $value }。
    }
}
finding-missing-input = 节点 { $node }（{ $title }）：{ $input } 是必需的，但没有东西接入。
finding-wrong-input = 节点 { $node }（{ $title }）：{ $input } 需要 { $expected }，不能是 { $got }。
finding-not-an-output = 节点 { $node }（{ $title }）本应给出图片，但这台服务器上的 { $class_type } 不输出任何东西。

# 常用选项

option-prompt = 想看到的内容
option-negative = 不想看到的内容
option-image = 作为起点的图片
option-image2 = 第二张图片
option-image3 = 第三张图片
option-mask = 要修改的部分，用白色表示
option-width = 宽度（像素）
option-height = 高度（像素）
option-seed = 同一个数字会得到同一张图片
option-steps = 步数越多，耗时越长，细节越多
option-guidance = 贴近提示词的程度
option-denoise = 改动图片的程度：0 不改，1 全改
option-batch = 图片张数
option-model = 使用的模型
option-lora = 使用的 LoRA
