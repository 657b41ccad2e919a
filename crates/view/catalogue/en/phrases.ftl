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
more-in-status = { $n } more: goplswatch status
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
note-show = Show
note-no-buttons = Notifications have no buttons on this desktop: answer on the command line.
icon-right-button = The right mouse button opens the menu.

## What commands print: their lines.

hint-line = hint: { $text }
output-failed = could not write the output: { $error }
json-failed = could not write JSON: { $error }
event-json-failed = could not write an event as JSON: { $error }
events-missing = events are missing here: { $why }
and-also = { $one } and { $other }

## What commands print: events.

moment-of =
    { $day } { $month ->
        [1] Jan
        [2] Feb
        [3] Mar
        [4] Apr
        [5] May
        [6] Jun
        [7] Jul
        [8] Aug
        [9] Sep
        [10] Oct
        [11] Nov
       *[12] Dec
    } { $year }, { $time }
day-is =
    { $weekday ->
        [1] Monday
        [2] Tuesday
        [3] Wednesday
        [4] Thursday
        [5] Friday
        [6] Saturday
       *[7] Sunday
    }, { $date }
event-alerts = alerts
event-fix = fix { $receipt }
event-notification = notification
notification-withdrawn = { $alert } withdrawn
event-seen = can see
event-unseen = cannot see
event-runs = gopls runs
event-started = gopls started
event-ended = gopls ended
event-over = OVER
event-problem = PROBLEM
event-advice = ADVICE
shared-daemon = shared daemon
number-is = number { $n }
translated-intel = translated (Intel)
not-known = unknown
end-counts = { $name }: it was started again, so that end counts
end-explained = { $name }: its editor ended with it, so that end is explained
end-after = after { $lived }
no-churn = (not churn: { $why })
holds-no-longer = it no longer holds
alerts-paused-until = paused until { $until }
alerts-paused = paused until you resume them
alerts-muted = { $folder } is muted
alerts-snoozed = { $incident } is snoozed until { $until }
alerts-on = on
alerts-are = alerts: { $alerts }
alerts-line = Alerts: { $alerts }

## What commands print: the state.

status-head = { $head } — { $count }
status-blind = Could not look at all processes
status-quiet = All quiet
status-findings =
    { $n ->
        [one] 1 finding
       *[other] Several findings
    }
none-running = no gopls is running
some-running = { $n } gopls, { $memory }
not-known-for = not known, { $why }
memory-not-known = memory unknown
arch-translated = { $arch }, translated
state-and-lives = state { $state }, exits until its editor gives up: { $lives }
unknown-for = unknown ({ $why })
usual-here = usual here: { $what }
usual-load = first load { $median } ± { $spread } ({ $of } seen)
usual-memory = most memory { $median } ± { $spread } ({ $of } seen)
usual-ends = unexplained ends a day { $median } ± { $spread } ({ $of } seen)
sight-title = What this machine lets us see
sight-ok = ok
sight-unsupported = unsupported
sight-denied = denied
day-title = Memory over the last day
agent-since = Agent { $version } (pid { $pid }) since { $since }
cpu-not-measured = CPU not measured yet
cpu-of-core = { $percent } % of a core
history-is =
    history: { $bytes } in { $parts ->
        [one] 1 part
       *[other] { $parts } parts
    }, { $folder }
config-is = config:  { $file }
log-is = log:     { $file }
alone-no-agent = No agent is running: this is one look.
    .instead-of-that = goplswatch install starts one at each login.
alone-no-answer = An agent runs but gave no answer that can be read: this is one look.
    .instead-of-that = goplswatch restart may help.
alone-barred = The agent, if there is one, could not be asked: this is one look.
look-instead = { $why }; this is one look instead
agent-gone = the agent is gone; waiting for it
agent-silent = the agent does not answer; waiting for it
agent-answers-again = the agent answers again
agent-back = the agent is back
agent-lost = the connection to the agent is gone ({ $why }); it is looked for again

## What commands print: pages.

page-problem = { $code } (problem)
page-advice = { $code } (advice)
page-means = What it means
page-why = Why it happens
page-seen = How it is seen
page-helps = What helps
page-common-myths = Common myths
no-page = there is no page on { $word }
no-page-hint = list them with: goplswatch explain --list

## What commands print: why.

no-recording = there is no recording to look into
no-recording-hint = run `goplswatch watch`, or name a recording with --from FILE
no-incident-in = no incident { $incident } in { $place }
no-incident-at-all = there was no incident at all
incidents-are = there are: { $known }
recording-was-full = a recording that `watch` made by itself ends at 16 MiB; --record FILE has no limit
history-has-nothing = the history has nothing of it
the-history = the history
last-recordings = the last { $n } recordings
history-and-recordings = the history and { $recordings }
why-opened = opened  { $at }
before-kept = before what is kept
why-closed = closed  { $at }, because { $because }
why-readings = Readings
why-helps = What helps
why-gone = gone, with what is older than is kept: { $gone }
why-more = More: goplswatch explain { $code }

## What commands print: readings.

fact-intel = { $said }, an Intel program that is translated
fact-intel-holds = { $said }, an Intel program that is translated (its file holds { $slices })
fact-gopls = gopls (pid { $pid })
fact-gopls-of = gopls of { $folder } (pid { $pid })
fact-process = { $name } (pid { $pid })
fact-machine = { $gauge }: { $value }
fact-of = { $gauge } of { $who }: { $value }
fact-allowed = { $value } of { $limit } allowed
fact-of-bytes = { $value } of { $limit }
fact-less = { $value }, { $by } less than { $ago } before
fact-more = { $value }, { $by } more than { $ago } before
fact-thresholds = the thresholds in force
fact-alerts = when problems are told
fact-client = { $who } runs a gopls
fact-runs = gopls runs already in { $folder } (pid { $pid })
fact-runs-somewhere = gopls runs already in an unknown folder (pid { $pid })
fact-started = gopls started in { $folder } (pid { $pid })
fact-started-somewhere = gopls started in an unknown folder (pid { $pid })
fact-loads = { $who } loads { $folder }
fact-replaced = the executable of { $who } was replaced
fact-deleted = the executable of { $who } was deleted
fact-held-by-nobody = nobody was seen to hold { $what }
fact-most = most { $what }: { $holders }
fact-holds = { $who } { $amount }
fact-file-watches = file watches
fact-hangs = { $who } hangs inside the kernel and waits for { $on }
fact-hangs-on-what = { $who } hangs inside the kernel and waits for something that is not known
fact-hangs-no-more = { $who } hangs no more
fact-lost = file events were lost in { $folder }: { $how }
fact-holds-bytes = { $who } holds { $bytes }
fact-ended = { $who } ended: { $how }
fact-ended-thus = { $who } ended: { $how }, { $detail }
fact-exit = exit { $code }
fact-signal = { $name }
fact-how-unknown = how is not known, { $why }
fact-for-signature = the system refused its code signature
fact-for-memory = the system ended it for its memory
fact-among-kills = and the system was ending processes for want of memory in that moment
fact-in-group = and in its group of processes something was ended for want of memory
fact-unwatched = while nobody watched
fact-driver = the package driver { $name }
fact-runs-command = { $who } runs { $what } (pid { $pid })
fact-runs-alone = { $what } (pid { $pid }) runs without its gopls
fact-waits = pid { $pid } waits for { $on }
fact-quiet = { $who } and its children use next to no CPU and do no I/O
fact-busy = { $who } or a child of it is busy
fact-stopped = { $who } or a child of it is stopped
fact-own-fix = we ended { $who } on your word
fact-slept = the machine slept for { $span }
fact-wake = nothing had happened until then
fact-began = the watch began
fact-snoozed = you snoozed { $incident } for { $span }
fact-unsnoozed = you ended the snooze of { $incident }
fact-muted = you muted { $folder }
fact-unmuted = you unmuted { $folder }
fact-paused-for = you paused all alerts for { $span }
fact-paused = you paused all alerts
fact-resumed = you resumed alerts
fact-asked = you asked for a look
fact-fix-began = fix { $receipt } began: { $remedy }
fact-fix-done = fix { $receipt } was done
fact-fix-not-done = fix { $receipt } was not done to its end
fact-fix-undone = fix { $receipt } was taken back

## What commands print: what went wrong, and what to do.

no-agent-to-ask = no agent is running, so there is nobody to ask
no-agent-to-ask-hint = start one at each login: goplswatch install; or once, here: goplswatch agent
agent-busy-hint = it is stopped, or asked more than it can answer: try again, or restart it: goplswatch restart
agent-barred-hint = see whose the socket and its folder are (ls -ld); what no agent of yours made must be taken away
agent-refuses = the agent refused: { $why }
agent-no-answer-hint = if it hangs, or was updated just now, restart it: goplswatch restart
no-loop = could not start the event loop ({ $error }), so nothing can be watched
no-loop-hint = most often too few open files are allowed; raise the limit with ulimit -n
agent-foreground = watching gopls in the foreground; ask from another terminal: goplswatch status. Stop with Ctrl-C
agent-ended-late = it did not come to its end in time and was left; what was recorded is recorded
agent-engine-gone = the agent's engine is gone, which is a fault of goplswatch
agent-waits-for-other = an agent runs already ({ $who }); waiting for its end
agent-runs = an agent runs already ({ $who }); there is one for each user
agent-runs-hint = ask it with: goplswatch status
no-home-for-config = your home folder is not known, so neither is the config file
no-home-for-history = your home folder is not known, so neither is the history in it
no-home-for-state = there is no home folder, so nothing can be kept
no-home-for-receipts = there is no home folder for receipts, and without one nothing is touched
set-home = set HOME
as-root = as root it would leave files in another user's home that they cannot write to
as-root-hint = run it without sudo: it needs no rights
several-folders = there are several folders named { $name }
several-folders-hint = name one by its path: { $paths }
no-folder = there is no folder { $name }
no-folder-hint = name it by its path
folders-are = known ones: { $known }
watching = watching gopls; stop with Ctrl-C
watch-waits = no gopls runs, so this waits for one. To see something now: goplswatch demo
watch-why-hint = the readings behind an incident: goplswatch why, with the name in parentheses behind it
demo-play = A pretended VS Code whose gopls keeps dying, and a pretended Helix whose gopls hangs and is killed.
demo-shortened = Waits are shortened: 6 s instead of 30 s for a stuck load. Nothing real is watched or touched.
demo-over = That was all. On real editors: goplswatch watch. On any of these words: goplswatch explain WORD.
demo-missing = the play went on, but these were not seen: { $missing }
demo-missing-hint = goplswatch status -v says what this machine lets us see
demo-no-stage = could not set up the demo in the temporary folder: { $error }
demo-no-stage-hint = set TMPDIR to a folder that you may write to
no-log = there is no log yet ({ $path })
no-log-hint = the agent writes it: goplswatch install, or goplswatch agent
log-unread = could not read the log { $path }: { $error }
recording-unread = could not read { $path }: { $error }
make-recording-hint = make one with: goplswatch watch --record FILE
recording-damaged = { $path } is damaged ({ $why }): what could be unpacked may be wrong
recording-unusable = { $path } cannot be replayed: { $why }
recording-broken = { $path } is damaged: { $why }
update-hint = update goplswatch
judged-again = recorded by goplswatch { $others }, judged again by { $version }: verdicts may differ
judged-blank = the state from which it goes on cannot be read ({ $why }), so it was judged with nothing known of before: verdicts may differ
last-line-torn = the last line is torn and was dropped (the recorder was stopped in the middle of it)
recording-not-made = could not create the recording { $path }: { $error }
file-not-made = could not create { $path }: { $error }
another-name-hint = choose another name, or move the old one away
writable-folder-hint = name a folder that you may write to
nothing-recorded = nothing is recorded ({ $path }: { $error }); `goplswatch why` will need --record
recording-ends = the recording { $path } ends here ({ $error }); watching goes on
recording-full = the recording { $path } is full and ends here; watching goes on
no-history-hint = there is no history; the agent writes it while it runs
exported = { $n } inputs; show them with: { $command }
nothing-exported = nothing was recorded since then
nothing-exported-hint = the agent writes the history while it runs
history-readable-hint = the folder must be readable for you
disk-full-hint = is the disk full?
history-damaged = a part of the history is damaged: { $part }: { $what }
config-absent-head = There is no { $file }: these are the defaults.
config-good-head = From { $file }; what is not there is the default.
config-broken-head = { $file } does not apply: these are the defaults.
config-differs =
    { $n ->
        [0] No value differs from its default.
        [one] 1 value differs from its default.
       *[other] { $n } values differ from their defaults.
    }
config-no-file = there is no file { $file }
config-unread = could not read { $file }: { $why }
config-absent = there is no { $file }: the defaults apply
config-good = { $file }: nothing is wrong
config-rest-hint = all else in the file applies
config-repair-hint = nothing of the file applies until this is repaired; goplswatch config schema says what may stand there
man-not-written = could not write the manual pages to { $folder }: { $error }
no-duration = a duration looks like 90s, 10m or 1h30m
negative-duration = a duration must not be negative
no-moment = a time looks like 2h or 3d (ago), 2026-11-22, or 2026-11-22T10:15:00Z
no-moment-of-replay = a time looks like 2026-11-22T10:15:00Z, or 2m30s after the first input
no-language = there is no such language; those that there are: { $known }

## What commands print: checks.

doctor-unknown = not known, { $why }
doctor-line = { $title }: { $said } ({ $check })
doctor-matters = Why it matters: { $text }
doctor-helps = What helps: { $text }
doctor-ok = { $n } fine
doctor-advice =
    { $n ->
        [one] 1 suggestion
       *[other] { $n } suggestions
    }
doctor-not-known = { $n } not known
doctor-problems =
    { $n ->
        [one] 1 problem
       *[other] { $n } problems
    }
page-check = { $check } (check)
page-matters = Why it matters
page-doctor = How it is now: goplswatch doctor

## What commands print: fixes.

fix-no-remedy = it is one of: { $known }
fix-undo-no-json = what undo does has no JSON
fix-undo-no-json-hint = goplswatch fix --history --json has all receipts
fix-asks-no-json = a fix is asked about, which JSON cannot be
fix-asks-no-json-hint = add --dry-run to see the plan
fix-blind = the processes cannot be seen, so it is not known what can be done
fix-blind-hint = goplswatch status says why
fix-apply = Apply?
fix-undo = Undo?
fix-nobody-there = nothing was done: nobody is there to be asked
fix-risky-hint = this is risky: it wants a y that is typed in a terminal, and --yes does not cover it
fix-safe-hint = --yes says yes to what is safe, as this is
fix-not-done = nothing was done
fix-undone = { $receipt } is undone.
fix-no-undo = there is nothing to undo
fix-no-undo-hint = goplswatch fix --history lists what was done
fix-done = Done.
fix-done-waits = Done. Restart gopls in its editor: it takes effect then.
fix-done-waits-watched = Done. Restart gopls in its editor: it takes effect then, and then the agent watches whether it helped.
fix-done-watched = Done. The agent watches now whether it helped; goplswatch fix --history says what came of { $receipt }, goplswatch status how it is.
fix-done-unwatched = Done. No agent is running, so nobody watches whether it helped; goplswatch status shows how it is.
fix-back = goplswatch fix --undo { $receipt } takes it back.
fix-none-offered = Nothing is offered: nothing is wrong, and no gopls is running.
fix-beside = Beside that
fix-receipt-unread = { $receipt }  cannot be read: { $why }
fix-nothing-yet = Nothing was done yet.
fix-under-way = under way
fix-helped = helped: { $what }
fix-helped-not = did not help: { $what }
fix-helped-unseen = not seen whether it helped: { $what }

## What commands print: the login service.

service-nothing-to-install = The login service is installed as it should be. There is nothing to do.
service-nothing-to-remove = No login service is installed. There is nothing to do.
service-nothing-to-do = There is nothing to do.
service-dry-run = Nothing was done: this was a dry run.
service-installed-hint = goplswatch service status tells how it is, goplswatch uninstall takes it back
service-undo-hint = goplswatch { $command } --undo puts back what was there before
service-renew-hint = what starts it is of another version or place; goplswatch install renews it
service-restart-hint = goplswatch restart starts it anew
service-heard-earlier = An agent that began earlier answers (pid { $pid }), perhaps one in a terminal; the service's takes over when it ends.
service-heard = The agent answers (pid { $pid }).
service-unheard = The agent did not answer within { $seconds } s.
service-own-file-hint = it was replaced or removed while it runs; call the new one by its full path
service-nothing-changed = nothing was changed
service-effect-unknown = whether it took effect is not known; the same command may be given again
service-some-stays = what was done before stays ({ $done } of { $steps }); the same command goes on from there
service-without-bundle = The agent can do without its application bundle. Instead:
service-state-not-asked = Could not ask { $manager }
service-state-mute = Installed and running, but it does not answer
service-state-runs = Installed and running
service-state-runs-not = Installed, but not running
service-state-loaded-mute = Installed; { $manager } has it loaded, but no agent answers
service-state-loaded = Installed; { $manager } has it loaded
service-state-runs-once = Running, but not at the next login
service-state-absent = Not installed
service-state-in-part = Not installed completely: { $manager } does not start it
service-file-current = { $path } says what it should
service-bundle-current = { $path } is of this version
service-answers = an agent answers (pid { $pid }), of version { $version }
service-answers-unknown = an agent answers (pid { $pid }), of an unknown version
service-install-helps = goplswatch install sets it right
no-thread = could not start a thread ({ $error })
first-look-hint = the first look takes long; what was told before may be told again

## What a click comes to: titles and texts of notifications.

click-not-done = That could not be done
click-no-thread = The system gives no more threads ({ $error }). Try again.
click-copied = Copied
click-command-copied = “{ $command }” is on the clipboard. Give it in the editor.
click-evidence-copied = The evidence is on the clipboard, as text.
click-set = Set
click-set-waits = It takes effect when gopls is restarted. goplswatch fix --undo takes it back.
click-taken-back = Taken back
click-as-before = Everything is as it was before the fix.
click-stopped = Not done: { $title }
click-not-taken-back = It could not be taken back
click-nothing-done = Nothing was done
click-not-open = That question is no longer open. Choose it in the menu again.
click-not-shown = That could not be shown
click-page-unwritten = { $path } could not be written ({ $error }). In a terminal: goplswatch why { $incident }
click-in-terminal = In a terminal: goplswatch why { $incident }
click-config-unopened = The config file could not be opened
click-config-unmade = { $path } could not be made: { $error }.
click-for-you = For you to do: { $title }
config-begins = The config file of goplswatch. Every key may be left out; what applies now, and every key there
    .show = is, shows: goplswatch config show

# What was seen, for a bug report. Each is a line of its own.

evidence-kind = kind: { $code } ({ $incident })
evidence-about = about: { $lineage }
evidence-lives = ends until its editor gives up: { $n }
evidence-lives-at-most = ends until its editor gives up: at most { $n }
evidence-lives-unknown = ends until its editor gives up: unknown ({ $why })
evidence-cause =
    { $weight ->
        [certain] cause: { $cause }
        [most-likely] most likely: { $cause }
        [possible] possibly: { $cause }
       *[same-time] at the same time: { $cause }
    }
evidence-cause-of =
    { $weight ->
        [certain] cause: { $cause } (readings { $readings })
        [most-likely] most likely: { $cause } (readings { $readings })
        [possible] possibly: { $cause } (readings { $readings })
       *[same-time] at the same time: { $cause } (readings { $readings })
    }
evidence-readings = readings: { $readings } (goplswatch why { $incident } shows them)
evidence-half-hour =
    last half hour: ended { $ends ->
        [1] once
        [2] twice
       *[other] { $ends } times
    }, most memory { $memory }
evidence-no-server = No gopls of it runs now.
evidence-server = gopls, pid { $pid } ({ $class })
evidence-program = program: { $program }
evidence-runs-as = runs as: { $arch }
evidence-translated = runs as: { $arch }, translated
evidence-folder = folder: { $folder }
evidence-client = used by: { $client } (pid { $pid })
evidence-client-unknown = used by: unknown: { $why }
evidence-memory = memory: { $memory }
evidence-since = runs since: { $since }, generation { $generation }, state { $state }
evidence-past = generation { $generation } lived for { $lived } and ended at { $ended }: { $why }
evidence-past-unknown = generation { $generation } lived for a time that is not known and ended at { $ended }: { $why }
evidence-machine = What is measured of this machine
evidence-measured = { $gauge }: { $value }
evidence-unmeasured = { $gauge }: not known, { $why }
evidence-unknown = unknown: { $why }
evidence-not-known = not known
evidence-sight = What this machine lets goplswatch see
evidence-capability = { $name }: { $state } ({ $said })
evidence-version = goplswatch { $version }
