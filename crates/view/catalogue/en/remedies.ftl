# The table of remedies in words: as a menu or a button names it, in Title Case; what it does and what it costs; what
# undo does about it. The names are those of `Remedy` in crates/core/src/remedy.rs. Where something is asked first, a
# menu adds the dots.

restart-server = Restart
    .does = Asks this gopls to end (SIGTERM). Its editor starts it again by itself, and it loads the workspace anew. To the editor that looks like a crash and costs one of its restarts.

kill-server = Kill
    .does = Ends this gopls by force (SIGKILL): it was asked to end and did not. To the editor that looks like a crash and costs one of its restarts.

stop-orphan = Stop the Leftover go list
    .does = Ends a go list that works for a gopls which is gone. Nothing waits for its answer.

stop-duplicate = Stop This Idle gopls
    .does = Asks this gopls to end (SIGTERM). Another one serves the same folder for the same editor.

stop-mcp = Stop This gopls mcp
    .does = Asks this gopls mcp to end (SIGTERM). The coding agent that runs it has none until it starts another.

copy-restart-command = Copy the Restart Command
    .does = Puts the editor's own restart command on the clipboard, to be given there.

copy-evidence = Copy Evidence
    .does = Puts what was seen on the clipboard as text, for a bug report. Paths are named, contents are not.

open-workspace = Open Workspace
    .does = Shows the workspace folder.

dump-goroutines = Dump Goroutines
    .does = Has gopls write what each of its goroutines does to its error output, which the editor keeps in its log (SIGQUIT). That ends it: to the editor it looks like a crash and costs one of its restarts.

snooze = Snooze for 1 Hour
    .does = Tells nothing about this for an hour.
    .undo = tells about it again

mute = Mute This Workspace
    .does = Tells nothing about this folder any more.
    .undo = unmutes the folder

by-hand = What Helps
    .does = Something that only a person can do.

turn-off-watcher = Turn Off gopls' Own File Watcher
    .does = Sets fileWatcher to off in the editor's settings, which is gopls' default: the editor watches for it. It takes effect when gopls is restarted.
    .undo = puts the settings back as they were

poll-files = Let gopls Poll for Changed Files
    .does = Sets fileWatcher to poll in the editor's settings: gopls looks for changed files now and then, and keeps none of them open. It takes effect when gopls is restarted.
    .undo = puts the settings back as they were

exclude-folders = Exclude Large Folders from gopls
    .does = Adds folders that hold many files and no Go code to directoryFilters in the editor's settings. It takes effect when gopls is restarted.
    .undo = puts the settings back as they were

limit-memory = Limit the Memory of gopls
    .does = Sets memoryLimit in the editor's settings, a soft limit: near it gopls collects garbage more often, which costs CPU. It takes effect when gopls is restarted.
    .undo = puts the settings back as they were

share-server = Share One gopls
    .does = Adds -remote=auto to the flags with which the editor starts gopls: its windows, and other editors that are set the same way, then share one server. It takes effect when gopls is restarted.
    .undo = puts the settings back as they were

reinstall-native = Reinstall gopls for This Mac
    .does = Builds gopls anew with a go command for this Mac's own processor and puts it in the place of the one that runs. It needs the network, and takes effect when gopls is restarted.

raise-watch-limit = How to Raise the Limit
    .does = Shows the command that raises the limit of file watches, which takes root.

open-spotlight-settings = Open Spotlight Settings
    .does = Opens the settings in which folders are kept from Spotlight. Nothing is changed by that.

move-module-cache = Keep the Module Cache from Spotlight
    .does = Renames the module cache so that its name ends in .noindex, which Spotlight leaves alone, and tells go where it is (go env -w GOMODCACHE). A gopls that runs has to be restarted afterwards.
    .undo = renames it back and tells go so
