error-ledger-unavailable = { $reason ->
    [full] Easel 现在无法记录任何内容：磁盘已满。之前的请求都保留着。管理员可以清理出空间。
    [locked] Easel 现在无法使用任务记录：另一个程序把它锁住了。请过一分钟再试。
    [lost] Easel 连不上数据库。之前的请求都保留着。请过一分钟再试。
    [denied] Easel 无权使用任务记录。管理员可以检查访问权限：{ $detail }
    [broken] Easel 的任务记录已损坏。管理员可以用备份恢复：{ $detail }
    [disk] Easel 的磁盘读写失败。管理员可以检查磁盘：{ $detail }
    [closed] Easel 正在关闭。请过一分钟再试。
    [old] Easel 需要更新版本的数据库：{ $detail }
   *[other] 现在无法使用 Easel 的任务记录。请稍后再试。管理员可以查明原因：{ $detail }
}
error-ledger-in-use = 另一个 Easel（“{ $holder }”）已在使用这些数据。请先停止它，或者在 [data] 中指定另一个文件夹或数据库。
error-ledger-too-new = 这份任务记录是由更新版本的 Easel 创建的（版本 { $version }）。请重新安装那个版本的 Easel，或者指定另一个数据库。
error-no-ledger-there = { $address } 不是 Easel 能使用的数据库。文件请写 sqlite:///路径，服务器请写 postgresql://用户@主机/名称。
