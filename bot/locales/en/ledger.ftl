error-ledger-unavailable = { $reason ->
    [full] Easel cannot write anything down just now: its disk is full. What was asked for before is kept. The operator can make room.
    [locked] Easel cannot get at its record of jobs: another program keeps it locked. Try again in a minute.
    [lost] Easel cannot reach its database. What was asked for before is kept. Try again in a minute.
    [denied] Easel may not use its record of jobs. The operator can look at the access rights: { $detail }
    [broken] Easel's record of jobs is damaged. The operator can restore it from a backup: { $detail }
    [disk] Easel's disk failed to read or write. The operator can look at the disk: { $detail }
    [closed] Easel is shutting down. Try again in a minute.
    [old] Easel needs a newer database: { $detail }
   *[other] Easel's record of jobs cannot be used just now. Try again later. The operator can find out why: { $detail }
}
error-ledger-in-use = Another Easel (“{ $holder }”) already works with these data. Stop that one first, or name another folder or database in [data].
error-ledger-too-new = A newer Easel made this record of jobs (version { $version }). Install that Easel again, or name another database.
error-no-ledger-there = { $address } is no database that Easel can use. Write sqlite:///PATH for a file, or postgresql://USER@HOST/NAME.
