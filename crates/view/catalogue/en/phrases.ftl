# The words of menus, lists and labels. The names and arguments are those of `Phrase` in crates/view/src/phrases.rs.
#
# Facts are written like sentences, commands In Title Case; "…" means that more follows. `within` is the same behind
# other words on one line.

## The icon.

icon-label = gopls: { $words }
icon-looking = looking…
icon-blind = cannot see processes
icon-muted-until = alerts muted until { $until }
icon-muted = alerts muted until you resume them
icon-more =
    { $problem }, and { $more ->
        [one] 1 more problem
       *[other] { $more } more problems
    }
icon-quiet =
    all quiet, { $servers ->
        [0] no gopls runs
        [one] 1 server
       *[other] { $servers } servers
    }
icon-silent =
    { $problems ->
        [one] 1 problem snoozed or muted
       *[other] { $problems } problems snoozed or muted
    }, { $servers ->
        [0] no gopls runs
        [one] 1 server
       *[other] { $servers } servers
    }
icon-advice =
    { $suggestions ->
        [one] 1 suggestion
       *[other] { $suggestions } suggestions
    }

## The menu.

looking = Looking…
blind = Cannot see processes
all-quiet =
    All quiet — { $servers ->
        [0] no gopls runs
        [one] 1 server
       *[other] { $servers } servers
    }
all-quiet-using =
    All quiet — { $servers ->
        [0] no gopls runs
        [one] 1 server
       *[other] { $servers } servers
    }, { $memory }
servers =
    { $servers ->
        [0] no gopls runs
        [one] 1 server
       *[other] { $servers } servers
    }
servers-using =
    { $servers ->
        [0] no gopls runs
        [one] 1 server
       *[other] { $servers } servers
    } — { $memory }
more-problems = { $n } More Problems
notifications-from = Notifications begin at { $at }
unseen =
    { $n ->
        [one] 1 thing cannot be seen here
       *[other] { $n } things cannot be seen here
    }
unseen-thing = { $name }: { $why }
quit = Quit goplswatch
open-config = Open Config
resume-alerts = Resume Alerts
paused-until = Alerts are paused until { $at }
paused = Alerts are paused
pause-alerts = Pause Alerts
pause-for =
    { $hours ->
        [one] Pause for 1 Hour
       *[other] Pause for { $hours } Hours
    }
pause-on = Pause Until I Resume
mute-folder = Mute { $folder }

## A problem.

more-actions = More Actions
why = Why?…
snoozed-until = Snoozed until { $at }
muted-folder = Alerts about { $folder } are muted
half-hour =
    Last { $minutes } min: { $memory }, { $ends ->
        [0] no ends
        [one] 1 end
       *[other] { $ends } ends
    }
memory-unknown = memory not known
memory-of = memory { $bytes }
memory-from-to = memory { $least } to { $most }
undo-fix = Undo the Fix
asks = { $title }…
of-process = { $title } (pid { $pid })
copy-command = Copy “{ $command }”

## Servers.

servers-title = Servers
more-servers = { $n } More Servers
no-editor = no editor
unknown-folder = unknown folder
shared-server = shared server
forwarder = forwarder
gopls-mcp = gopls mcp
command = command
telemetry = telemetry
intel = Intel
pid-is = pid { $pid }
since = since { $at }
generation = generation { $n }
reveal-binary = Reveal Binary
copy-pid = Copy PID
lives-none = { $client } does not restart it after its next end
lives-more =
    { $n ->
        [one] { $client } restarts it once more
       *[other] { $client } restarts it { $n } more times
    }
lives-probably-none = { $client } probably does not restart it after its next end
lives-at-most =
    { $n ->
        [one] { $client } restarts it once more at most
       *[other] { $client } restarts it { $n } more times at most
    }
lives-unknown = Restarts: { $why }
its-editor = Its editor
past-server = Generation { $n } ended at { $at }{ $lived }: { $why }
past-life = {" "}after { $lived }

## What a server uses.

idle = idle
cpu-percent = { $n } %
at-least = at least { $amount }
at-most = at most { $amount }
descriptors = { $amount } descriptors
descriptors-line = Descriptors { $amount }
descriptors-of = Descriptors { $amount } of { $limit }
usually = usually { $bytes } here
own-share = { $amount } of it its own share
memory-line = Memory { $bytes }
cpu-line = CPU { $amount }
threads =
    { $n ->
        [one] 1 thread
       *[other] { $n } threads
    }
threads-many = { $amount } threads
watched-by-itself = { $amount } files watched by itself
reads-and-writes = Reads and writes { $amount }
translated = An Intel program, translated on this machine
translated-only = An Intel program, translated on this machine; its file holds { $slice } only
translated-of = An Intel program, translated on this machine; its file holds { $slices } and { $last }

## The machine.

machine-title = Machine
machine-row = Machine — { $item }
machine-row-more = Machine — { $item }, and { $more } more
holder-of = gopls of { $folder } ({ $who }) holds { $amount }
open-files = Descriptors { $used }
    .within = descriptors { $used }
open-files-of = Descriptors { $used } of { $limit }
    .within = descriptors { $used } of { $limit }
file-watches = File watches { $used }
    .within = file watches { $used }
file-watches-of = File watches { $used } of { $limit }
    .within = file watches { $used } of { $limit }
short-of-memory = Short of memory: { $bytes } available
    .within = short of memory: { $bytes } available
machine-has = This machine has { $bytes }
swap-in-use = Swap in use: { $bytes }
waited-for-memory = Programs waited for memory for { $share } of the last minute
system-calls-it = The system calls it { $level }
spotlight-workers =
    Spotlight is busy: { $n ->
        [one] 1 worker
       *[other] { $n } workers
    }
spotlight-cpu = Spotlight is busy: { $cpu }
spotlight-both =
    Spotlight is busy: { $n ->
        [one] 1 worker
       *[other] { $n } workers
    }, { $cpu }
new-workers = { $n } new workers in the last minute

## Notifications.

cancel = Cancel
digest =
    { $n ->
        [one] 1 more thing about gopls
       *[other] { $n } more things about gopls
    }
and-more = and { $n } more
run-in-editor = Run “{ $command }” in the editor.
next-end-is-final = After the next end it is not started again.
fix-was-no-help = What was done about it did not help.
undo = Undo
snooze-hour = Snooze 1 Hour
notifications-title = Notifications
not-now = (not now)
