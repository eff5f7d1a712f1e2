error-no-server = 还没有设置用来作画的服务器。管理员可以在设置中添加一台。
error-nobody-can = 这里没有服务器能运行工作流 { $workflow }。{ $reasons }管理员可以运行：easel doctor
error-pool-full = 所有服务器都忙：已有 { $limit } 张图片在等待，达到上限。请过几分钟再试。

unfit-lacking = { $servers }：{ $findings }
unfit-kept-for-others = { $servers } 不承接它。
