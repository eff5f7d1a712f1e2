terminal-console = 控制台：
terminal-port-taken = 端口 { $wanted } 已被占用，改用端口 { $port }。
reloaded = 已重新读取设置。{ $added ->
    [none] { "" }
   *[other] 新增的服务器：{ $added }。
}{ $changed ->
    [none] { "" }
   *[other] 有改动的服务器：{ $changed }。
}{ $removed ->
    [none] { "" }
   *[other] 完成手头任务后移除的服务器：{ $removed }。
}{ $rules ->
    [none] { "" }
   *[other] 已生效：{ $rules }。
}{ $restart ->
    [none] { "" }
   *[other] 同样有改动，但下次启动才生效：{ $restart }。
}
reloaded-nothing = 已重新读取设置，内容没有变化。
error-not-reloaded = 设置无法使用，一切保持原样。{ $problems }
demo-started = 模拟的 ComfyUI 运行在 { $url }。它的图片由公式绘制，并会注明。
demo-command = /imagine 黄昏的灯塔 --w 1024 --h 768 --seed 7
demo-file = 已保存：{ $path }
demo-staying = 在浏览器中打开控制台地址即可使用。按 Ctrl-C 停止。
error-no-such-file = 无法读取 { $file }：{ $reason }。

workflows-command = 命令：/{ $command }
workflows-default = 默认 { $value }
workflows-required = 必填
workflows-range = { $minimum } 到 { $maximum }
workflows-outputs = 图片来自节点 { $outputs }。
workflows-written = 已写入：{ $path }。请检查内容，然后运行：easel workflows check
workflows-kept = { $path } 已存在，保持不变。使用 --force 可以重新写入。
workflows-fine = { $server } 可以运行 { $workflow }。
workflows-lacks = { $server } 不能运行 { $workflow }：

doctor-python = Python { $version }
doctor-workflows = 可以读取 { $count } 个工作流
doctor-server = 服务器 { $server }（{ $url }）有响应：ComfyUI { $version }
doctor-socket = { $server } 的 WebSocket 可以连接
doctor-no-socket = { $server } 的 WebSocket 无法连接。图片仍会送达，但进度只能靠轮询。服务器前面的代理必须在同一路径下转发 WebSocket 升级请求。
doctor-runs = { $server } 可以运行：{ $workflows }
doctor-runs-none = { $server } 不能运行任何工作流。下面说明缺少什么。
doctor-lacks = { $server } 上的 { $workflow }：
doctor-port = 控制台可以使用端口 { $port }
doctor-port-taken = 端口 { $port } 已被占用，控制台会改用别的端口。可以用 console.port 指定。
doctor-heic = 可以读取手机的 HEIC 图片
doctor-no-heic = 无法读取手机的 HEIC 图片。如需支持：pip install pillow-heif
doctor-well = 一切正常。
doctor-ill = 有 { $count } 个问题需要处理。
