# What the engine says, and what is said of what is changed. The names and arguments are those of `Message` in
# crates/core/src/message.rs.
#
# The value is the first sentence of a message, and each attribute one more: a short text takes the value alone. The
# attribute `instead` is said where no likely cause is named. A sentence whose argument is missing is not said.
# A place is a whole phrase with its space (see `in-folder`), and so is whatever else may be missing within a sentence.

recorded = { $text }
reported = { $words }
help = { $code }
deed = { $remedy }
titled = { $title }

## How a process ended, as a fragment.

exit-code = exit { $code }
by-signal = { $signal }
status-unknown = status unknown ({ $why })
end-by-own-fix = { $how }, by our own fix
end-for-memory = { $how } by the system, for its memory
end-for-group-memory = { $how } by the kernel, because its group of processes had used up its memory
end-among-kills = { $how } while the system was ending processes for memory
end-clean = exit 0: its input was closed, or a clean shutdown
end-fatal-signal = { $signal }, a fatal signal
end-panic = exit 2: a Go panic or fatal error ends so, with a traceback in the editor's log
end-with-client = { $how }, with its client
end-after-replacement = { $how }, after its executable had been replaced
end-for-signature = { $how }; the system refused its code signature
end-under-pressure = { $how } under memory pressure, most likely by the system
end-by-signal = { $how }; who sent it cannot be known
end-exit-one = exit 1: `exit` without `shutdown`, or a fatal log line
end-forwarder = exit 2: a forwarder ends so even after a correct shutdown
end-early = exit 2 right after the start: a bad flag, or a crash
end-before-client = { $why }; its client ended right after

## Why an end is no instability, as a fragment.

no-churn-one-shot = one-shot command
no-churn-sidecar = telemetry sidecar
no-churn-forwarder = forwarder
no-churn-mcp = agent server
no-churn-daemon-idle = daemon idle exit
no-churn-daemon = shared daemon
no-churn-client-ended = client ended within 2 s
no-churn-no-client = no client that could restart it
no-churn-own-fix = our own fix
no-churn-replaced = binary replaced
no-churn-clean = clean exit 0
no-churn-slept = sleep or wake
no-churn-unknown = cause unknown, counts if a successor follows
no-churn-unwatched = nobody watched it

## Restart loops and absences.

loop = In { $folder }, { $times } in { $span }.
    .instead = { $how }.
loop-somewhere =
    { $times ->
        [1] Once
        [2] Twice
       *[other] { $times } times
    } in { $span }.
    .instead = { $how }.
loop-again = It ended again{ $place }{ $lived }: { $how }.
after-life = {" "}after { $lived }
after-life-comma = , after { $lived }
each-time = Each time: { $how }
most-times = { $some } of { $of }: { $how }
cause-unknown = Cause unknown
last-life = { $client-start } has restarted it { $times }{ $place }; after the next end it gives up.
    .instead = { $how }.
crashed = It ended{ $lived }{ $place }: { $how }.
killed =
    { $times ->
        [1] Once
        [2] Twice
       *[other] { $times } times
    }{ $place }: { $how }.
killed-for-memory = It was ended{ $place }: { $how }.
    .held = It held { $held } at last.
gone-for-good = Completion{ $place } is off: gopls ended ({ $how }), and { $client } does not start it again by itself.
gone-so-far = Completion{ $place } is off: gopls ended ({ $how }), and { $client } has not started it again for { $waited }.
gave-up = Completion{ $place } is off: gopls ended { $times }, and { $client } restarts it no more.
gave-up-after-short-life = Completion{ $place } is off: gopls ended too soon after its start ({ $how }), and { $client } does not retry that.
gave-up-at-start = Completion{ $place } is off: gopls ended { $lived } after its start ({ $how }), probably while it was initialised; { $client } does not retry that.
so-long = { $lived }
at-once = right
gave-up-probably = Completion{ $place } is off: gopls ended ({ $how }), and { $client }, which restarts it a few times, has not done so for { $waited }.
recovering = It has been running{ $place } for { $lived } now.

## Servers and loads.

crowd = { $client-start } runs { $servers } of them{ $place }.
    .together = They use { $bytes } together; one shared server would save about { $saved } (an estimate: the sum minus the largest).
crowd-unmeasured = { $client-start } runs { $servers } of them{ $place }.
    .together = Their memory is not known.
file-replaced = Its file was replaced by another version while it ran{ $place }; it goes on as the old one.
file-deleted = Its file was deleted while it ran{ $place }; it goes on as the old one.
slow-go-list = { $label } has been at work{ $place } for { $age }.
    .usual = Usually that takes { $usual } here.
slow-driver = The package driver { $label } has been at work{ $place } for { $age }.
    .usual = Usually that takes { $usual } here.
stuck-go-list = { $label } has done nothing{ $place }, { $age } after its start.
    .waits = { $waits }
stuck-driver = The package driver { $label } has done nothing{ $place }, { $age } after its start.
    .waits = { $waits }
waits-for = It waits for { $what }.
waits-unknown = What it waits for is not known.
left-over = { $label } outlived its gopls{ $place }.

## Pressure.

holds-descriptors = { $who } holds { $count } file descriptors{ $place }{ $share }.
    .more = { $more }
holds-descriptors-at-most = { $who } holds up to { $count } file descriptors{ $place }{ $share }.
    .more = { $more }
share-of-own = , { $percent } % of what it may have
share-of-machine = , { $percent } % of what this machine may have
share-of-both = , { $own } % of what it may have and { $machine } % of what this machine may have
takes-more = It takes { $rate } more a minute.
takes-the-last = It takes { $rate } more a minute; next to none is left.
takes-until = It takes { $rate } more a minute; none is left in about { $left }.
watches-itself = { $who } itself watches { $count } files and folders{ $place }.
uses-memory = { $who } uses { $bytes }{ $place }{ $ahead }.
grows-until = {" "}and grows by { $rate } a minute; if that goes on, memory runs out in about { $left }
grows-to-the-end = {" "}and grows by { $rate } a minute; if that goes on, memory runs out at once
uses-cpu = { $who } has used { $cpu }{ $place } for { $span }, and no go command works for it.
stuck-in-kernel = { $who } has been stuck inside the kernel{ $place } for { $span }.
    .waits = { $waits }
used-up = There are { $count } { $what }, { $percent } % of { $limit }{ $holder }.
held-by = ; { $who } holds { $amount } of them
pressure-level-told = The system calls its memory pressure { $level }{ $available }.
pressure-stall-told = Programs waited for memory for { $share } of the last minute{ $available }.
still-available = ; { $bytes } could still be given away
indexing-beside = Spotlight { $doing } while gopls ran.
indexing-during-load = Spotlight { $doing } while gopls was loading.
indexer-started-workers = started { $births } workers a minute
indexer-used-cpu = used { $cpu }
indexer-did-both = started { $births } workers a minute and used { $cpu }
events-lost = The system lost track of changed files{ $place }{ $how }.
namely = : { $what }
server-translated = { $who } runs translated{ $place }.
    .why = { $why }
file-holds-native = Its file would run natively as well; it was started as an Intel program.
file-holds-no-native = Its file holds nothing for Apple silicon.
file-holds-unknown = Whether its file holds anything else is not known.
toolchain-translated = The { $label } of { $who } ran translated{ $place }.
client-translated-told = { $who } runs translated, and what it starts may do so too.

## Whether fixes helped.

ended-again = gopls{ $place } ended again { $later } later.
trouble-again = Again { $later } later: { $title }.
trouble-new = { $later } later: { $title }.
awaits-start = It takes effect when gopls{ $place } is restarted, which has not happened for { $waited }.
still-runs = Process { $pid } still runs, { $later } later.
still-so = Still so{ $place } { $later } later: { $title }.
for-no-problem = It was for no open problem.
    .calm = Nothing has gone wrong{ $place } for { $waited }.
no-end-since = gopls{ $place } has not ended again for { $waited }.
not-come-back = It has not come back{ $place } for { $waited }.
fix-unwatched = Nobody watched for a while, so that could not be seen.
fix-rebooted = The machine was started again before that could be seen.
fix-followed = Another fix followed before that could be seen.
fix-crowded-out = Too many other fixes followed.
fix-not-whole = It was not carried out whole.
fix-editor-ended = Its editor ended before that could be seen.

## Why an incident is over, as a fragment.

over-no-end = no end for { $span }
over-running = gopls has been running for { $span }
over-runs-again = gopls is running again
over-count-has-room = its count of restarts has room again
over-not-restarted = it is no longer restarted
over-nothing-runs = no gopls runs there any more
over-nothing-since = nothing has run there since
over-server-ended = that server ended
over-client-ended = the client ended
over-fewer-servers = there are fewer, or they hold less memory
over-rebooted = the machine was started again
over-load-ended = it ended
over-load-lost = its gopls ended
over-load-moves = it moves again
over-load-stopped = a process of it was stopped
over-load-stands = it no longer moves
over-fewer-held = it holds fewer
over-fewer-files = fewer files are open
over-fewer-watches = fewer watches are in use
over-watches-fewer = it watches fewer files
over-grows-no-more = it grows no more
over-less-busy-or-loads = it is less busy, or loads something
over-waits-no-more = it waits no more
over-less-busy = it is less busy
over-none-lost = none was lost for 10 min
over-memory-again = there is more memory again
over-native-now = its go command runs natively now
over-undone = it was undone
over-told-enough = it was told long enough
over-crowded-out = too many others followed

## What something comes from, as a fragment without a full stop.

cause-memory = the system ended it for want of memory{ $share }{ $held }
cause-group-limit = the memory limit of its group of processes{ $share }{ $held }
held-at-last = {" "}({ $bytes } at last)
cause-signature = the system refused its code signature{ $share }
cause-crash-exit = a crash of gopls itself (exit { $code }{ $share })
cause-crash-signal = a crash of gopls itself (a fatal signal{ $share })
share-each = {" "}each time
share-some = , { $some } of { $all } times
cause-unusual-memory = unusual memory: { $bytes }, usually { $usual } here
cause-waits = it waits for { $what }
cause-crowd = { $servers } gopls run on this folder (about { $bytes } more than a shared one needs)
cause-several = several gopls run on one folder
cause-out-of-descriptors = out of file descriptors{ $numbers }
cause-many-descriptors = very many open file descriptors{ $numbers }
in-numbers = {" "}({ $count })
in-numbers-of = {" "}({ $count } of { $limit })
in-measure = {" "}({ $value })
in-bytes = {" "}({ $bytes })
cause-watches = it watches files itself{ $value }
cause-growth = its memory kept growing{ $bytes }
cause-busy = it was busy for minutes{ $value }
cause-disk = it waited for a disk
cause-translated = it is translated on this Mac
cause-translated-toolchain = its go command is an Intel program
cause-file-table = this machine was running out of open files{ $numbers }
cause-watch-limit = file watches were nearly used up{ $numbers }
cause-machine-memory = this machine was short of memory{ $detail }
in-pressure = {" "}(memory pressure: { $level })
in-stall = {" "}(programs waited for it { $share } of the time)
cause-spotlight = Spotlight was busy{ $detail }
in-workers = {" "}(new workers: { $births })
cause-left-over = a leftover go list still runs (pid { $pid })
cause-ended-for-memory = the system ended it for want of memory

## What can be done.

run-in-client = In { $client }, run: { $command }
asks-to-end = Asks { $who } to end.
    .cost = { $cost }
ends-by-force = Ends { $who } by force: it was asked to end { $waited } ago and has not.
    .cost = { $cost }
ends-left-over = Ends { $who }.
    .cost = Nothing waits for its answer.
nobody-waits = Nothing waits for its answer.
writes-dump = Has { $who } write what it is doing into the log of { $log }, which ends it.
    .cost = { $cost }
stops-duplicate = Asks { $who } to end.
    .cost = { $client } does not start it again; { $other } goes on serving { $folder }.
shows-folder = Shows the folder { $folder }.
mutes-folder = Tells nothing about { $folder } any more.
cost-mcp = { $client } has none until it starts another.
cost-nothing = { $client } restarts it.
cost-life =
    { $left ->
        [0] { $client } restarts it, this once; no restart is left after this one.
        [one] { $client } restarts it; { $left } restart is left after this one.
       *[other] { $client } restarts it; { $left } restarts are left after this one.
    }
cost-none-left = { $client } has restarted it as often as it does, and does not start it again.
cost-too-soon = It has only just started: { $client } takes that for a failed start and does not start it again.
cost-never-restarts = { $client } does not start it again by itself.
cost-unknown = Whether { $client } starts it again is not known.
cost-without-client = Whether anything starts it again is not known.
sets-watcher-off = Has gopls watch no files itself, by a setting in { $client }.
    .when = It takes effect when gopls is restarted.
sets-polling = Has gopls look for changed files now and then instead of watching them, by a setting in { $client }.
    .when = It takes effect when gopls is restarted.
sets-filters = Keeps gopls out of large folders that hold no Go code, by a setting in { $client }.
    .when = It takes effect when gopls is restarted.
sets-memory-limit = Has gopls collect garbage more often when it comes near a limit, by a setting in { $client }.
    .when = It takes effect when gopls is restarted.
shares-server = { $servers } gopls serve one folder; a shared one would save about { $bytes } (their memory without the largest).
    .when = Set in { $client }; it takes effect when gopls is restarted.
raises-limit = Run: { $command } (now it is { $limit }).
    .lasting = To make it last, put { $setting } into a file in /etc/sysctl.d/.

## Why it is not known how many restarts are left, as a fragment.

lives-by-length = it restarts each time the last life was at least { $seconds } s
lives-unread = this client's habit is not known
lives-of-no-server = it is no language server of its own
lives-without-client = it has no client

## Why what was asked for cannot be done.

time-is-zero = A time of zero does nothing.
    .instead-of-that = Name one such as 1h.
time-too-long = That is more than a year.
    .instead-of-that = For ever is: goplswatch mute, or pause without a time.
no-such-incident = No incident { $incident } is open.
    .instead-of-that = goplswatch status lists those that are.
not-snoozed = { $incident } is not snoozed.
    .instead-of-that = goplswatch status lists what is.
no-whole-path = A folder is named by its whole path, which begins with a slash.
too-many-muted = { $most } folders are muted already.
    .instead-of-that = Unmute some first.
not-muted = { $folder } is not muted.
    .instead-of-that = goplswatch status lists what is.
no-receipt = A fix is named by its receipt.
