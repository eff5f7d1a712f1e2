error-no-server = No server is set up to draw. The operator can add one to the settings.
error-nobody-can = No server here can run the workflow { $workflow }. { $reasons } The operator can run: easel doctor
error-pool-full = Every server is busy: { $limit ->
    [one] one picture waits
   *[other] { $limit } pictures wait
} already, as many as may. Try again in a few minutes.

unfit-lacking = On { $servers }: { $findings }
unfit-kept-for-others = { $servers } may not run it.
