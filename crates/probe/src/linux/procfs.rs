//! Reads /proc, with one function per file. Paths are built on the stack and directory entries are
//! read into one reused buffer: a scan allocates nothing for processes that are not of interest.

use std::ffi::CStr;
use std::io::Write as _;
use std::mem::MaybeUninit;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::ControlFlow;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use goplswatch_core::Pid;
use goplswatch_core::message::{Message, Verbatim};
use rustix::fs::{Mode, OFlags, RawDir, SeekFrom, openat, readlinkat, seek};

use crate::platform::{RunState, StopCause};

/// Files such as argv and environment are cut at this length: enough to classify any process.
const MAX_FILE_BYTES: usize = 1 << 20;

pub(super) struct Procfs {
    dir: OwnedFd,
    entries: Vec<MaybeUninit<u8>>,
    uid: u32,
    ticks_per_second: u64,
    page: u64,
}

/// The fields of /proc/PID/stat that are used (proc_pid_stat(5)).
pub(super) struct Stat {
    pub(super) comm: Vec<u8>,
    pub(super) state: RunState,
    pub(super) parent: Pid,
    pub(super) execed: bool,
    pub(super) start: u64,
    pub(super) cpu_ticks: u64,
    pub(super) resident_bytes: u64,
    /// Field 20.
    pub(super) threads: Option<u32>,
    /// Field 52, the wait status of a zombie.
    pub(super) exit_code: Option<i32>,
    /// Whether the process belongs to our effective user.
    pub(super) own: bool,
}

/// A path below /proc, built without allocating.
struct Path {
    bytes: [u8; 64],
    len: usize,
}

impl Path {
    fn new(pid: Pid, name: &str) -> Self {
        let mut path = Self { bytes: [0; 64], len: 0 };
        let mut rest = &mut path.bytes[..63];
        let _ = write!(rest, "{pid}/{name}");
        path.len = 63 - rest.len();
        path
    }

    fn as_c(&self) -> &CStr {
        self.bytes.get(..=self.len).and_then(|b| CStr::from_bytes_with_nul(b).ok()).unwrap_or(c"0/stat")
    }
}

impl Procfs {
    pub(super) fn open() -> Result<Self, Message> {
        let dir = rustix::fs::open("/proc", OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
            .map_err(|error| Message::NoProc { error: Verbatim::of(error) })?;
        Ok(Self {
            dir,
            entries: vec![MaybeUninit::uninit(); 64 << 10],
            uid: rustix::process::geteuid().as_raw(),
            ticks_per_second: rustix::param::clock_ticks_per_second().max(1),
            page: rustix::param::page_size() as u64,
        })
    }

    /// Converts clock ticks to a length of time.
    pub(super) const fn ticks(&self, ticks: u64) -> Duration {
        Duration::from_nanos(ticks.saturating_mul(1_000_000_000 / self.ticks_per_second))
    }

    pub(super) fn pids(&mut self, out: &mut Vec<Pid>) -> Result<(), Message> {
        out.clear();
        let failed = |error| Message::TableUnread { why: Verbatim::of(error) };
        seek(&self.dir, SeekFrom::Start(0)).map_err(failed)?;
        let mut dir = RawDir::new(&self.dir, &mut self.entries);
        while let Some(entry) = dir.next() {
            let entry = entry.map_err(failed)?;
            if let Some(pid) = decimal(entry.file_name().to_bytes()) {
                out.push(Pid(pid));
            }
        }
        Ok(())
    }

    /// Reads the stat file of a process. `Ok(None)`: there is no such process. An error says
    /// nothing about it.
    pub(super) fn try_stat(&self, pid: Pid) -> rustix::io::Result<Option<Stat>> {
        let fd = openat(&self.dir, Path::new(pid, "stat").as_c(), OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty());
        match fd {
            Ok(fd) => Ok(self.read_stat(fd.as_fd())),
            Err(rustix::io::Errno::NOENT | rustix::io::Errno::SRCH) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Like [`Self::try_stat`], for callers that treat an error as no process.
    pub(super) fn stat(&self, pid: Pid) -> Option<Stat> {
        self.try_stat(pid).ok().flatten()
    }

    fn read_stat(&self, fd: std::os::fd::BorrowedFd<'_>) -> Option<Stat> {
        // The file belongs to the effective user of the process (to root, if the process is not
        // dumpable).
        let own = rustix::fs::fstat(fd).ok()?.st_uid == self.uid;
        let mut space = [0; 1024];
        let n = rustix::io::read(fd, &mut space).ok()?;
        let mut stat = parse_stat(space.get(..n)?)?;
        stat.own = own;
        stat.resident_bytes = stat.resident_bytes.saturating_mul(self.page);
        Some(stat)
    }

    /// Opens a file or folder of a process, for example `fd`.
    pub(super) fn at(&self, pid: Pid, name: &str, flags: OFlags) -> rustix::io::Result<OwnedFd> {
        openat(&self.dir, Path::new(pid, name).as_c(), flags | OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
    }

    /// The size that the kernel reports for a file or folder of a process.
    pub(super) fn size(&self, pid: Pid, name: &str) -> rustix::io::Result<u64> {
        let stat = rustix::fs::statat(&self.dir, Path::new(pid, name).as_c(), rustix::fs::AtFlags::empty())?;
        Ok(u64::try_from(stat.st_size).unwrap_or(0))
    }

    /// Calls `each` with the open folder and every entry whose name is a number, until `each`
    /// breaks.
    pub(super) fn numbers(
        &self,
        pid: Pid,
        name: &str,
        mut each: impl FnMut(std::os::fd::BorrowedFd<'_>, u32) -> ControlFlow<()>,
    ) -> rustix::io::Result<()> {
        let dir = self.at(pid, name, OFlags::DIRECTORY)?;
        let mut space = vec![MaybeUninit::uninit(); 32 << 10];
        let mut entries = RawDir::new(&dir, &mut space);
        while let Some(entry) = entries.next() {
            if let Some(number) = decimal(entry?.file_name().to_bytes())
                && each(dir.as_fd(), number).is_break()
            {
                break;
            }
        }
        Ok(())
    }

    /// The target of a link such as `exe`.
    pub(super) fn link(&self, pid: Pid, name: &str) -> Result<Vec<u8>, Message> {
        readlinkat(&self.dir, Path::new(pid, name).as_c(), Vec::new())
            .map(std::ffi::CString::into_bytes)
            .map_err(|error| Message::ProcFileUnread { file: Verbatim::of(name), error: Verbatim::of(error) })
    }

    /// A file such as `cmdline`, up to [`MAX_FILE_BYTES`].
    pub(super) fn file(&self, pid: Pid, name: &str) -> Result<Vec<u8>, Message> {
        let why = |error| Message::ProcFileUnread { file: Verbatim::of(name), error: Verbatim::of(error) };
        let fd = self.at(pid, name, OFlags::empty()).map_err(why)?;
        read_all(fd.as_fd()).map_err(why)
    }

    pub(super) fn read_text(&self, path: &str) -> Option<String> {
        let fd = rustix::fs::open(path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).ok()?;
        String::from_utf8(read_all(fd.as_fd()).ok()?).ok()
    }

    pub(super) fn exists(&self, path: &[u8]) -> bool {
        rustix::fs::stat(path).is_ok()
    }

    /// `rchar + wchar` of /proc/PID/io: bytes of every read and write call, disk or not
    /// (proc_pid_io(5)).
    pub(super) fn io_bytes(&self, pid: Pid) -> Option<u64> {
        let bytes = self.file(pid, "io").ok()?;
        let text = std::str::from_utf8(&bytes).ok()?;
        let field = |name: &str| text.lines().find_map(|l| l.strip_prefix(name)?.trim().parse::<u64>().ok());
        Some(field("rchar:")?.saturating_add(field("wchar:")?))
    }

    /// What keeps a process from running: a signal or a tracer.
    pub(super) fn stop_cause(&self, pid: Pid) -> Result<Option<StopCause>, Message> {
        parse_stop_cause(&String::from_utf8_lossy(&self.file(pid, "status")?)).ok_or_else(|| Message::ProcFileUnread {
            file: Verbatim::of("status"),
            error: Verbatim::of("State or TracerPid is missing"),
        })
    }

    /// `oom_kill` of /proc/vmstat: how many processes the out-of-memory killer has killed on this
    /// machine (Linux 4.13).
    pub(super) fn oom_kills(&self) -> Option<u64> {
        let text = self.read_text("/proc/vmstat")?;
        text.lines().find_map(|l| l.strip_prefix("oom_kill ")?.trim().parse().ok())
    }

    /// The architecture in the ELF header of the running executable.
    pub(super) fn elf_machine(&self, pid: Pid) -> Result<String, Message> {
        let why = |error| Message::ExecutableUnread { error: Verbatim::of(error) };
        machine_of(&self.at(pid, "exe", OFlags::empty()).map_err(why)?)
    }

    /// The same for a file on disk. A folder or a device is refused, and opening a pipe does not
    /// block.
    pub(super) fn elf_machine_of(&self, exe: &[u8]) -> Result<String, Message> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        let unread = |error| Message::ProgramUnread { error: Verbatim::of(error) };
        let fd = rustix::fs::open(exe, flags, Mode::empty()).map_err(unread)?;
        let stat = rustix::fs::fstat(&fd).map_err(unread)?;
        if !rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file() {
            return Err(Message::NotRunnable);
        }
        machine_of(&fd)
    }

    /// The peer of the first TCP connection of a process that is established or being established.
    pub(super) fn connection(&self, pid: Pid) -> Option<Message> {
        let mut inodes = Vec::new();
        self.numbers(pid, "fd", |dir, number| {
            let Ok(target) = readlinkat(dir, number.to_string(), Vec::new()) else { return ControlFlow::Continue(()) };
            let inode = target.to_bytes().strip_prefix(b"socket:[").and_then(|t| t.strip_suffix(b"]"));
            if let Some(inode) = inode.and_then(|t| std::str::from_utf8(t).ok()) {
                inodes.push(inode.to_owned());
            }
            if inodes.len() >= 64 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .ok()?;
        ["net/tcp", "net/tcp6"].iter().find_map(|table| {
            let bytes = self.file(pid, table).ok()?;
            tcp_wait(std::str::from_utf8(&bytes).ok()?, &inodes)
        })
    }
}

fn machine_of(fd: &OwnedFd) -> Result<String, Message> {
    let mut head = [0; 20];
    rustix::io::read(fd, &mut head).map_err(|error| Message::ExecutableUnread { error: Verbatim::of(error) })?;
    elf_machine(&head).ok_or(Message::NotElf)
}

fn read_all(fd: std::os::fd::BorrowedFd<'_>) -> rustix::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut space = [0; 8192];
    loop {
        match rustix::io::read(fd, &mut space)? {
            0 => return Ok(bytes),
            n => bytes.extend_from_slice(space.get(..n).unwrap_or_default()),
        }
        if bytes.len() >= MAX_FILE_BYTES {
            return Ok(bytes);
        }
    }
}

fn decimal(name: &[u8]) -> Option<u32> {
    if name.is_empty() || name.len() > 9 {
        return None;
    }
    name.iter().try_fold(0u32, |n, b| b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0')))
}

/// Parses the line of /proc/PID/stat. The name is in parentheses and may itself hold spaces and
/// parentheses.
fn parse_stat(bytes: &[u8]) -> Option<Stat> {
    let open = bytes.iter().position(|b| *b == b'(')?;
    let close = bytes.iter().rposition(|b| *b == b')')?;
    let comm = bytes.get(open + 1..close)?.to_vec();
    let rest = std::str::from_utf8(bytes.get(close + 1..)?).ok()?;
    let mut fields = rest.split_ascii_whitespace();
    // The first field here is field 3 of the manual page.
    let state = match fields.next()? {
        "Z" | "X" | "x" => RunState::Zombie,
        "T" | "t" => RunState::Stopped,
        _ => RunState::Alive,
    };
    let parent = Pid(fields.next()?.parse().ok()?); // 4
    let flags: u64 = fields.nth(4)?.parse().ok()?; // 9
    let utime: u64 = fields.nth(4)?.parse().ok()?; // 14
    let stime: u64 = fields.next()?.parse().ok()?; // 15
    let threads = fields.nth(4)?.parse().ok(); // 20
    let start: u64 = fields.nth(1)?.parse().ok()?; // 22
    let rss: i64 = fields.nth(1)?.parse().ok()?; // 24
    let exit_code = fields.nth(27).and_then(|f| f.parse().ok()); // 52
    /// `PF_FORKNOEXEC` of include/linux/sched.h: forked, but did not exec.
    const FORK_NO_EXEC: u64 = 0x40;
    Some(Stat {
        comm,
        state,
        parent,
        execed: flags & FORK_NO_EXEC == 0,
        start,
        cpu_ticks: utime.saturating_add(stime),
        resident_bytes: u64::try_from(rss).unwrap_or(0),
        threads,
        exit_code,
        own: false,
    })
}

/// Interprets the lines `State` and `TracerPid` of /proc/PID/status (proc_pid_status(5)); `None`:
/// one is missing. A process that is traced but runs is not halted.
fn parse_stop_cause(status: &str) -> Option<Option<StopCause>> {
    let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)?.trim().split(' ').next());
    let (state, tracer) = (field("State:")?, field("TracerPid:")?);
    Some(match state {
        "t" => Some(StopCause::Tracer),
        "T" if tracer != "0" => Some(StopCause::Tracer),
        "T" => Some(StopCause::Signal),
        _ => None,
    })
}

/// The name of `e_machine` of an ELF header (elf(5)).
fn elf_machine(head: &[u8; 20]) -> Option<String> {
    if !head.starts_with(b"\x7fELF") {
        return None;
    }
    let little = head[5] == 1;
    let raw = [head[18], head[19]];
    let machine = if little { u16::from_le_bytes(raw) } else { u16::from_be_bytes(raw) };
    Some(match machine {
        62 => "x86_64".into(),
        183 => "arm64".into(),
        3 => "i386".into(),
        40 => "arm".into(),
        243 => "riscv".into(),
        other => format!("ELF machine {other}"),
    })
}

/// Finds one of the sockets in a table of /proc/PID/net (proc_pid_net(5)): state 01 established, 02
/// connecting.
fn tcp_wait(table: &str, inodes: &[String]) -> Option<Message> {
    table.lines().skip(1).find_map(|line| {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let (remote, state, inode) = (fields.get(2)?, fields.get(3)?, fields.get(9)?);
        if !inodes.iter().any(|i| i == inode) {
            return None;
        }
        let peer = Verbatim::of(peer(remote)?);
        match *state {
            "01" => Some(Message::AnswerFrom { peer }),
            "02" => Some(Message::ConnectionTo { peer }),
            _ => None,
        }
    })
}

/// "0100007F:1F90" is 127.0.0.1:8080: each 32-bit word in the machine's byte order, the port in
/// hex.
fn peer(text: &str) -> Option<SocketAddr> {
    let (host, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let word = |i: usize| u32::from_str_radix(host.get(i * 8..i * 8 + 8)?, 16).ok().map(u32::to_ne_bytes);
    match host.len() {
        8 => Some(SocketAddr::from((Ipv4Addr::from(word(0)?), port))),
        32 => {
            let mut bytes = [0; 16];
            for (i, chunk) in bytes.as_chunks_mut::<4>().0.iter_mut().enumerate() {
                *chunk = word(i)?;
            }
            let v6 = Ipv6Addr::from(bytes);
            Some(v6.to_ipv4_mapped().map_or_else(|| SocketAddr::from((v6, port)), |v4| SocketAddr::from((v4, port))))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &[u8] = b"4242 (a) b (c) Z 17 4242 4242 0 -1 4194368 100 0 0 0 7 5 0 0 20 0 1 0 987654 0 321 18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 512\n";

    #[test]
    fn a_stat_line_is_read_by_its_last_parenthesis() {
        let stat = parse_stat(LINE).unwrap();
        assert_eq!(stat.comm, b"a) b (c");
        assert_eq!((stat.parent, stat.start, stat.cpu_ticks, stat.resident_bytes), (Pid(17), 987_654, 12, 321));
        assert_eq!((stat.state, stat.execed, stat.exit_code), (RunState::Zombie, false, Some(512)));
        assert_eq!(stat.threads, Some(1));
    }

    #[test]
    fn a_process_is_held_by_whoever_traces_it_before_it_is_by_a_signal() {
        let status = |state: &str, tracer: &str| {
            parse_stop_cause(&format!("Name:\tState: Z\nState:\t{state}\nTgid:\t7\nTracerPid:\t{tracer}\nUid:\t0\n"))
        };
        assert_eq!(status("T (stopped)", "0"), Some(Some(StopCause::Signal)));
        assert_eq!(status("T (stopped)", "12"), Some(Some(StopCause::Tracer)));
        assert_eq!(status("t (tracing stop)", "12"), Some(Some(StopCause::Tracer)));
        assert_eq!(status("S (sleeping)", "12"), Some(None), "it is traced, and runs");
        assert_eq!([parse_stop_cause("State:\tT (stopped)\n"), parse_stop_cause("")], [None; 2]);
    }

    #[test]
    fn any_cut_of_a_stat_line_is_refused_or_read_but_never_a_panic() {
        for cut in 0..LINE.len() {
            let _ = parse_stat(&LINE[..cut]);
        }
        assert!(parse_stat(b"").is_none() && parse_stat(b")(").is_none() && parse_stat(b"1 (x) S").is_none());
    }

    #[test]
    fn peers_and_machines() {
        assert_eq!(peer("0100007F:1F90").unwrap().to_string(), "127.0.0.1:8080");
        assert_eq!(peer("0000000000000000FFFF00000100007F:0050").unwrap().to_string(), "127.0.0.1:80");
        assert!(peer("zz").is_none() && peer("é0000000:1").is_none());
        let table = "  sl  local rem st\n   0: 0100007F:A000 0100007F:1F90 02 0:0 0:0 0 0 0 777 1\n";
        assert_eq!(
            tcp_wait(table, &["777".into()]),
            Some(Message::ConnectionTo { peer: Verbatim::of("127.0.0.1:8080") })
        );
        assert_eq!(tcp_wait(table, &["7".into()]), None);
        let mut head = [0; 20];
        head[..6].copy_from_slice(b"\x7fELF\x02\x01");
        head[18] = 183;
        assert_eq!(elf_machine(&head).as_deref(), Some("arm64"));
        assert_eq!(elf_machine(&[0; 20]), None);
    }

    #[test]
    fn only_pids_are_pids() {
        assert_eq!(
            [&b"1"[..], b"4194304", b"self", b"", b"12a", b"99999999999"].map(decimal),
            [Some(1), Some(4_194_304), None, None, None, None]
        );
    }
}
