//! Control groups of both versions: the memory limit that applies to this process, whether the
//! out-of-memory killer acted in a group, and whether a group is frozen.
//!
//! Theory of operation. /proc/PID/cgroup names the group of a process in each hierarchy, and our
//! mountinfo says where the hierarchies are mounted. Memory is counted by the v1 memory hierarchy
//! where it exists, else by v2, there in the nearest group upwards that has the controller.
//! `oom_kill` counts the processes killed in exactly that group (mm/oom_kill.c,
//! `__oom_kill_process`), whether the group or the whole machine was out of memory. The group must
//! be remembered while a process lives: v1 reports the root as the group of a zombie (cgroups(7),
//! kernel/cgroup/cgroup.c, `proc_cgroup_show`).

use std::collections::HashMap;
use std::time::Duration;

use goplswatch_core::Pid;
use goplswatch_core::message::Message;
use goplswatch_core::time::Uptime;

use super::blocked::unescaped;
use super::procfs::Procfs;

/// How old the last reading may be for a change since then to explain an end.
const FRESH: Duration = Duration::from_secs(10);
/// The killer may end several processes of a group in one run. A run explains all ends within this
/// time.
const ONE_HUNT: Duration = Duration::from_secs(2);
/// The most levels of nested groups that are examined.
const MOST_LEVELS: usize = 64;

/// Where the hierarchies are mounted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Mounts {
    /// The v1 memory hierarchy.
    memory: Option<Mount>,
    /// The v1 freezer hierarchy.
    freezer: Option<Mount>,
    /// The v2 hierarchy.
    unified: Option<Mount>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Mount {
    /// The folder of the mount.
    point: String,
    /// The group that is mounted there: inside a container, not the root.
    root: String,
}

/// A group of one hierarchy.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Group {
    folder: String,
    /// The folder of the topmost visible group.
    top: String,
    unified: bool,
}

impl Mounts {
    pub(super) fn read(proc: &Procfs) -> Self {
        proc.read_text("/proc/self/mountinfo").map_or_else(Self::default, |text| Self::parse(&text))
    }

    /// The format is that of proc_pid_mountinfo(5).
    fn parse(mounts: &str) -> Self {
        let mut found = Self::default();
        for line in mounts.lines() {
            let mut fields = line.split(' ');
            let (Some(root), Some(point)) = (fields.nth(3), fields.next()) else { continue };
            let mut behind = fields.skip_while(|field| *field != "-").skip(1);
            let (kind, options) = (behind.next(), behind.nth(1).unwrap_or_default());
            let plain = |field: &str| String::from_utf8(unescaped(field.as_bytes())).ok();
            let (Some(root), Some(point)) = (plain(root), plain(point)) else { continue };
            let has = |controller: &str| options.split(',').any(|option| option == controller);
            match kind {
                Some("cgroup2") => found.unified = Some(Mount { point, root }),
                Some("cgroup") => {
                    // Several controllers may share one hierarchy.
                    let mount = Mount { point, root };
                    if has("freezer") {
                        found.freezer = Some(mount.clone());
                    }
                    if has("memory") {
                        found.memory = Some(mount);
                    }
                }
                _ => {}
            }
        }
        found
    }

    /// The memory group of a process, from the text of its `cgroup` file.
    fn group(&self, names: &str) -> Option<Group> {
        match &self.memory {
            Some(mount) => mount.group(path_of(names, |controllers| has(controllers, "memory"))?, false),
            None => self.unified.as_ref()?.group(path_of(names, str::is_empty)?, true),
        }
    }

    /// Whether a process is frozen in either version, by its own group or by one above it.
    pub(super) fn is_frozen(&self, proc: &Procfs, pid: Pid) -> Result<bool, Message> {
        let names = proc.file(pid, "cgroup")?;
        let names = String::from_utf8_lossy(&names);
        for group in self.freezers(&names).ok_or(Message::GroupOutOfSight)? {
            if group.is_frozen(proc) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The groups by which a process can be frozen; `None`: one of them is not visible from here.
    /// The root group of a hierarchy cannot be frozen, so it does not matter whether it is visible.
    fn freezers(&self, names: &str) -> Option<Vec<Group>> {
        let first = path_of(names, |controllers| has(controllers, "freezer")).map(|path| (&self.freezer, path, false));
        let second = path_of(names, str::is_empty).map(|path| (&self.unified, path, true));
        let below = first.into_iter().chain(second).filter(|(_, path, _)| *path != "/");
        below.map(|(mount, path, unified)| mount.as_ref()?.group(path, unified)).collect()
    }

    pub(super) fn of(&self, proc: &Procfs, pid: Pid) -> Option<Group> {
        self.group(std::str::from_utf8(&proc.file(pid, "cgroup").ok()?).ok()?)
    }
}

impl Mount {
    /// The group at `path` of the hierarchy, if it is below this mount.
    fn group(&self, path: &str, unified: bool) -> Option<Group> {
        let below = if self.root == "/" {
            path
        } else {
            path.strip_prefix(&self.root).filter(|rest| rest.is_empty() || rest.starts_with('/'))?
        };
        // A group outside our cgroup namespace is named relative to our root with `..`; it is not
        // visible.
        if below.split('/').any(|part| part == "..") {
            return None;
        }
        let folder = format!("{}{}", self.point, below.trim_end_matches('/'));
        Some(Group { folder, top: self.point.clone(), unified })
    }
}

/// Whether a list of controllers from the `cgroup` file contains one.
fn has(controllers: &str, wanted: &str) -> bool {
    controllers.split(',').any(|controller| controller == wanted)
}

/// The path in the first line whose controllers match: `4:memory:/a/b`, `0::/a/b` (cgroups(7)).
fn path_of(names: &str, wanted: impl Fn(&str) -> bool) -> Option<&str> {
    names.lines().find_map(|line| {
        let (_, rest) = line.split_once(':')?;
        let (controllers, path) = rest.split_once(':')?;
        (path.starts_with('/') && wanted(controllers)).then_some(path)
    })
}

impl Group {
    /// This group and the visible groups above it.
    fn upwards(&self) -> impl Iterator<Item = &str> {
        std::iter::successors(Some(self.folder.as_str()), |folder| {
            let (above, _) = folder.rsplit_once('/')?;
            (folder.len() > self.top.len()).then_some(above)
        })
        .take(MOST_LEVELS)
    }

    /// How many processes of this group the out-of-memory killer has killed.
    pub(super) fn oom_kills(&self, proc: &Procfs) -> Option<u64> {
        let read = |path: String| number(&proc.read_text(&path)?, "oom_kill");
        if !self.unified {
            return read(format!("{}/memory.oom_control", self.folder));
        }
        // The local file (Linux 5.2) does not count the groups below.
        self.upwards().find_map(|folder| {
            read(format!("{folder}/memory.events.local")).or_else(|| read(format!("{folder}/memory.events")))
        })
    }

    /// Whether its processes are frozen or being frozen. v2 says in each group whether it is
    /// frozen, also by a group above it (`frozen` in cgroup.events), and in each group whether it
    /// is to be frozen (cgroup.freeze). v1 says both at once (freezer.state;
    /// Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst). A group without these files is
    /// the root, which cannot be frozen.
    fn is_frozen(&self, proc: &Procfs) -> bool {
        if !self.unified {
            let state = proc.read_text(&format!("{}/freezer.state", self.folder));
            return state.is_some_and(|state| state.trim() != "THAWED");
        }
        let events = proc.read_text(&format!("{}/cgroup.events", self.folder));
        events.is_some_and(|events| number(&events, "frozen") == Some(1))
            || self.upwards().any(|folder| {
                proc.read_text(&format!("{folder}/cgroup.freeze")).is_some_and(|freeze| freeze.trim() == "1")
            })
    }

    /// The smallest memory limit that applies to this group, and how much of it can still be used,
    /// in bytes.
    pub(super) fn memory(&self, proc: &Procfs) -> Option<(u64, u64)> {
        let one = |folder: &str, file: &str| proc.read_text(&format!("{folder}/{file}"))?.trim().parse::<u64>().ok();
        let cache = |folder: &str, name: &str| {
            proc.read_text(&format!("{folder}/memory.stat")).and_then(|text| number(&text, name)).unwrap_or(0)
        };
        let left = |limit: u64, used: u64, cache: u64| (limit, limit.saturating_sub(used.saturating_sub(cache)));
        let limits = self.upwards().filter_map(|folder| {
            if self.unified {
                // "max" is not a number and means no limit.
                let limit = one(folder, "memory.max")?;
                Some(left(limit, one(folder, "memory.current")?, cache(folder, "inactive_file")))
            } else {
                let limit = one(folder, "memory.limit_in_bytes")?;
                Some(left(limit, one(folder, "memory.usage_in_bytes")?, cache(folder, "total_inactive_file")))
            }
        });
        limits.reduce(|one, other| (one.0.min(other.0), one.1.min(other.1)))
    }
}

/// The number of a line such as `oom_kill 3`.
fn number(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok())
}

/// Last readings of the killer's activity in the groups of watched processes.
#[derive(Default)]
pub(super) struct OomKills {
    groups: HashMap<Group, KillCount>,
}

#[derive(Clone, Copy)]
struct KillCount {
    kills: u64,
    read: Uptime,
    moved: Option<Uptime>,
}

impl OomKills {
    /// Forgets the groups that are no longer wanted. The readings of the others stay.
    pub(super) fn keep(&mut self, wanted: impl Fn(&Group) -> bool) {
        self.groups.retain(|group, _| wanted(group));
    }

    /// Records the kill count of a group. Returns whether it shows that the killer acted in the
    /// group just now.
    pub(super) fn note(&mut self, group: &Group, kills: Option<u64>, now: Uptime) -> bool {
        let Some(kills) = kills else { return false };
        let before = self.groups.get(group).copied();
        let rose = before.is_some_and(|old| kills > old.kills && now.since(old.read) <= FRESH);
        let moved = if rose { Some(now) } else { before.and_then(|old| old.moved) };
        self.groups.insert(group.clone(), KillCount { kills, read: now, moved });
        moved.is_some_and(|at| now.since(at) <= ONE_HUNT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: &str = "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n\
        35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n\
        38 31 0:35 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";
    const NEW: &str = "31 23 0:28 /user.slice /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";

    #[test]
    fn the_group_that_counts_memory_is_found() {
        let both = Mounts::parse(BOTH);
        let names = "9:name=systemd:/init.scope\n4:cpu,memory:/a/b\n0::/init.scope\n";
        let group = both.group(names).unwrap();
        assert_eq!((group.folder.as_str(), group.unified), ("/sys/fs/cgroup/memory/a/b", false));
        let groups: Vec<&str> = group.upwards().collect();
        assert_eq!(groups, ["/sys/fs/cgroup/memory/a/b", "/sys/fs/cgroup/memory/a", "/sys/fs/cgroup/memory"]);
        let new = Mounts::parse(NEW);
        let group = new.group("0::/user.slice/s:1.scope\n").unwrap();
        assert_eq!((group.folder.as_str(), group.unified), ("/sys/fs/cgroup/s:1.scope", true));
        assert_eq!(new.group("0::/user.slice\n").unwrap().folder, "/sys/fs/cgroup");
        for outside in ["0::/user.slicex", "0::/../x", "0::/user.slice/../..", "0:/x", "", "0::", "4:memory:/a"] {
            assert_eq!(new.group(outside), None, "{outside:?}");
        }
    }

    #[test]
    fn the_groups_that_can_freeze_are_found() {
        let folders = |mounts: &str, names: &str| -> Option<Vec<String>> {
            let groups = Mounts::parse(mounts).freezers(names)?;
            Some(groups.into_iter().map(|group| group.folder).collect())
        };
        let first = format!("{BOTH}36 31 0:36 / /sys/fs/cgroup/both rw - cgroup cgroup rw,cpu,freezer\n");
        let names = "6:cpu,freezer:/a\n4:memory:/b\n0::/c\n";
        assert_eq!(folders(&first, names).unwrap(), ["/sys/fs/cgroup/both/a", "/sys/fs/cgroup/unified/c"]);
        assert_eq!(folders(BOTH, names), None, "the freezer's hierarchy is not mounted");
        assert_eq!(folders(BOTH, "6:cpu,freezer:/\n0::/c\n").unwrap(), ["/sys/fs/cgroup/unified/c"]);
        assert_eq!(folders(NEW, "0::/user.slice/a\n").unwrap(), ["/sys/fs/cgroup/a"]);
        assert_eq!(folders(NEW, "0::/../a\n"), None);
        assert_eq!(folders("", "0::/\n").unwrap(), [""; 0]);
    }

    #[test]
    fn cut_tables_are_no_panic_and_no_group_of_nowhere() {
        for text in [BOTH, NEW] {
            for cut in 0..text.len() {
                let _ = Mounts::parse(&text[..cut]).group("4:memory:/a\n0::/user.slice/b\n");
            }
        }
        assert_eq!(number("oom_kill_disable 0\nunder_oom 0\noom_kill 3\n", "oom_kill"), Some(3));
        assert_eq!([number("oom_kill", "oom_kill"), number("oom_kill x", "oom_kill"), number("", "x")], [None; 3]);
    }

    #[test]
    fn a_count_that_moved_just_now_explains_all_ends_of_one_hunt_and_no_later_one() {
        let at = |seconds: u64| Uptime::BOOT + Duration::from_secs(seconds);
        let group = Mounts::parse(NEW).group("0::/user.slice/a").unwrap();
        let mut hunts = OomKills::default();
        assert!(!hunts.note(&group, Some(4), at(1)), "the first reading shows nothing");
        assert!(!hunts.note(&group, Some(4), at(5)));
        assert!(hunts.note(&group, Some(6), at(6)));
        assert!(hunts.note(&group, Some(6), at(6) + Duration::from_millis(100)), "its neighbour, a moment later");
        assert!(!hunts.note(&group, Some(6), at(9)));
        assert!(!hunts.note(&group, Some(7), at(30)), "nobody knows when");
        assert!(!hunts.note(&group, None, at(31)));
        hunts.keep(|_| false);
        assert!(!hunts.note(&group, Some(9), at(32)));
    }
}
