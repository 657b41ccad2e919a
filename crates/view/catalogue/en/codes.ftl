# The table of codes in words: a title, and the page of `explain`. The names are those of `Code` in
# crates/core/src/code.rs. No paths, no jargon without a gloss.
#
# `within` is the title behind other words of a sentence, `place` the title with a folder; `label` and `label-place` are
# the same behind "gopls: ". `means` is one sentence, which fits a row of a menu; the rest follows in `means-more`.

restart-loop = gopls keeps restarting
    .place = gopls keeps restarting in { $folder }
    .label = keeps restarting
    .label-place = { $folder } keeps restarting
    .means = Completion and navigation come and go.
    .means-more = Every restart loads the workspace anew, and some editors stop restarting it after a few times without a word.
    .why = A gopls that was built with another Go line than the one in use, too little memory, a system that kills it, or code on which it crashes each time.
    .seen = Three unexplained ends within three minutes, or two lives in a row that were shorter than ten seconds, with the same editor alive all the time. Ends that the editor, an update or we ourselves caused do not count.
    .helps = Read how it ended (goplswatch why). Exit 2: look for "panic:" or "fatal error:" in the editor's gopls log and update gopls. SIGKILL: look at memory. Then restart it from the editor.
    .common-myths = `gopls reload` does not exist (exit 2). `go clean -modcache` deletes every module and mends no crash. Rosetta does not break the connection between editor and gopls.

one-life-left = gopls may stop soon
    .place = gopls may stop soon in { $folder }
    .label = may stop soon
    .label-place = { $folder } may stop soon
    .means = The editor has restarted gopls so often that it will not do so again after the next end.
    .why = Editors count. VS Code's Go extension gives up at the fifth exit of a session, however slow they come; clients with the library's default look at the last three minutes.
    .seen = The exits that we saw, counted by the rule of that editor.
    .helps = Restart gopls by the editor's own command: in VS Code that also resets its counter. Then mend the cause of the ends.
    .common-myths = The text "crashed 5 times in the last 3 minutes" has not been shown for Go by VS Code since 2020: the five is real, the three minutes are not.

editor-gave-up = { $client-start } stopped restarting gopls
    .place = { $client-start } stopped restarting gopls in { $folder }
    .label = { $client-start } stopped restarting gopls
    .label-place = { $client-start } stopped restarting gopls in { $folder }
    .means = Completion, navigation and diagnostics are off until you restart gopls by hand.
    .why = The editor's limit of restarts is reached, or gopls ended while it was being initialised, which is not retried.
    .seen = The exit that spent the last life (or one right after the start), the editor alive, and no new gopls since.
    .helps = Use the editor's restart command. If it ends again at once, read the editor's gopls log.
    .common-myths = Reopening files does not bring it back. Deleting caches is not needed.

server-gone = gopls is gone in { $client }
    .place = gopls is gone in { $client } — { $folder }
    .label = gone in { $client }
    .label-place = gone in { $client } — { $folder }
    .means = Completion, navigation and diagnostics are off until gopls is started again.
    .why = Neovim, Helix and Zed never restart a language server that ended; of other clients it is not known, or this one has not done it in the time that it usually takes.
    .seen = An end that the editor did not cause, the editor alive, and no new gopls since.
    .helps = Use the editor's restart command.
    .common-myths = Reopening the file brings it back in some editors only; waiting does not in those that never restart.

server-crashed = gopls probably crashed
    .place = gopls probably crashed in { $folder }
    .label = probably crashed
    .label-place = { $folder } probably crashed
    .means = gopls ended by a fault of its own.
    .means-more = What you last edited may trigger it again.
    .why = A Go program that panics exits with code 2 and writes a traceback; so does one that runs out of memory or gets a fatal signal.
    .seen = Exit code 2 of a language server that had lived for a second or more, or a fatal signal such as SIGSEGV or SIGABRT. A bad flag also exits with 2, but at once.
    .helps = The traceback is in the editor's gopls log. Update gopls; if it stays, report it with that text.
    .common-myths = On a Mac a Go panic leaves no crash report in Console: its absence proves nothing.

server-killed = Something killed gopls
    .within = something killed gopls
    .place = Something killed gopls in { $folder }
    .label = something killed gopls
    .label-place = something killed gopls in { $folder }
    .means = gopls did not fail: something ended it by SIGKILL.
    .why = A system short of memory, a kill command, a security tool, or on Apple silicon a broken code signature. Who sent a signal cannot be known without special rights.
    .seen = An end by SIGKILL that no restart followed, or the second one within ten minutes.
    .helps = Look at memory at that time. If it happens within a second of each start on a Mac, delete the gopls file and install it anew.
    .common-myths = dtruss cannot show who sent the signal: it lists the victim's own calls.

stuck-load = gopls is waiting, not loading
    .place = gopls is waiting, not loading — { $folder }
    .label = waiting, not loading
    .label-place = { $folder } is waiting, not loading
    .means = Until the load ends, gopls answers nothing: no hover, no definition, not even shutdown.
    .why = A `go list` waits for a proxy, a VPN, a password prompt of git or ssh, or a package driver that does not answer. gopls itself gives up after ten minutes.
    .seen = A load child older than thirty seconds while gopls and its whole tree use next to no CPU and do no I/O. A stopped process is not taken for a stuck one.
    .helps = See what it waits for. Check VPN and GOPROXY, set GOPRIVATE for private modules, run `go mod download` in a terminal where a prompt can be answered, then restart gopls.
    .common-myths = GOPROXY=direct with GOSUMDB=off is usually slower (git clones) and turns off the check of what you download. "Hover works, definition does not" is not the picture of a stuck load.

slow-load = gopls is still loading
    .place = gopls is still loading in { $folder }
    .label = still loading
    .label-place = { $folder } is still loading
    .means = It works, but until it is done most requests wait.
    .why = A very large workspace, a cold build cache, or a package driver that builds first.
    .seen = A load child older than five minutes (a package driver: fifteen) in a tree that is busy.
    .helps = Open a smaller folder, exclude generated trees with directoryFilters, warm up the driver.
    .common-myths = Spotlight does not take file events away from gopls; it only costs CPU and disk.

orphan-go-list = A leftover go list is still running
    .within = a leftover go list is still running
    .place = A leftover go list is still running in { $folder }
    .label = a leftover go list is still running
    .label-place = a leftover go list is still running in { $folder }
    .means = It works for a gopls that is gone.
    .means-more = It may hold a lock on the module cache and use CPU.
    .why = An editor killed a gopls that hung; its child was left behind.
    .seen = A `go list` (or package driver) whose gopls ended more than ten seconds ago.
    .helps = It is safe to end that one process. Then look at why the load hung.
    .common-myths = `killall go` also ends your own builds.

too-many-servers = Several gopls on one folder
    .within = several gopls on one folder
    .place = Several gopls on one folder — { $folder }
    .label = several gopls on one folder
    .label-place = several gopls on one folder — { $folder }
    .means = Each of them keeps the whole workspace in memory.
    .why = A client that starts one per session and forgets the old ones.
    .seen = Three or more language servers on one folder within one client, or two with more memory than the threshold.
    .helps = Close idle sessions, or share one server with -remote=auto where the client allows it.
    .common-myths = Two editors on one folder are two servers by design; that alone is no fault.

stale-binary = gopls was updated but not restarted
    .place = gopls was updated but not restarted in { $folder }
    .label = was updated but not restarted
    .label-place = { $folder } was updated but not restarted
    .means = The running gopls is older than the one on disk.
    .why = The file was replaced or deleted while the server ran.
    .seen = The file that the process was started from no longer stands under its name.
    .helps = Restart gopls from the editor when it suits you.
    .common-myths = There is no need to restart the editor itself.

fix-did-not-help = The fix did not help
    .within = the fix did not help
    .place = The fix did not help in { $folder }
    .label = the fix did not help
    .label-place = the fix did not help in { $folder }
    .means = What you had goplswatch do was done, and the problem is still there or has come back.
    .why = The cause is another one. A restart ends a symptom and leaves what brought it about as it was.
    .seen = After a fix its incident is watched for the time that it needs to show itself: three minutes for ends of gopls, one minute for a stuck load, fifteen seconds for a leftover go list. It was still open then, or gopls ended again, or the process still ran.
    .helps = Take the fix back if it can be undone (goplswatch fix --undo), read what was seen (goplswatch why), and mend the cause before you try again.
    .common-myths = Doing the same once more rarely helps: each restart of gopls spends one that the editor has left.

descriptor-pressure = gopls is using up file descriptors
    .place = gopls is using up file descriptors in { $folder }
    .label = using up file descriptors
    .label-place = { $folder } is using up file descriptors
    .means = When none are left, gopls can open no file any more; when the machine has none, no program can.
    .why = On a Mac a gopls that watches files itself needs one descriptor for each file and folder. gopls mcp always watches.
    .seen = The descriptors that it has open, beside what it and the machine are allowed.
    .helps = A restart frees them for a while. If it watches files itself, turn that off before; if it is a gopls mcp, stop it.
    .common-myths = `ulimit -n` in a terminal changes nothing for a gopls that runs or that an editor starts, and like every Go program gopls raises its own limit at its start. Spotlight takes no descriptors away from it.

file-table-full = This machine is running out of open files
    .within = this machine is running out of open files
    .place = This machine is running out of open files — { $folder }
    .label = this machine is running out of open files
    .label-place = this machine is running out of open files — { $folder }
    .means = When the table is full, every program fails to open files: editors, shells, the system itself.
    .why = One program holds a very large number of files open, mostly to watch them for changes.
    .seen = How many files are open on the whole machine, beside what it allows, and who holds most of them.
    .helps = End the program that holds most of them. Raising the limit (as root) only buys time.
    .common-myths = That nearly all file nodes of the kernel are in use is normal: they are a cache.

watch-limit = File watches are nearly used up
    .within = file watches are nearly used up
    .place = File watches are nearly used up — { $folder }
    .label = file watches are nearly used up
    .label-place = file watches are nearly used up — { $folder }
    .means = When none are left, editors do not learn of changed files, and gopls goes on with old ones.
    .why = Editors watch every folder of a workspace; large trees that nobody edits count as well.
    .seen = The watches that all processes of yours hold, beside the limit for a user.
    .helps = Exclude large folders from the editor's watching (files.watcherExclude in VS Code), or raise the limit (fs.inotify.max_user_watches, as root).
    .common-myths = Restarting gopls frees none of them, unless it watches files itself: they are the editor's.

own-watcher = gopls watches files itself
    .place = gopls watches files itself in { $folder }
    .label = watches files itself
    .label-place = { $folder } watches files itself
    .means = Each file and folder costs a descriptor on a Mac, each folder a file watch on Linux.
    .why = The setting fileWatcher is fsnotify, or it is a gopls mcp, which always watches.
    .seen = The watches on files that this gopls itself holds.
    .helps = Set fileWatcher to off, which is the default: the editor watches for it. Where the editor does not, poll costs less. A gopls mcp is best started in the module's own folder.
    .common-myths = gopls of an editor watches nothing by default, so it cannot lose watches to Spotlight.

runaway-memory = gopls uses more and more memory
    .place = gopls uses more and more memory in { $folder }
    .label = uses more and more memory
    .label-place = { $folder } uses more and more memory
    .means = If it goes on, the system will slow down, and then end gopls or something else.
    .why = A very large workspace, generated code, a leak of that version, or several modules at once.
    .seen = Its memory over the last minutes, or hours where it grows slowly. That it grows while it first loads a workspace is not counted.
    .helps = Exclude large folders with directoryFilters, limit its memory where that gopls can (memoryLimit), update gopls, or open a smaller folder. A restart frees the memory for a while.
    .common-myths = memoryMode has no effect any more. Deleting caches frees disk, not memory.

out-of-memory-kill = The system ended gopls to free memory
    .within = the system ended gopls to free memory
    .place = The system ended gopls to free memory in { $folder }
    .label = the system ended gopls to free memory
    .label-place = the system ended gopls to free memory in { $folder }
    .means = The system needed memory and took that of gopls.
    .why = gopls had grown large, or something beside it had; or it runs in a group with a limit of its own.
    .seen = An end by SIGKILL, and the system's counter of such ends (Linux); on a Mac, where nothing counts them, an end by SIGKILL under memory pressure, which is called most likely and no more.
    .helps = Exclude large folders with directoryFilters, limit its memory where that gopls can (memoryLimit), share one gopls between editors, or close what else is large.
    .common-myths = A restart alone leads to the same end again once it has grown.

runaway-cpu = gopls has been busy for minutes
    .place = gopls has been busy for minutes in { $folder }
    .label = has been busy for minutes
    .label-place = { $folder } has been busy for minutes
    .means = It uses a core or more although it loads nothing, which costs battery and makes answers slow.
    .why = Scanning of a huge module cache or of folders without Go code, analyzers on a large workspace, or a fault of that version.
    .seen = Its CPU over the last minutes, with no go command at work for it. The first minutes are not counted.
    .helps = Update gopls, exclude large folders with directoryFilters, turn staticcheck off to compare.
    .common-myths = High CPU in the first minutes after a start or a branch switch is gopls doing its work.

blocked-io = gopls waits for a disk
    .place = gopls waits for a disk — { $folder }
    .label = waits for a disk
    .label-place = { $folder } waits for a disk
    .means = It hangs inside the kernel and answers nothing; even a kill may not end it.
    .why = A network folder, a FUSE mount, an external or a failing disk that does not answer.
    .seen = A thread of it that could not be interrupted at several looks in a row.
    .helps = See whether the network folder or disk answers (if not, ls of it hangs as well) and reconnect it. Killing gopls does not work before that.
    .common-myths = Rosetta does not do this: translated programs make ordinary system calls.

stopped-server = gopls is suspended
    .place = gopls is suspended in { $folder }
    .label = is suspended
    .label-place = { $folder } is suspended
    .told = A signal has kept { $who }{ $place } suspended for { $span }; its client waits for it.
    .over = it was continued
    .means = Nothing that the editor asks is answered: completion and navigation hang, often saving too.
    .means-more = gopls itself is sound, and goes on where it was as soon as it is continued.
    .why = Something sent it SIGSTOP or SIGTSTP: a kill command, Ctrl-Z where gopls was started by hand, or a tool that slows programs down by stopping them, such as cpulimit, and was ended while gopls stood still. Who sent a signal cannot be known without special rights.
    .seen = gopls in the state T for thirty seconds while its editor is not stopped. A gopls that a debugger holds is in the state t and does not count; nor does one in a frozen control group, nor one whose editor is stopped with it, as after Ctrl-Z in a terminal.
    .helps = Type `kill -CONT { $pid }` in a terminal: gopls goes on where it was, and none of its restarts is spent. If it is soon suspended again, find out what does that.
    .common-myths = A plain kill changes nothing while gopls stands still: its signal waits, and ends gopls as soon as it is continued. fg and bg reach only what their own shell has started.

translated-server = gopls is running as an Intel program
    .place = gopls is running as an Intel program — { $folder }
    .label = running as an Intel program
    .label-place = { $folder } is running as an Intel program
    .means = It is translated on this Mac, which makes it slower, and macOS 28 will not run it.
    .why = It was built by an Intel go command, or an Intel program started a file that holds both.
    .seen = The system's mark on the process, and which architectures its file holds.
    .helps = Install Go for Apple silicon, then gopls with it, and restart the editor.
    .common-myths = It does not break the connection to the editor: that is plain bytes.

translated-toolchain = The go command is an Intel program
    .within = the go command is an Intel program
    .place = The go command is an Intel program — { $folder }
    .label = the go command is an Intel program
    .label-place = the go command is an Intel program — { $folder }
    .means = Loading is slower, what it builds is for Intel, and macOS 28 will not run it.
    .why = An Intel Go under /usr/local, from before this Mac or from an Intel Homebrew.
    .seen = The system's mark on a go list that gopls started.
    .helps = Install Go for Apple silicon, remove the Intel one, then install gopls and the other tools anew.
    .common-myths = Setting GOARCH does not change which go command runs.

translated-client = { $client-start } is running as an Intel program
    .place = { $client-start } is running as an Intel program — { $folder }
    .label = { $client-start } is running as an Intel program
    .label-place = { $client-start } is running as an Intel program — { $folder }
    .means = It is slower than it has to be, and what it starts may run as Intel programs too.
    .why = The Intel version was installed, or "Open using Rosetta" is set for it.
    .seen = The system's mark on the process.
    .helps = Install its version for Apple silicon, or take away "Open using Rosetta" in Get Info.
    .common-myths = An Intel editor and an arm64 gopls work together without trouble.

spotlight-busy = Spotlight is busy
    .place = Spotlight is busy — { $folder }
    .label = Spotlight is busy
    .label-place = Spotlight is busy — { $folder }
    .means = It uses CPU and disk at the same time as gopls.
    .means-more = More than that is not known.
    .why = Many files changed: a branch switch, a module download, a new disk.
    .seen = How many workers it has, how many are new, and what they use.
    .helps = Wait; or keep the module cache out of the index (a folder whose name ends in .noindex).
    .common-myths = It takes no kqueue slots and no file events from gopls. `mdutil -i off .` is for whole volumes, and .metadata_never_index does nothing below the top of a volume.

file-events-lost = File changes were missed
    .within = file changes were missed
    .place = File changes were missed in { $folder }
    .label = file changes were missed
    .label-place = file changes were missed in { $folder }
    .means = Editors may not have learned of changed files, and gopls may go on with old ones.
    .why = More changed at once than the system could tell: a branch switch, a build, a download.
    .seen = A watch of our own on that folder was told that events were dropped.
    .helps = If gopls shows errors that are none, restart it: then it reads all files anew.
    .common-myths = It is not a sign of too few watches or descriptors.

memory-pressure = This machine is short of memory
    .within = this machine is short of memory
    .place = This machine is short of memory — { $folder }
    .label = this machine is short of memory
    .label-place = this machine is short of memory — { $folder }
    .means = Everything gets slower, and the system may end programs to get memory back.
    .why = What runs needs more memory than there is.
    .seen = What the system says of it: its pressure level on a Mac, the share of time that programs waited for memory on Linux.
    .helps = Close what you do not need. Several gopls of one folder can share one server.
    .common-myths = That little memory is free is normal: the rest is a cache.
