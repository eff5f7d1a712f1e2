error-server-unreachable = 无法连接服务器 { $server }（{ $reason }）。请确认它正在运行，并检查设置中的地址。
error-tls-failed = 服务器 { $server } 的证书未被接受（{ $reason }）。如果是自签名证书，请在它的设置中写 verify_tls = false。
error-connection-lost = 与服务器 { $server } 的连接中断（{ $reason }）。请重试。
error-server-timeout = 服务器 { $server } 在 { $seconds } 秒内没有响应。请稍后再试。
error-unauthorised = 服务器 { $server } 拒绝了我们的凭据（HTTP { $status }）。请检查设置中的 basic_auth 和 headers。
error-server-error = 服务器 { $server } 返回错误（HTTP { $status }）：{ $reason }
error-bad-answer = 服务器 { $server } 的地址上运行的似乎不是 ComfyUI（{ $route }）。请检查设置中的地址。
error-refused-graph = 服务器 { $server } 拒绝了这个工作流。{ $problems }
error-outcome-unknown = 服务器 { $server } 没有说明是否接受了任务。为避免重复运行，任务没有再次发送。请查看服务器的队列后再试。
error-output-gone = 文件 { $filename } 已不在服务器 { $server } 上。请重试。
error-output-too-large = 服务器 { $server } 上的文件 { $filename } 超过了允许的 { $limit } 字节。可在它的设置中调大 max_output_bytes。
error-upload-too-large = 服务器 { $server } 不接受 { $size } 字节的图片。请发送小一些的图片。

node-error-missing-node-type = 服务器没有节点“{ $class_type }”（{ $node }）。请安装提供它的自定义节点。
node-error-prompt-no-outputs = 工作流没有输出节点（例如 SaveImage）。
node-error-required-input-missing = “{ $title }”（{ $node }）的 { $field } 需要一个值。
node-error-value-not-in-list = “{ $title }”（{ $node }）没有 { $field }“{ $value }”。{ $allowed ->
    [none] {""}
   *[other] 最接近的有：{ $allowed }。
}
node-error-value-bigger-than-max = “{ $title }”（{ $node }）的 { $field } 是 { $value }，最大只能是 { $maximum }。
node-error-value-smaller-than-min = “{ $title }”（{ $node }）的 { $field } 是 { $value }，最小必须是 { $minimum }。
node-error-invalid-input-type = “{ $title }”（{ $node }）的 { $field } 不能是“{ $value }”。
node-error-return-type-mismatch = 连接到“{ $title }”（{ $node }）的 { $field } 类型不符。{ $message }
node-error-custom-validation-failed = “{ $title }”（{ $node }）不接受它的 { $field }。{ $message }
node-error-other = { $node ->
    [none] { $message }
   *[other] “{ $title }”（{ $node }）：{ $message }
}
