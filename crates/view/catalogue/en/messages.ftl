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
agent-answers = an agent answers there
socket-removed = the socket was removed
config-watched = a change of the config file is noticed
config-unwatched = { $why }; a change of the config file is read when goplswatch restarts or gets SIGHUP
no-watches-for = the system has no watches left for { $path } (on Linux, raise fs.inotify.max_user_watches)
no-files-for = no more files can be opened to watch { $path } (raise the limit on open files; on Linux also fs.inotify.max_user_instances)
no-thread-for = no thread can be started to watch { $path } ({ $error })
no-folder-of = the folder of { $path } does not exist yet
not-watchable = { $path } cannot be watched ({ $why })
path-not-whole = its path is not absolute
history-lost = nothing can be recorded in { $folder } ({ $error }), so `history` and `why` will not know of this time; { $advice }, and recording goes on by itself
history-of-another = another goplswatch records in { $folder }, so this one records nothing: `history` and `why` know only what the other one saw; stop one of the two
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
