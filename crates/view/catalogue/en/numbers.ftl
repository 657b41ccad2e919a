# Numbers with their units, gauges by name, and the words for what is not known.

gauge-memory = memory
gauge-shared-memory = its share of memory
gauge-cpu = CPU
gauge-threads = threads
gauge-io = reading and writing
gauge-fd-table-bound = descriptors at most
gauge-fd-count = open descriptors
gauge-fd-limit = descriptors allowed
gauge-watches = files watched by itself
gauge-stopped-alone = stopped while its client runs
gauge-file-table = open files
gauge-file-table-limit = open files allowed
gauge-vnodes-free = free file nodes
gauge-vnodes-recycled = file nodes reused
gauge-user-watches = file watches of this user
gauge-user-watch-limit = file watches allowed
gauge-machine-memory = memory of this machine
gauge-memory-available = memory available
gauge-swap-used = swap in use
gauge-pressure-level = memory pressure
gauge-memory-stall = time spent waiting for memory
gauge-indexer-workers = Spotlight workers
gauge-indexer-births = new Spotlight workers
gauge-indexer-cpu = CPU of Spotlight

## Lengths of time.

tenths-of-seconds = { $s }.{ $tenths } s
seconds = { $s } s
minutes = { $min } min
minutes-seconds = { $min } min { $s } s
hours = { $h } h
hours-minutes = { $h } h { $min } min
days-hours = { $d } d { $h } h

## Sizes and numbers.

kilobytes = { $n } kB
megabytes = { $n } MB
gigabytes = { $n }.{ $tenths } GB
a-second = { $bytes }/s
a-minute = { $number } a minute
thousands = { $n } k
millions = { $n }.{ $tenths } M
percent = { $n } %
part-of-core = { $n } % of a core
cores = { $n }.{ $tenths } cores
or-more = { $amount } or more
level-normal = normal
level-warning = warning
level-critical = critical
flag-yes = yes
flag-no = no
times =
    { $n ->
        [1] once
        [2] twice
       *[other] { $n } times
    }

## Names.

process = { $name } (pid { $pid })
    .short = { $name }
in-folder = {" "}in { $folder }
unnamed-folder = unnamed folder
unnamed-program = unnamed program
some-client = the editor
    .start = The editor

## How much a cause is worth.

certain = Cause: { $cause }
    .sentence = Cause: { $cause }.
most-likely = Most likely: { $cause }
    .sentence = Most likely: { $cause }.
possible = Possibly: { $cause }
    .sentence = Possibly: { $cause }.
same-time = At the same time: { $cause }
    .sentence = At the same time: { $cause }.
