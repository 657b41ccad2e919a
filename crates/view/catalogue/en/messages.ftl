# What the engine says, and what is said of what is changed. The names and arguments are those of `Message` in
# crates/core/src/message/messages.rs.
#
# The value is the first sentence of a message, and each attribute one more: a short text takes the value alone. The
# attribute `instead` is said where no likely cause is named. A sentence whose argument is missing is not said.
# A place is a whole phrase with its space (see `in-folder`), and so is whatever else may be missing within a sentence.

recorded = { $text }
reported = { $words }
help = { $code }
of-code = { $words }
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

run-in-client = In { $client }, run: { $command }{ $before }
typed-before = {" "}(before { $version }: { $command })
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

## What this machine lets us see, and why something is not known.

table-proved = /proc lists this very process
table-listed = the system listed { $count } processes, this one among them
table-without-us = /proc does not list this process: servers that start cannot be seen
table-without-this = the system lists processes but not this one: some gopls may go unseen
table-empty = the system lists no process at all, not even this one: starts and ends of gopls go unseen
table-unread = the table of processes cannot be read: { $why }.
    .ask = Ask whoever runs this machine.
table-refused = the process table cannot be listed (proc_listallpids: { $first }; sysctl KERN_PROC_ALL: { $second }), so starts and ends of gopls go unseen.
    .sandbox = Outside of a sandbox macOS never refuses this: start goplswatch from a terminal or as a login agent
table-read-again = processes can be listed again
no-proc = could not open /proc ({ $error }), so no process can be seen; mount it and start again
no-event-loop = the Linux world was opened outside of an event loop: this is a fault of goplswatch, please report it
no-event-delivery = could not set up event delivery ({ $error }), so no end could be seen in time; raise the limit of open files (ulimit -n) and start again
no-answers = this system answers no question about a process, not even about this one ({ $refusals }). Without that nothing can be watched. It needs macOS 11 or later, outside of a sandbox: start it from a terminal or as a login agent
one-of-several = { $one }: { $why }{ $more }
semicolon-then = ; { $what }
other-user = it does not know our user
no-identity = this system tells neither a unique id of a process nor when it started, so that two processes that use the same number one after the other cannot be told apart. Nothing can be watched safely. It needs macOS 11 or later
identity-unique = the system gives every process a unique id
identity-by-start = { $why }: the system gives no unique ids; processes are told apart by their start time instead, which a clock that is set could repeat or move
clock-mach = mach_continuous_time runs; on macOS it counts sleep
clock-raw = CLOCK_MONOTONIC_RAW runs; mach_continuous_time does not
clock-since-start = no clock that counts sleep answers; times across a sleep of this machine are too short
arguments-proved = the arguments of this process were read
arguments-unreadable = arguments cannot be read: servers and commands cannot be told apart
arguments-refused = { $why }: gopls is recognised by the name of its file only
no-arguments = the system says that this process has no arguments
path-proved = the system names the file that this process runs
path-refused = { $why }: executables are known by what they were started as
path-of-another = the system names another file than the one that this process runs
usage-proved = CPU time, memory and disk traffic of this process were read
usage-without-disk = CPU time and memory of this process were read; disk traffic is not counted here
usage-refused = { $why }: a busy gopls cannot be told from one that is stuck, and no load is called stuck
cpu-not-true = the CPU time of this process cannot be true
folder-proved = the working folder of this process was read
folder-refused = { $why }: workspaces of gopls stay unknown
translation-proved = the system's record of this process has the known layout
translation-refused = { $why }: a gopls that runs under Rosetta may not be recognised
io-proved = /proc/self/io was read
io-untold = bytes read and written are not told: a stuck load is judged by nobody
kills-proved = oom_kill of /proc/vmstat was read
kills-uncounted = the kernel does not count out-of-memory kills: an end by SIGKILL is never called one
group-kills-proved = oom_kill of this process's own control group was read
group-kills-unread = the out-of-memory kills of a control group cannot be read: that a server was ended for memory is only likely
stall-proved = /proc/pressure/memory was read
stall-unmeasured = this kernel does not measure how long programs wait for memory; that memory is short is seen by what is left
blocked-proved = no thread of this process was found waiting inside the kernel
blocked-unread = the states of threads cannot be read: a server that waits for a file system is not noticed
threads-proved = the states of the threads of this process were read
threads-refused = { $why }: a gopls that hangs in the system is not recognised
descriptors-at-once = the kernel told at once how many descriptors this process has
descriptors-by-list = descriptors are counted only by listing them (Linux 6.2 tells their number), so seldom
descriptors-listed = { $count } descriptors of this process were listed, of a table of { $bound }
descriptors-uncounted = { $why }: how many descriptors gopls has open stays unknown
table-too-full = the system says that a table of { $bound } holds { $count }
open-file-unlisted = the system does not list a file that is open
watches-proved = two watches of this process were counted
watches-uncounted = file watches cannot be counted: who uses them up is not known
watch-refused = this process was given no file watch ({ $error }), so counting them could not be proved
queue-proved = a test queue that watches three files was counted as three
queue-miscounted = a test queue that watches three files was counted as { $count }
watches-unknown = { $why }: how many files gopls watches by itself stays unknown
watches-unproved = not proved: { $why }; how many files gopls watches by itself stays unknown
not-proved = not proved: { $why }
file-not-opened = { $file } could not be opened: { $error }
test-file-unwatched = the system would not watch a test file: { $why }
file-table-proved = { $open } files are open on this machine, of { $limit }
file-table-unknown = { $why }: that the machine runs out of descriptors is not noticed
file-table-not-true = the system says that { $open } files of { $limit } are open
files-uncounted = the system does not count open files
ends-by-pidfd = a pidfd reported the end of a test process
ends-unreported = pidfd does not work here: ends are noticed at the next scan, without their cause
ends-untested = the proof needs /bin/sh, which could not be started; ends are reported if the kernel can
ends-reported = the end of a test process was reported
ends-by-look = { $why }: ends are noticed at the next look at all processes, without their reason
ends-at-next-look = the system would not watch a test process ({ $why }): ends are noticed at the next look
ends-unproved = not proved: { $why }; processes are watched, and looked at again every second
foreign-end-unreported = the end of a process that is not our child was not reported
end-unreported-in-time = the end of a test process was not reported within two seconds
test-not-started = no test process could be started: { $error }
test-said-nothing = the test process said nothing within two seconds
ends-partly = { $why }, so some ends are noticed only at the next look, and how they came is not known
ends-watched-again = every end is watched for again
descriptors-spent = { $allowed } open files are allowed, and no more of them can be spared (ulimit -n)
no-event-thread = no thread could be started to wait for events: { $error }
event-queue-failed = the event queue of the system failed: { $why }
event-thread-ended = the thread that waits for events has ended
status-proved = the exit status of a test process was read
status-unread = exit statuses cannot be read: causes of ends stay unknown
reaped-proved = the kernel still tells the status of a reaped process
reaped-untold = this kernel does not tell the status of a reaped process (Linux 6.15 does): a fast editor may leave the cause unknown
own-child = a child
not-our-child = a process that is not our child
status-reported = { $whose } that exited with 7 was reported with 7
status-wrong = { $whose } that exited with 7 was reported as { $how }: a crash, a signal and a clean exit cannot be told apart
status-hidden = the end of { $whose } was reported without its status ({ $why }): a crash, a signal and a clean exit cannot be told apart
status-hidden-of-others = the end of a process that is not our child was reported without its status ({ $why }): a crash, a signal and a clean exit cannot be told apart.
    .since = macOS tells the status of our own user's processes from version 11 on
status-not-reported = the end of { $whose } was not reported: a crash, a signal and a clean exit cannot be told apart
found-gone = it was found gone when its gopls ended
vanished = it vanished between two looks
not-reported = this system would not report its end
ended-unwatched = it ended before it could be watched
ended-unseen = it ended while goplswatch was not running
reaped-too-soon = it was reaped before its status could be read, and this kernel tells it no later (Linux 6.15 does)
status-not-granted = macOS reported the end of this process but did not grant its exit status
status-of-no-end = the system's status { $status } names no end
ended-without-event = it ended without an event from the system
watch-closed = the system closed the watch of this process without saying how it ended
waits-for-process = { $name } (pid { $pid }){ $on }
which-waits = , which waits for { $on }
answer-from = an answer from { $peer }
connection-to = a connection to { $peer } that is not made yet
file-on-network = { $path }, on a network file system ({ $kind })
file-of-program = { $path }, on a file system that another program provides ({ $kind })
file-on-disk = { $path }, on a file system of type { $kind }
file-somewhere = { $path }
place-fuse = a file system that another program provides (FUSE)
place-nfs = a network file system (NFS)
place-smb = a network file system (SMB)
place-nine-p = a file system of another machine (9p)
place-ceph = a network file system (Ceph)
place-journal = the journal of its file system
place-frozen = a file system that is frozen or busy as a whole
place-disk = a disk or a file system to answer
place-fork = a program that it is just starting
place-lock = a lock inside the kernel
kernel-says-only = the kernel says only: { $function }
kernel-silent = the kernel does not say to this user what it waits for
thread-silent = macOS does not say what a thread of another program waits for
kernel-dropped = the kernel dropped some
listener-too-slow = they came faster than a listener could take them
queue-ran-over = the kernel's queue of them ran over
events-merged = more came than the system tells one by one
loss-unnamed = no folder is watched for lost file events, since [file-events] in the config names none
loss-idle = no gopls works in a folder that [file-events] in the config names
loss-heard = lost file events are noticed in { $folders }
loss-unheard = lost file events in { $folder } are not noticed: { $why }{ $more }
folder-list = { $folder }{ $more }
comma-then = , { $what }
no-thread-to-listen = no thread can be started ({ $error })
no-watches-left = the system has no file watches left (on Linux, raise fs.inotify.max_user_watches)
folder-absent = it does not exist
too-many-folders = there are more than { $most } folders in it, each of which would take one of the file watches that editors need
no-fs-events = this system has no FSEvents
part-failed = it failed, which is a fault of goplswatch
listening-failed = listening failed, which is a fault of goplswatch
nobody-left = nobody is left to listen for
socket-open = commands ask the agent through { $path }
socket-failed = { $why }, so commands cannot ask the agent and look for themselves
no-socket = there is no socket ({ $why })
socket-removed = the socket was removed
config-watched = a change of the config file is noticed
history-lost = nothing can be recorded in { $folder } ({ $error }), so `history` and `why` will not know of this time; { $advice }, and recording goes on by itself
history-of-another = another goplswatch records in { $folder }, so this one records nothing: `history` and `why` know only what the other one saw; stop one of the two
history-foreign = nothing can be recorded, so `history` and `why` will not know of this time: { $foreign }; move it away, and recording goes on by itself
foreign-not-read = { $foreign }; it is not read
agent-as-of = this is as of { $ago } ago: { $why }
agent-waits-for-disk = the agent is waiting for its disk
agent-stands-still = the agent does not get on
log-lost = nothing is logged, so `goplswatch logs` shows nothing of this time: { $error }
log-is-kept = the log is written
recording-too-long = decompressed it is longer than { $mebibytes } MiB, which no recording of goplswatch is
free-space = free some space on the disk
make-writable = make this folder writable for you
move-away = move the file away that stands where a folder belongs
see-error = see what that error says
no-tray-wanted = it was started with --no-tray: no icon and no notifications, everything else works
tray-failed = showing the icon failed, which is a fault of goplswatch; all commands go on working
tray-without-descriptors = there are too few descriptors to follow what is seen
icon-taken = the panel took the icon
icon-without-bus = there is no session bus to show an icon by ({ $why }); `goplswatch status` says what the icon would say
icon-without-watcher = nothing on this desktop takes icons (no org.kde.StatusNotifierWatcher on the session bus): `goplswatch status` says what the icon would say; GNOME takes icons with the extension "AppIndicator and KStatusNotifierItem Support", other desktops with the system tray of their panel
icon-without-host = the desktop took the icon, and no panel shows it: add a system tray to the panel; `goplswatch status` says what the icon would say
icon-failed = { $what }; it is tried again, and meanwhile `goplswatch status` says what the icon would say
menu-unchanged = the menu could not be changed ({ $error })
icon-refused = the panel refused the icon ({ $error })
icon-unmade = the icon could not be made ({ $why })
library-failed = the library that talks to it failed inside
bus-silent = the session bus does not answer
bus-ended = the session bus has ended
bus-mute = it does not answer
notes-without-bus = there is no session bus to notify by ({ $why }); `goplswatch status` says what would be told
notes-with-buttons = the notification service answers, with buttons
notes-without-buttons = the notification service answers, without buttons
notes-unanswered = no notification service answers ({ $why }): problems are shown by the icon and by `goplswatch status` only; start the desktop's own or another one, such as dunst
icon-in-menu-bar = the icon was put into the menu bar.
    .hidden = Where it cannot be seen, the bar is full (a notch hides what does not fit), or System Settings → Menu Bar does not allow it
no-icon = no icon is shown: { $why }.
    .commands = Every command works without it
no-desktop-part = this system has no { $name }
no-screen = this session has no screen, as over ssh
session-unknown = the session could not be asked about its screen ({ $error })
not-main-thread = the surface was not started on the main thread
surface-failed = it failed in the middle of its work, which is a fault of the program: please report it
no-surface-thread = no thread could be had for it ({ $error })
picture-failed = its picture could not be drawn
menu-bar-refused = the menu bar took none ({ $error })
notes-unseen = nobody would see a notification: { $why }
notes-of-no-app = macOS takes notifications only from an app, and this agent is none, because { $why }.
    .install = `goplswatch install` puts it into one.
    .scripted = Until then only urgent ones come, by way of Script Editor: under its name, without buttons, and only if it may notify.
part-of-another = it runs as a part of { $bundle }
not-in-app = it does not run from within goplswatch.app
not-program-of-app = its executable is not the one within goplswatch.app
notes-allowed = macOS shows notifications of goplswatch, by its settings
note-refused = macOS did not take a notification ({ $refusal }).
    .settings = System Settings → Notifications → goplswatch turns them on.
    .scripted = Until then only urgent ones come, by way of Script Editor: under its name, without buttons, and only if it may notify.
notes-off = no notification is shown: { $why }.
    .settings = System Settings → Notifications → goplswatch turns them on.
    .scripted = Until then only urgent ones come, by way of Script Editor: under its name, without buttons, and only if it may notify.
asked-in-vain = macOS has asked for permission and got no answer
turned-off = they are turned off for goplswatch
not-permitted = permission was not given
call-refused = { $call }: { $why }
process-gone = the process is gone
no-error-number = it failed without an error number
answer-of-size = it answered with { $got } bytes instead of { $want }
answer-not-true = its answer cannot be true
answered-with = it answered with { $value }
cpu-times-not-true = its CPU times cannot be true
has-ended = it has ended
pid-of-system = pid { $pid } is the system itself and is never signalled
pid-of-ours = it is goplswatch itself
no-pid = { $number } is no process id
not-held = it cannot be held ({ $why })
look-failed = it could not be looked at: { $error }
signal-refused = the system refused to send SIG{ $signal }: { $why }
client-unknown = it is not known which program runs it
group-out-of-sight = its control group cannot be seen from here
ended-unreaped = it has ended and waits to be reaped
not-looked-at = it cannot be looked at: { $error }
proc-file-unread = its { $file } cannot be read: { $error }
descriptors-unread = its descriptors cannot be read: { $error }
watches-unread = its file watches cannot be read: { $error }
threads-unlisted = its threads cannot be listed: { $error }
too-many-threads = it has more than { $most } threads
executable-unread = its executable cannot be read: { $error }
executable-unseen = its executable cannot be looked at: { $error }
executable-odd = its executable was read, but { $why }
executable-guarded = its executable lies below { $folder }, which macOS guards: opening it could ask the user
executable-no-file = what stands at the path of its executable is no file
executable-younger = the file at the path of this process is younger than the process, which was running before the watch began: it may or may not have been replaced
path-incomplete = its path is not whole
program-unread = the file cannot be read: { $error }
not-runnable = it is no file that could be run
not-elf = its executable is no ELF file of a known machine
macho-short = it is too short to be a program
macho-header-cut = its header is cut off
macho-table-cut = its table is cut off
macho-table-empty = its table has no part
macho-java = it is a Java class, or a table that nobody would write
macho-script = it is a script, which runs as whatever its interpreter is
not-macho = it is no Mach-O file
unknown-cpu = the system names CPU type { $number }
start-untold = the system did not say when this process started
clock-was-set = the wall clock was set since this process started
no-folder-named = the system names no folder
arguments-too-short = the kernel's answer of { $got } bytes is too short to hold an argument count
arguments-miscounted = the kernel counts { $count } arguments
arguments-without-path = the kernel's answer holds no executable path
folder-not-whole = its working folder has no full path
works-in-root = it works in /, which is no workspace
works-in-home = it works in the home folder, which is no workspace
no-such-number = no such process number
limit-untold = /proc/PID/limits does not name its limit of open files
share-untold = /proc/PID/smaps_rollup does not tell its share of memory
count-is-dear = this kernel tells the number only to who lists them all (Linux 6.2 tells it at once)
nobody-holds = nobody holds { $gauge }
not-of-users = macOS does not count { $gauge } of a user
none-answered = none of { $asked } processes of this user could be asked
spotlight-elsewhere = Spotlight is a part of macOS
system-file-unread = { $file } cannot be read
memory-unread = memory cannot be read: { $error }
watch-limit-untold = this kernel does not tell how many files a user may watch
stall-untold = this kernel does not measure how long programs wait for memory (CONFIG_PSI, psi=1)
asked-before = the system was asked before and has not answered yet
too-many-asked = the system has left { $count } such questions unanswered
no-answer-in-time = the system did not answer in time, as on a file system that hangs
question-broke = the question broke off
no-thread-to-ask = no thread could be started to ask the system: { $error }
ps-broke = the question to /bin/ps broke off
ps-unasked = no thread could be started to ask /bin/ps: { $error }
ps-not-started = /bin/ps could not be started: { $error }
ps-end-untold = /bin/ps ended in a way that was not told: { $error }
ps-refused = /bin/ps refused: { $status }
ps-mute = /bin/ps has no output
ps-unheard = no thread could be started to read what /bin/ps prints: { $error }
ps-unread = what /bin/ps prints could not be read: { $error }
ps-lost = what /bin/ps prints could not be read
ps-slow = /bin/ps did not end within two seconds
ps-odd = /bin/ps printed { $lines } lines that are no processes
ps-empty = /bin/ps printed no table of all processes
asker-might-wait = it waits inside the kernel, and whoever asks could have to wait as well
io-not-told = the system does not tell what it reads and writes
many-clients = a daemon serves many clients
many-folders = a daemon serves many folders
sidecar-without-folder = a telemetry process has none
parent-ended = its parent has ended
client-ended = its client has ended
not-recorded = this recording does not say
not-told = it was not told
nobody-told = nobody told
own-unseen = this system does not show us ourselves
not-measured = it has not been measured yet
not-measured-for = it is measured over a minute, which is not over yet

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

## What the agent says of itself.

several = { $first }; { $more }
of-part = { $of }: { $text }

## Of its config.

config-means-nothing = the config file { $file } has keys that mean nothing; the rest applies
config-is-broken = the config file { $file } is broken; { $stays }
config-is-unreadable = the config file { $file } cannot be read; { $stays }
config-of-before = what it said before stays in force
config-defaults = the defaults are in force
config-was-read = the config file was read
config-at-line = line { $line }: { $problem }
config-at-place = line { $line }, column { $column }: { $problem }
config-meant = { $problem }; did you mean { $meant }?
config-more-problems = and { $n } more problems
config-no-toml = no valid TOML: { $why }
config-unknown-key = unknown key { $key }, ignored
config-unknown-key-in = unknown key { $key } in [{ $section }], ignored
config-no-section = { $key } must be a section, such as [{ $section }], not { $found }
config-no-truth = { $key } must be true or false, not { $found }
config-none-of = { $key } must be one of { $known }, not { $found }
config-no-text = { $key } must be one of { $known }, not { $found }
config-out-of-range = { $key } must be from { $least } to { $most }, not { $found }
config-no-number = { $key } must be a whole number from { $least } to { $most }, not { $found }
config-no-list = { $key } must be a list of texts, such as { $example }, not { $found }
config-long-list = { $key } must be no more than { $most } texts, not { $n }
config-mixed-list = { $key } must be a list of texts in quotes, and one of them is { $found }
config-suspect-above-loop = { $low } must not be above { $high }, but they are { $suspect } and { $loops }
config-no-folder = { $key } must be absolute or begin with ~/, and { $folder } is not
config-text = a text in quotes
config-number = a number
config-decimal = a number with a decimal point
config-truth = true or false
config-date = a date or time
config-list = a list
config-section = a section
file-link-leads-nowhere = a link leads to { $target }, which does not exist
file-is-folder = it is a folder, not a file
file-is-not-plain = it is no plain file
file-is-link = it is a link, which is not followed here
file-of-others = it belongs to another user
file-has-other-names = it has a second name (a hard link)
file-too-large = it is larger than { $mebibytes } MiB, which no config file is
file-below-file = a part of its path is no folder
file-links-in-circle = its links lead in a circle
file-denied = permission to read it is denied
file-no-utf8 = it is no UTF-8 text, as TOML has to be

## Of its history.

history-is-kept = what is seen is kept
history-torn-line = the last line of the history was torn and was cut off; nothing else is missing
history-dropped = the disk is full, so the oldest part of the history was dropped ({ $part }); free some space to keep the rest
history-unread = what was recorded before cannot be read ({ $folder }: { $error }), so the watch begins with nothing known
history-not-to-end = the history's { $part } was not read to its end ({ $wrong }); { $known }
history-knows-nothing = the watch begins with nothing known but what you muted or paused
history-knows-before = the watch goes on from what was known before that
history-judging-failed = judging it again failed, which is a defect of goplswatch: please report it
history-no-checkpoint = its checkpoint cannot be read: { $why }
history-blank = its checkpoint cannot be read ({ $why }), so it was judged with nothing known of before: verdicts may differ
history-left-out = { $why }; it was left out
history-as-it-is = its checkpoint cannot be read ({ $why }); it was written as it is, from its beginning
history-folder-unread = could not read the history in { $folder }: { $error }
history-export-failed = could not write the export: { $error }
history-not-on-disk = the end of the history may not be on the disk yet ({ $error })
history-older-left-out = { $n } older ones are left out
history-forgets = it will be forgotten when the agent ends: { $why }
recording-foreign = it does not begin with the header of a goplswatch recording
recording-newer = it was written by goplswatch { $version } (schema { $schema }); this one reads up to schema { $most }
recording-bad-line = line { $line } is damaged ({ $why }); what stands before it was read
recording-line-too-long = longer than { $most } bytes
recording-not-rising = number { $number } after number { $last }
recording-no-header = it is no header

## Of its parts and its budget.

agent-begins = goplswatch { $version } begins, pid { $pid }
agent-ends = goplswatch ends, as it was told to
agent-over = over, because { $because }
agent-over-cpu = Watching took more than { $permille } thousandths of a core, which is its budget, so it looks { $pace } times less often.
    .more = { $more }
agent-over-memory = goplswatch holds { $bytes } of memory, { $above } above its budget.
agent-within-budget = goplswatch is within its budget again
agent-not-watching = The agent cannot watch at the moment.
    .instead-of-that = goplswatch status says why.
agent-blind = gopls is not watched: { $why }; it is tried again in { $seconds } s
agent-failed = it failed ({ $how }), which is a fault of goplswatch
agent-failed-somehow = it failed (it does not say how), which is a fault of goplswatch
agent-lock-unusable = { $path } cannot be locked ({ $error }), so a second agent would not be noticed
agent-holds = pid { $pid }, since { $since }
agent-unnamed = it does not say which
agent-answers-at = one answers at { $path }
socket-deaf = no connection can be accepted ({ $error }), so commands cannot ask the agent and look for themselves
socket-path-too-long = its path is longer than the { $most } bytes that a socket may have
socket-is-taken = an agent answers there
folder-of-others = it is no folder of ours
socket-of-others = it belongs to somebody else

## What it answers to those who ask.

answer-nothing-here = There is nothing here.
    .instead-of-that = GET { $path } lists what there is.
answer-not-so = That is not how it is asked.
    .instead-of-that = GET { $path } says how.
answer-busy = The agent is busy or cannot watch at the moment.
    .instead-of-that = See { $path }, then try again.
answer-no-incident-name = That is no name of an incident.
answer-no-incident = No incident { $incident } is open.
    .instead-of-that = Those that are over stand in { $path }.
answer-history-taken = The history is being read for somebody else.
    .instead-of-that = Try again.
answer-history-failed = Reading the history failed.
    .whose = That is a fault of goplswatch.
answer-no-number = `{ $name }` is no number from { $least } to { $most }.
answer-no-moment = `{ $name }` is no moment such as { $example }.
answer-sentence = { $text }.
answer-too-long = An intent is shorter than { $most } bytes.
answer-unreadable = The request cannot be read ({ $error }).
answer-too-late = The request did not come to its end in time.
answer-no-intent = That is no intent ({ $error }).
answer-no-event = `{ $id }` is no id of an event.
answer-too-many = { $most } listeners are connected already.
    .instead-of-that = End some of them first.

## Why it does not answer.

ask-nobody = no agent is running
ask-busy = the agent takes no more connections ({ $error })
ask-barred = the agent's socket cannot be connected to ({ $error })
ask-unanswered = the agent's answer did not come or cannot be read ({ $why })
ask-too-late = nothing came within { $seconds } seconds
ask-ended = it ended

## What is changed: plans, steps, receipts, refusals.

# Put together: sentences one after another, and what is said of a path.

followed = { $first } { $then }
of-path = { $path } { $why }
at-path = { $path }: { $why }

# A plan by its title, and what stands before its parts. `what` is the word of a remedy or of a command.

plan-title =
    { $what ->
        [restart-server] Restart { $subject }
        [kill-server] Kill { $subject }
        [stop-orphan] Stop { $subject }
        [stop-duplicate] Stop { $subject }
        [stop-mcp] Stop { $subject }
        [copy-restart-command] Copy the restart command of { $subject }
        [copy-evidence] Copy the evidence of { $subject }
        [open-workspace] Show { $subject }
        [dump-goroutines] End, with a dump of its goroutines, { $subject }
        [snooze] For 1 hour, tell nothing about { $subject }
        [mute] Mute { $subject }
        [by-hand] By hand: { $subject }
        [turn-off-watcher] Turn off the file watcher of { $subject }
        [poll-files] Poll for changed files in { $subject }
        [exclude-folders] Exclude large folders of { $subject }
        [limit-memory] Limit the memory of { $subject }
        [share-server] Share one server: { $subject }
        [reinstall-native] Build anew for this Mac: { $subject }
        [raise-watch-limit] Raise the limit of file watches: { $subject }
        [open-spotlight-settings] Open the settings of { $subject }
        [move-module-cache] Keep from Spotlight { $subject }
        [install] Install { $subject }
        [uninstall] Uninstall { $subject }
        [restart] Restart { $subject }
       *[other] { $what } { $subject }
    }
plan-question = { $title }?
plan-head = { $title } ({ $class })
class-safe = safe
class-risky = risky
class-manual = manual
plan-costs = Costs: { $what }
plan-undo = Undo:  { $what }
plan-note = Note: { $note }
undo-title = Undo { $receipt }: { $title }

# On what a plan acts, as words that follow a verb.

server-of = { $who }{ $client }{ $place }
of-client = {" "}of { $client }
just-pid = pid { $pid }
just-program = { $name }
just-path = { $path }
just-incident = { $incident }
module-cache = the module cache
login-service = the login service
titled-as = { $title } ({ $incident })

# What a plan costs.

editor-of-it = its editor
cost-end-is-final = { $client } does not start it again by itself.
cost-end-leaves =
    { $left ->
        [0] { $client } restarts it, this once; no restart is left after this one.
        [one] { $client } restarts it; { $left } restart is left after this one.
       *[other] { $client } restarts it; { $left } restarts are left after this one.
    }
cost-at-most = { $cost } It may have fewer: not all of its life was watched.
cost-unsure = Whether { $client } starts it again: { $why }.
cost-workspace-first = What a workspace sets itself comes before it.
cost-profile = A window that uses a profile reads that profile's settings instead.
cost-every-workspace = It holds in every workspace that has folders of these names.
cost-not-looked-through = Not all of the workspace was looked through: it is too large for that.
cost-above-limit = Where gopls needs more than { $limit }, it goes above that and becomes slow.
cost-shared-end = If the one server ends, all that share it lose it at once.
cost-newest-release = The newest release is installed, which may be newer than the one that runs.
cost-cache-moves = A gopls or go that runs meanwhile may fail to find modules until it is restarted. Where GOMODCACHE is set in the environment of a shell or an editor, that one keeps the old place and fills it again.

# What undo does about it.

undo-as-told = Undo { $remedy }.
undo-nothing = There is nothing to undo.
undo-no-process = It cannot be undone: a process that has ended is gone.
undo-no-old-gopls = It cannot be undone: the gopls that is there now is replaced.
undo-install = Undo ends it and puts back what was there before, with the agent that ran then.
undo-uninstall = Undo puts back what was there before, and starts the agent if it ran.
undo-restart = Undo puts back what was renewed on the way.

# What a person does, line by line.

hand-client-unknown = Which program runs this gopls is not known: { $why }.
hand-client-unlisted = { $client } is not a program that goplswatch knows.
hand-no-file = { $client } keeps this in no file that another program could write to.
hand-start-as = Have it start gopls as: gopls { $flag }
hand-put-elsewhere = It is not known where this program keeps its settings. These are the ones that gopls should get from it:
hand-put-below = Put this into { $file }, below { $table }. As JSON it is:
hand-put-by-command = Put this into { $file } (command "{ $command }"):
hand-put-by-command-as = Put this into { $file } (command "{ $command }"), as { $key }:
hand-put-as = Put this into { $place }, as { $key }:
hand-put-as-of = Put this into { $file } ({ $command }), as { $key } of { $plugin }:
hand-put-within = Put this into { $place }, within "{ $key }", each name with "{ $before }" before it:
hand-put-in-call = Put this into the settings of gopls in { $file }: { $call }, or setup of { $plugin }. As JSON it is:
hand-put-in-init = Put this into your init file: { $call }. As JSON it is:
hand-put-in-plugin = Put this into what your plugin sends to gopls ({ $plugins }). As JSON it is:
hand-add-flag = Add "{ $flag }" to the list { $list } in its settings.
hand-unless-false = { $plugin } starts gopls with { $flag } unless { $key } is false: set it to true.
hand-then-restart = Then restart gopls.
hand-of-its-program = { $program } was put there by the program that runs it, which has to renew it itself.
hand-of-packages = { $program } belongs to a package manager, which has to renew it itself.
hand-of-another = { $folder } is another user's, so { $program } is not yours to replace.
hand-no-go = No go command was found in its usual places: there is none here that builds for this Mac's own processor.
hand-foreign-go = { $built }: there is none here that builds for this Mac's own processor.
go-built-for = { $program } is built for { $processor }
listed = { $first }, { $then }
hand-see-go = 1. See which go runs in a terminal: go env GOHOSTARCH GOARCH GOBIN; command -v go
hand-install-go = 2. Install Go for Apple silicon: go.dev/dl (darwin-arm64), or /opt/homebrew/bin/brew install go
hand-remove-intel = 3. Remove the Intel one, so that it is not found first: /usr/local/go, or /usr/local/bin/brew uninstall go
hand-build-gopls = 4. Build gopls with the new one: go install golang.org/x/tools/gopls@latest
hand-restart-editor = 5. Restart gopls in the editor

# A step by what it acts on, as a line that begins with a verb.

step-signal = Send SIG{ $signal } to pid { $pid } and wait for its end, at most { $wait }
step-run = Run a command, for { $deadline } at most
step-call = Run a command
step-set = Set { $key } in { $file }{ $leads }
step-write-new = Write the new file { $file }{ $leads }
step-write = Write { $file }{ $leads }
which-is = {" "}(which is { $target })
step-rename = Rename { $from } to { $to }
step-remove = Remove { $path }
step-make-folder = Make the folder { $path }
step-remove-tree = Remove { $path } and all that is in it
step-copy = Put this on the clipboard
step-show-folder = Show the folder { $path }
step-show-file = Show the file { $path } in its folder
step-show-text = Show the text file { $path }
step-open-settings = Open the settings { $url }
step-show-page = Show the page { $url }
step-snooze = Tell nothing about { $incident } for { $span }
step-mute = Tell nothing about { $folder } any more
step-tell = Tell the agent
step-by-hand = By hand
letter-if-still = if it still is { $program }
letter-to = to { $path }
letter-from = from { $path }
letter-digest = ({ $bytes } bytes, SHA-256 { $sha256 })

# What a change of the login service does, and its steps.

does-install = Starts the agent, now and at every login.
does-uninstall = Ends the agent, and lets it start no more.
does-restart = Ends the agent and starts it again.
service-end-old = end the agent that runs now
service-wait-gone = wait until it is gone
service-write = write down for { $manager } what to start, and when
service-read = make systemd read it
service-forget = make systemd forget it
service-start = start it, now and at every login
service-start-again = start the agent, should it have been quit
service-see-runs = see that it runs
service-see-has = see that launchd has it
service-allow = allow the service, should it ever have been switched off
service-end-for-good = end the agent and let it start no more
service-remove-read = remove what systemd reads
service-remove-at-login = remove what launchd reads at login
service-restart = end the agent and start it again
service-log-folder = create the folder of the agent's log
bundle-sweep = remove what an interrupted run left
bundle-describe = describe the application bundle that the agent will run from
bundle-icon = give it its icon
bundle-copy = copy this program into it
bundle-sign = sign it, which macOS asks of a program that notifies
bundle-verify = see that the signature holds
bundle-place = put the new bundle in its place
bundle-aside = put the bundle aside
bundle-drop = remove the bundle that was put aside

# What came of a step, as a fragment.

did-done = done
did-nothing = nothing left to do: { $how }
did-end-before = it ended by itself a moment before
did-end = ended after { $after }
did-end-with-zero = ended with 0
did-answer-zero = `{ $line }` ended with 0
did-rename = renamed
did-make = made
did-remove = removed
did-write = written
did-tell = the agent knows
did-copy = it is on the clipboard
did-open = it was opened
did-find = it is there
did-lose = it is gone
was-gone = it was gone
was-renamed = it has its new name
was-written = it says so already
back-as-it-was = as it was
back-as-before = was as before
back-taken = taken back
back-agent-says = the agent says: { $why }
back-not = not undone: { $why }

# How far a change came.

came-undone = undone
came-failed = failed
came-failed-at = failed at step { $n } of { $of }: { $why }
came-cut-in = cut short in step { $n } of { $of }
came-cut-after = cut short after { $done } of { $of } steps
note-end-unwritten = The end of it could not be written down: { $why }.
note-agent-untold = The agent was not told of it ({ $why }), so nobody watches whether it helps.
note-undo-untold = The agent was not told that it was undone ({ $why }).

# How a step is taken back, as a line.

undo-write = Write { $file } as it was
undo-fetch = Bring back { $path }
undo-made = Remove { $file }, which was not there
undo-leave = Leave { $file }, which is as it was
undo-rename = Give { $path } its name again
undo-named = Leave { $path }, which has its name
undo-tell = Tell about { $what } again
undo-not = Not undone: { $why }
stays-told = what the agent was told, it was told
stays-run = no command takes back `{ $line }`
stays-signalled = a process that was signalled (pid { $pid }) is not brought back
stays-copied = what the clipboard held before is not known
stays-shown = what was shown was shown
both-stay = { $first }; { $then }

# Why a command did not do it, as a fragment.

could-not = could not { $does }: { $why }
called = `{ $line }` { $came }{ $words }
called-said = . It said: { $words }
call-ended = ended with { $code }
call-ended-meaning = ended with { $code }: { $means }
call-by-signal = was ended by signal { $signal }
call-too-slow = did not end within { $deadline } and was killed
call-unanswered = did not answer within { $s }.{ $tenths } s and was killed
call-not-started = could not be started: { $why }
call-still-finds = `{ $line }` still finds the service after { $s }.{ $tenths } s
call-no-program = `{ $line }` names no absolute program, so it is not run
ask-no-program = no program was named
ask-not-started = it could not be started: { $why }
tool-ended = it ended with { $code }
ask-ended-saying = it ended with { $code } and said: { $words }
ask-by-signal = signal { $signal } ended it
ask-too-slow = it did not answer in time
ask-not-waited = it could not be waited for: { $why }
ask-too-long = its answer is too long

# What the exit codes of launchctl, systemctl and codesign mean, and what to do about them.

launchctl-means =
    { $code ->
        [1] launchctl failed, and its code does not tell why
        [2] launchd does not find the file
        [3] the service is not loaded
        [5] launchd's general refusal. The service is still ending, or loaded already, or switched off, or there is no desktop session, as over ssh
        [17] it is loaded already
        [36] launchd is still busy with this service
        [37] launchd is still busy with this service
        [64] launchctl does not understand the command
        [78] the program is missing, not executable, or not allowed to run
        [112] there is no desktop session for it, as over ssh or while nobody is logged in
        [113] launchd does not know the service
        [119] the service is switched off
        [122] the file or its folder does not belong to you, or others may write it
        [125] there is no desktop session for it, as over ssh or while nobody is logged in
        [134] this is the wrong kind of session: the service is for a desktop
       *[other] a code we do not know
    }
launchctl-banned = it is not permitted
launchctl-advice =
    { $code ->
        [1] run this again in a terminal on the Mac itself; if it stays so, please report it with what `sw_vers` says
        [2] run `goplswatch install` again
        [3] load it with: goplswatch install
        [5] run this again in a terminal on the Mac's own screen; see System Settings, General, Login Items & Extensions, whether it is switched off there
        [17] run `goplswatch restart`
        [36] wait half a minute and run this again
        [37] wait half a minute and run this again
        [64] this macOS is older or newer than we know: please report it with what `sw_vers` says
        [78] start the program once by hand, from where the service expects it; then run `goplswatch install` again
        [113] load it with: goplswatch install
        [119] switch it on in System Settings, General, Login Items & Extensions; then run `goplswatch install` again
        [122] see `ls -le ~/Library/LaunchAgents`; give the folder back with: sudo chown -R $(id -un) ~/Library/LaunchAgents
       *[other] ask the system what it means with: launchctl error { $code }
    }
launchctl-banned-advice = run this as yourself, without sudo, in a terminal on the Mac itself
systemctl-means =
    { $code ->
        [1] systemd did not do it, or its instance for you could not be reached
        [3] the agent does not run
        [4] not permitted, or no such unit
        [5] systemd does not know the unit
       *[other] a code we do not know
    }
systemctl-advice =
    { $code ->
        [1] see `systemctl --user status goplswatch.service`, or run this in a session on the desktop
        [3] see why: journalctl --user --unit goplswatch.service
        [4] install it with: goplswatch install
        [5] install it with: goplswatch install
       *[other] see `systemctl --user status goplswatch.service`
    }
codesign-means =
    { $code ->
        [1] signing or verifying failed
        [2] it does not understand how it was called
       *[other] a code we do not know
    }
do-log-in-there = log in on the Mac's own screen and run this again there
do-run-killed = somebody or the system killed it; run this again
do-manager-stuck = { $manager } is stuck or the machine is overloaded; run this again, or log out and in
do-part-of-macos = it is part of every macOS; is this one?
do-without-systemd = this system seems to have no systemd: let your desktop start `goplswatch agent` at login instead (in its settings, Autostart or Startup Applications)
do-reach-systemd = systemd's instance for you is reached from a session on the desktop, or over ssh where XDG_RUNTIME_DIR is set; `loginctl enable-linger` keeps it up without a session. On a system without systemd, let the desktop start `goplswatch agent` at login (in its settings, Autostart)
do-bundle-again = run `goplswatch install` again when what it says is mended
do-wait-for-end = its end takes long; wait half a minute and run this again

# Why a step is not done.

no-move-changed = { $path } changed since it was shown: it was not moved
no-remove-changed = { $path } changed since it was shown: it was not removed
no-write-changed = { $file } changed since it was shown: nothing was written
no-write-elsewhere = { $file } leads elsewhere since it was shown: nothing was written
no-write-other = { $file } would become something else since it was shown: nothing was written
not-written = { $file } could not be written: { $why }
nothing-told = the agent could not be told: { $why }
never-run = this is for a person to do, and is never run
pid-changed = pid { $pid } is not the process that was shown any more: nothing was signalled
pid-not-signalled = pid { $pid } was not signalled: { $why }
pid-runs-other = pid { $pid } runs { $now } now, and not { $shown }: nothing was signalled
pid-still-runs = pid { $pid } still runs { $span } after SIG{ $signal }
pid-ended = pid { $pid } has ended already
pid-not-acted-on = pid { $pid } cannot be acted on: { $why }
bytes-in-no-receipt = its bytes are in no receipt
program-replaced = { $program } is no longer what it was when the plan was made
no-clipboard = no tool for the clipboard was found
clipboard-not-reached = the clipboard could not be reached: { $why }
no-opener = no tool that opens it was found
not-opened = it could not be opened: { $why }
settings-unlisted = it does not list its settings
no-web-page = { $url } is no page of the web
not-there = { $path } is not there any more
not-same-folder = { $from } and { $to } are not in the same folder
no-own-folder = { $path } is no folder of yours
there-already = { $path } is there already
not-renamed = { $path } could not be renamed: { $why }
both-names = both { $from } and { $to } are there by now
neither-name = neither { $from } nor { $to } is there any more

# Why a change is not begun, or a receipt not read.

no-receipt-written = no receipt could be written to { $folder }: { $why }
receipt-not-saved = the receipt could not be written ({ $why }), and without one nothing more is touched
yes-to-another = it changed since it was shown, so nothing was done
no-yes = this is risky, and nobody said yes to it
no-receipt-name = { $name } is no receipt
receipt-absent = there is no receipt { $receipt }
receipt-unreadable = the receipt { $receipt } cannot be read: { $why }
not-judged = could not write down whether { $receipt } helped: { $why }
no-receipt-folder = the folder of receipts { $folder } cannot be used: { $why }
another-under-way = another fix is being applied or taken back right now
not-a-receipt = it is no receipt ({ $why })
receipt-format = it is written in format { $found }, and this goplswatch reads { $known }
receipt-of-another = it says that it is { $name }
receipt-steps-unfit = its steps do not fit its plan
receipt-plan-other = its plan is not the one that was confirmed
receipt-too-long = it is longer than { $bytes } bytes

# Why a change is not taken back.

undone-already = { $receipt } is undone already
undo-later-first = { $later } changed the login service after { $receipt }
undo-did-nothing = { $receipt } did nothing: there is nothing to undo
undo-left-nothing = nothing of { $receipt } can be undone: it left nothing to take back
undo-nothing-of = nothing of { $receipt } can be undone: { $why }
undo-not-saved = what was taken back could not be written down: { $why }
changed-since = { $path } was changed since by somebody else: it is left alone
changed-just-now = { $path } was changed a moment ago: it is left alone
made-just-now = { $path } was made a moment ago: it is left alone
leads-elsewhere = { $path } leads elsewhere now: it is left alone
there-and-kept = { $path } is there by now, and { $kept } too
not-kept = what was in { $path } is not kept any more
no-folder-of-ours = { $path } is no folder of goplswatch's
copy-unusable = the copy of { $file } cannot be used: { $why }
copy-other = it is not what was kept
not-brought = { $path } could not be brought back: { $why }
not-removed = { $path } could not be removed: { $why }
receipt-contradicts = the receipt contradicts itself

# Why a file is not to be changed: after its name, or of what it says.

file-no-absolute = is no absolute path
file-name-no-text = has a name that is no text
file-dangling = is a link that leads nowhere
file-none = is no file
file-no-folder = has no folder: { $why }
file-not-looked-at = cannot be looked at: { $why }
file-not-read = cannot be read: { $why }
file-of-another = belongs to another user
file-too-long = is longer than 4 MiB
file-read-only = is marked as read-only
file-hard-links = has other names as well (hard links), which writing it would part from it
file-not-utf8 = is not UTF-8 text
file-not-changed = { $file } cannot be changed: { $why }
settings-no-key = no key was named
settings-no-json = it is not JSON with comments: { $why }
settings-no-toml = it is not TOML: { $why }
settings-hold-none = it holds no object
settings-no-object = { $key } is no object
settings-not-made = { $key } could not be made
settings-twice = { $key } stands there twice
settings-no-table = { $key } is no table
settings-is-table = { $key } is a table
settings-no-null = TOML knows no null
settings-no-number = TOML has no number { $number }

# Why a setting is not set: after the file's name, or of its client and its gopls.

setting-watcher-unset = does not set fileWatcher. If it is on, the settings of the workspace or of a profile turn it on
setting-no-list = holds no list of words there
setting-leaves-all-out = leaves all large folders without Go code out already
setting-limits = limits it already, to { $limit }
setting-shares-already = says already whom its gopls share a server with
setting-says = says so already: { $name } is { $value }
setting-many-times = sets it more than once: { $keys }
setting-no-holder = nothing in { $file } shows where { $client } would read it
setting-of-none = { $client } has no setting for that
settings-file-none = no settings file of { $client } for gopls was found in its usual place
settings-files = { $client } may read its settings from more than one file here: { $files }
home-unknown = the home folder is not known
folder-unknown = its folder is not known
not-looked-through = { $folder } could not be looked through: { $why }
no-large-folder = { $folder } has no large folder without Go code that gopls still looks at{ $seen }
in-part-seen = {" "}in the part of it that was looked through
machine-memory-unknown = how much memory this machine has is not known
machine-memory-too-small = this machine has too little memory for a limit that lets gopls work
gopls-unknown = it is not known which gopls is meant
gopls-program-unknown = its program is not known: { $why }
gopls-in-workspace = its program lies in the workspace, and nothing of that is run
gopls-no-absolute = its program { $program } is no absolute path
gopls-may-know = it is not known whether this gopls knows { $name }, which came with { $since }: { $why }
gopls-too-old = this gopls is { $own }, and { $name } came with { $since }
gopls-knows-not = this gopls does not know { $name }, which came with { $since }

# Why the module cache is not renamed, and no settings of macOS are opened.

no-mac = Spotlight is a part of macOS, and this is none
cache-set-elsewhere = GOMODCACHE is set in the environment, which comes before what go is told
cache-no-go = no go command was found in its usual places, so nobody can be asked or told
cache-no-folder = the module cache { $folder } is no folder that could be renamed
cache-kept = { $folder } is kept from Spotlight already, since it lies in { $part }
cache-told-unknown = what go is told now is not known: { $why }
go-env-is = GOENV is { $file }

# What is not offered, and what is not clear.

not-open-now = no incident { $incident } is open
offered-for-more = { $remedy } is offered for more than one process
offered-more = { $remedy } is offered more than once
not-offered-for = { $remedy } is not offered for { $subject }
not-offered-restart = { $remedy } is not offered for { $subject }: its editor would not start it again now
not-offered-now = { $remedy } is not offered for anything now
not-watched = no gopls that is watched has pid { $pid } and began when it did
nothing-offered = nothing is offered{ $target }{ $process } now
not-offered = { $remedy } is not offered{ $target }{ $process } now
for-target = {" "}for { $target }
for-pid = {" "}for pid { $pid }
two-remedies = { $one } and { $other } are two remedies
code-not-open = no { $code } is open, so there is nothing to fix
no-target = { $target } is no open incident, no kind of one and no remedy
several-open = there are several of them: { $incidents }
command-of = { $subject }: { $command }
no-restart-command = no restart command is known
only-incidents = only an incident can be snoozed
more-than-one-step = it takes more than one step
process-unknown = it is not known which process is meant

# What to do instead, or about it.

do-run-anew = run this again, which looks at it anew
do-run-again = run this again
do-start-agent = start one, which keeps such wishes: goplswatch install
do-as-said = do what it says
do-fix-lists = goplswatch fix lists what is offered now
do-fix-lists-what-is = goplswatch fix lists what is
do-fix-look = look at it again: goplswatch fix
do-fix-look-anew = look at it again: goplswatch fix makes the plan anew
do-fix-look-first = look at it first: goplswatch fix shows it and asks
do-say-yes = look at it again, and say yes to that
do-kernel-holds = the kernel holds it, mostly for a disk or a network folder that does not answer: it ends when that does
do-kill-by-fix = goplswatch fix kill-server --pid { $pid } ends it by force
do-kill = kill -KILL { $pid } ends it by force
do-free-or-see = free some space, or see whose the file and its folder are: ls -ld
do-free-that-disk = free some space on that disk
do-free-disk-of = free some space on the disk of { $folder }
do-free-and-undo = free some space on the disk of { $folder }, and undo it again
do-own-folder = the folder must be yours: see `ls -ld { $folder }`, and `sudo chown` it to yourself
do-managed-folder = { $folder } lies on a file system that cannot be written; another program manages it
do-see-folder = see what { $folder } is with `ls -ld { $typed }`
do-run-yourself = see what it says when you run it yourself
do-this-text = this is the text:
do-get-for-text = { $tool }; this is the text:
do-get-clipboard = install one: sudo apt-get install wl-clipboard (Wayland) or xclip (X11)
do-get-opener = install it: sudo apt-get install xdg-utils
do-open = open { $what } yourself
do-get-or-open = { $tool }; or open { $what } yourself
nothing-opened = nothing was opened
do-look-both-names = look at both names: ls -ld
do-keep-newer = look at both names, and keep what is newer: ls -ld
do-look-move-one = look at both, and move one away
do-look = look at it
do-look-there = look at it: ls -ld
do-see-whose = see whose it is: ls -l
do-look-at = look at { $path }
do-receipt-first = without a receipt nothing is touched; free some space, or see whose the folder is
do-receipt-folder = without a receipt nothing is touched; the folder must be yours and writable
do-history = goplswatch fix --history lists what was done
do-after-other = try again when it is over; goplswatch fix --history shows it
do-look-at-receipt = look at { $file }; copies of files as they were lie beside it, named { $receipt }.N.before
do-undo-later = take that back first: goplswatch fix --undo { $later }
do-service-status = goplswatch service status says how it is
do-status-quiet = goplswatch status shows what it keeps quiet about
do-install-anew = goplswatch install makes everything anew
kept-in = as it was, it lies in { $path }
kept-beside = as it was, it lies beside the receipt as { $receipt }.{ $step }.before
kept-none = it was not there before
do-change-yourself = change it yourself, in its own program
do-set-right-first = set it right in its own program first
do-look-for-watcher = look for fileWatcher there, and take it out or set it to "off"
do-set-filters = set directoryFilters yourself, as gopls' own page on settings describes: go.dev/gopls/settings
do-open-smaller = open a smaller part of it, or its modules one by one
do-open-smaller-or-leave-out = open a smaller part of the workspace, or leave folders out of it
do-restart-gopls = it takes effect when gopls is restarted
do-update-gopls = update gopls first: go install golang.org/x/tools/gopls@latest
do-status-whose = goplswatch status -v shows which gopls run, and whose they are
do-status-where = goplswatch status -v shows which gopls run and where they come from
do-nothing-here = nothing has to be done here
do-spotlight-settings = keep the folder from Spotlight in its settings: goplswatch fix open-spotlight-settings
do-name-pid = name the process: --pid PID; goplswatch fix lists them
do-name-pid-of-it = name it: --pid PID; goplswatch fix lists them
do-mute = nothing about a whole folder: goplswatch mute FOLDER
do-restart-there = restart it where it is used: { $command }
do-explain = what it is and what helps: goplswatch explain { $code }
do-name-one = name one of them

# The login service: what a look shows, and why there is no plan.

service-running-untold = whether the agent runs is not known: launchctl says that in text only, which may change with every macOS
service-no-desktop-of-root = root has no desktop
service-not-asked = { $manager } could not be asked: { $call }
foreign-link = is a symbolic link that somebody else set
foreign-no-file = is not a file
foreign-no-folder = is not a folder
foreign-service = is not the login service { $label }
foreign-untold = does not tell whose it is: Contents/Info.plist { $why }
foreign-not-understood = is not understood: { $why }
foreign-bundle = is { $label }, not ours
outdated-not-compared = it could not be compared with this program: { $why }
outdated-version = it is version { $found }, and this program is { $own }
outdated-build = it was made of another build of this program
outdated-list = it is described otherwise than this program would
outdated-signature = its signature does not fit what is in it
program-not-read = this program's own file { $path } cannot be read: { $why }
path-unusable = a login service cannot use the path { $path }: { $why }
path-no-text = it is not text in UTF-8
path-no-absolute = it is not absolute
path-controls = it has control characters
path-holds = it has a { $character }
service-not-installed = the login service is not installed
service-of-root = the login service belongs to one user, and root has no desktop
service-of-another = this runs as root, and { $folder } belongs to another user
service-list-not-written = could not write the property list: { $why }
do-move-away = move it away, or ask who made it, and run this again
do-see-file = see what it is with `ls -l { $path }`
do-plain-name = give it a place with a plain name, and run this again
do-install = install it with: goplswatch install
do-as-yourself = run this as yourself, without sudo
do-report-defect = this is a defect of goplswatch: please report it
do-see-launchd = see `launchctl print { $target }` and { $log }
do-see-journal = see why: journalctl --user --unit { $unit }
path-absent = { $path } is absent
path-outdated = { $path } is of another version, or for another program or other folders
bundle-outdated = { $path } is outdated: { $why }
home-not-found = could not find your home folder
own-file-not-found = could not find this program's own file: { $error }
note-root = You are root: the agent will watch root's gopls. For your own, run this as yourself, without sudo.
note-upgraded = If the program itself was upgraded meanwhile, `goplswatch restart` brings it into effect.
note-short-lived = The program lies in { $folder }, where cargo builds: the next build replaces it, `cargo clean` removes it. `cargo install --path crates/cli` puts it where it stays.
note-without-bundle = The agent starts without its application bundle. It watches and shows its menu all the same, but macOS lets it notify only under the name of Script Editor and without buttons. `goplswatch install` tries for the bundle again. Why it is so: { $why }.
note-journal = What the agent prints: journalctl --user --unit { $unit }
note-background-item = macOS tells you of a new background item. You can switch it off at any time: System Settings, General, Login Items & Extensions.
note-left = Left in place: { $path }
note-left-foreign = Left in place: { $path } { $why }
note-gone-at-login = launchd could not be asked from here, where there is no desktop session: the service is gone at the next login.

# What doctor checks: the groups, and each check with its title, why it matters and what fixes it.

group-goplswatch = goplswatch itself
group-system = What this machine lets us see
check-agent = Agent
check-agent-matters = Only an agent that runs watches gopls all the time, tells of problems and keeps the history.
check-agent-helps = `goplswatch install` starts one now and at every login. `goplswatch restart` starts it anew where it does not answer or is of another version.
check-service = Login service
check-service-matters = It starts the agent at every login, and again after a crash. Where it is not current, it starts another program than this one, or none.
check-service-helps = `goplswatch install` sets it up or renews it. `goplswatch service status` says more about it.
check-icon = Icon
check-icon-matters = It shows at a glance whether something is wrong, and its menu says what can be done. Everything that it offers can be typed as well.
check-icon-helps = `goplswatch menu` prints what it would say. On Linux it needs a panel with a system tray (GNOME: the extension "AppIndicator and KStatusNotifierItem Support"). On macOS it may be hidden by a full menu bar or a notch, or not allowed in System Settings → Menu Bar.
check-capabilities = Capabilities
check-capabilities-matters = What did not prove itself is not relied on: problems that need it are not found, or are told without what it would show.
check-capabilities-helps = What is denied says what refuses it; what this system does not have cannot be set right. `goplswatch status -v` shows each with its proof.

# What a check found.

check-agent-answers = it answers (pid { $pid }, version { $version })
check-agent-other = it answers, but is of version { $version }, and this program is { $own }
check-agent-begins = it has just begun and says nothing of itself yet
check-service-current = it is of this version, and { $manager } has it
check-service-not-loaded = it is written down, but { $manager } does not start it
check-service-not-running = { $manager } has it, but it does not run
check-icon-no-agent = only the agent shows it, and none answers
check-icon-untold = the agent has not said whether it is shown
check-proved =
    { $n ->
        [one] 1 proved itself
       *[other] { $n } proved themselves
    }
check-unsupported = { $name } is not to be had on this system: { $why }
check-denied = { $name } is denied: { $why }
check-nothing-proved = nothing has proved itself yet
