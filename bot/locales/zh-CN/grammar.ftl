# 输入有误时的提示。每一句都说明该怎么改。

error-unknown-flag = { $hint ->
    [elsewhere] { $workflow } 不支持“--{ $flag }”，支持它的工作流有：{ $others }。请去掉它，或用“--workflow”换一个工作流。
    [nearest] { $workflow } 没有“--{ $flag }”这个选项。您是想写“--{ $nearest }”吗？如果它是提示词的一部分，请写成“\--{ $flag }”。
   *[list] { $workflow } 没有“--{ $flag }”这个选项。可用的选项有：{ $known }。如果它是提示词的一部分，请写成“\--{ $flag }”。
}
error-unknown-workflow = { $hint ->
    [nearest] 没有名为“{ $workflow }”的工作流。您是想写“{ $nearest }”吗？
    [list] 没有名为“{ $workflow }”的工作流。可以选择：{ $workflows }。
   *[none] 这里还没有任何工作流，请告诉机器人的管理者。
}
error-flag-without-value = “--{ $flag }”后面需要一个值，例如：--{ $flag } { $example }
error-not-numeric = “--{ $flag }”需要一个数字，而“{ $value }”无法确定是哪个数字。例如：--{ $flag } { $example }
error-not-whole = “--{ $flag }”需要整数，不能是 { $value }。
error-out-of-bounds = { $bounds ->
    [both] “--{ $flag }”的范围是 { $minimum } 到 { $maximum }，不能是 { $value }。不写它，就会使用合适的值。
    [minimum] “--{ $flag }”不能小于 { $minimum }，您写的是 { $value }。不写它，就会使用合适的值。
   *[maximum] “--{ $flag }”不能大于 { $maximum }，您写的是 { $value }。不写它，就会使用合适的值。
}
error-no-such-choice = { $hint ->
    [nearest] “--{ $flag }”不能是“{ $value }”。您是想写“{ $nearest }”吗？
   *[list] “--{ $flag }”不能是“{ $value }”。可以是：{ $choices }。
}
error-not-yes-or-no = “--{ $flag }”只有开和关，不能是“{ $value }”。要打开就写“--{ $flag }”，要关闭就写“--{ $flag }=no”。
error-picture-is-attached = “--{ $flag }”是一张图片，不能用文字输入。请把图片附在消息里，或者回复那张图片。
error-repeated-flag = “--{ $flag }”写了两次，分别是 { $first } 和 { $second }。请只保留一个。
error-fighting-flags = 您用了不止一种方式设定图片大小：{ $flags }。请只保留一种。
error-malformed-size = “{ $value }”不是图片大小。请写成“宽x高”（像素），例如：--size 1024x768
error-malformed-ratio = “{ $value }”不是宽高比。请写成“宽:高”，例如：--ar 16:9
error-ratio-out-of-bounds = --ar { $ratio } 会得到 { $width }×{ $height } 像素的图片，而这里的图片大小必须在 { $smallest } 到 { $largest } 之间。请选择更接近正方形的宽高比，或者换一个大小。
error-missing-prompt = 请写出您想看到的画面，例如：/imagine 黄昏时的灯塔
error-takes-no-prompt = { $workflow } 不需要提示词。请去掉提示词再发一次，或用“--workflow”换一个工作流。
error-prompt-too-long = 您的提示词有 { $length } 个字符，最多 { $maximum } 个，请缩短一些。
error-value-too-long = “--{ $flag }”后面的文字有 { $length } 个字符，最多 { $maximum } 个，请缩短一些。
error-needs-picture = { $needed ->
    [1] { $workflow } 需要一张图片。请把图片附在消息里，或者回复一张图片。
   *[other] { $workflow } 需要 { $needed } 张图片，现在有 { $given } 张。请把它们附在同一条消息里。
}
error-extra-pictures = { $maximum ->
    [0] { $workflow } 不使用图片，您发了 { $given } 张。请不带图片再发一次
   *[other] { $workflow } 最多使用 { $maximum } 张图片，您发了 { $given } 张。请减少图片
}{ $hint ->
    [elsewhere] ，或用“--workflow”换一个工作流：{ $others }。
   *[none] 。
}
