//! The private apt: its configuration, the packages it offers, and their download.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use super::super::shell::{output, run, say};

/// The keys that sign Debian's archive, from the package debian-archive-keyring.
pub(super) const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

const SUITES: &str = "bookworm trixie sid";

/// A package as it was when the tests were written.
pub(super) struct Pin {
    pub(super) package: &'static str,
    /// The suite from which a newer version is taken when the pinned one is no longer offered.
    pub(super) suite: &'static str,
    pub(super) version: &'static str,
    pub(super) sha256: &'static str,
}

impl Pin {
    pub(super) fn recipe(&self) -> String {
        format!("{}={} or newest of {}", self.package, self.version, self.suite)
    }
}

/// A package as it is offered today.
pub(super) struct Chosen {
    pub(super) package: &'static str,
    pub(super) suite: &'static str,
    pub(super) version: String,
    /// The pinned version, if this is another one.
    pub(super) pinned: Option<&'static str>,
}

impl Chosen {
    /// In the syntax of apt-get.
    pub(super) fn spec(&self) -> String {
        format!("{}={}", self.package, self.version)
    }

    /// `2:0.24.0+ds-1` is upstream's 0.24.0.
    pub(super) fn upstream(&self) -> &str {
        let version = self.version.split_once(':').map_or(self.version.as_str(), |(_, rest)| rest);
        version.split(['+', '-', '~']).next().unwrap_or(version)
    }
}

pub(super) struct Apt {
    dir: PathBuf,
    /// The lists are downloaded at the first request, so that a run that needs no package needs no
    /// network.
    ready: bool,
}

impl Apt {
    pub(super) fn new(dir: &Path) -> Result<Apt> {
        if dir.to_string_lossy().contains(['"', ' ']) {
            bail!("apt takes no spaces or quotes in the path of the target folder: {}", dir.display());
        }
        Ok(Apt { dir: dir.to_owned(), ready: false })
    }

    /// A command of the apt family that uses only the private configuration. The machine's
    /// apt.conf.d remains in effect for proxies, certificates and dates, but is overridden for
    /// caches and indexes.
    fn command(&self, program: &str) -> Command {
        let dir = self.dir.display();
        let mut command = Command::new(program);
        for option in [
            format!("Dir::State={dir}/state"),
            format!("Dir::State::status={dir}/status"),
            format!("Dir::Cache={dir}/cache"),
            format!("Dir::Cache::pkgcache={dir}/cache/pkgcache.bin"),
            format!("Dir::Cache::srcpkgcache={dir}/cache/srcpkgcache.bin"),
            format!("Dir::Etc::sourcelist={dir}/debian.sources"),
            "Dir::Etc::sourceparts=/dev/null".to_owned(),
            "Dir::Etc::preferences=/dev/null".to_owned(),
            "Dir::Etc::preferencesparts=/dev/null".to_owned(),
            "Acquire::Languages=none".to_owned(),
            "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false".to_owned(),
            "Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false".to_owned(),
            // The release file of sid may have expired on a mirror that is behind.
            "Acquire::Check-Valid-Until=false".to_owned(),
            "Acquire::Retries=3".to_owned(),
            "APT::Sandbox::User=".to_owned(),
            "Debug::NoLocking=true".to_owned(),
        ] {
            command.arg("-o").arg(option);
        }
        command.env("LC_ALL", "C");
        command
    }

    fn make_ready(&mut self) -> Result<()> {
        if self.ready {
            return Ok(());
        }
        let mirror = mirror(Path::new("/etc/apt"))?;
        say(format_args!("apt: reading the lists of {SUITES} into {}", self.dir.display()));
        for folder in ["state/lists/partial", "cache/archives/partial"] {
            fs::create_dir_all(self.dir.join(folder))?;
        }
        fs::write(self.dir.join("status"), "")?;
        fs::write(
            self.dir.join("debian.sources"),
            format!("Types: deb\nURIs: {mirror}\nSuites: {SUITES}\nComponents: main\nSigned-By: {KEYRING}\n"),
        )?;
        run(self.command("apt-get").arg("update"))?;
        self.ready = true;
        Ok(())
    }

    /// The pinned version if it is still offered, else the newest of its suite. A pinned version
    /// with another hash is refused.
    pub(super) fn choose(&mut self, pin: &Pin, pinned_arch: &str) -> Result<Chosen> {
        self.make_ready()?;
        let offers = output(self.command("apt-cache").args(["madison", pin.package]))?;
        let offers: Vec<(&str, &str)> = offers
            .lines()
            .filter_map(|line| {
                let mut columns = line.split('|').map(str::trim).skip(1);
                let version = columns.next()?;
                let suite = columns.next()?.split_whitespace().nth(1)?;
                Some((version, suite.split('/').next()?))
            })
            .collect();
        let (package, suite) = (pin.package, pin.suite);
        if offers.iter().any(|(version, _)| *version == pin.version) {
            self.check_hash(pin, pinned_arch)?;
            return Ok(Chosen { package, suite, version: pin.version.to_owned(), pinned: None });
        }
        let newest = offers.iter().find(|(_, from)| *from == suite);
        let (version, _) = newest.with_context(|| format!("{suite} offers no {package}: {offers:?}"))?;
        Ok(Chosen { package, suite, version: (*version).to_owned(), pinned: Some(pin.version) })
    }

    /// apt verifies a download against the signed index; this compares the index with the pinned
    /// hash.
    fn check_hash(&self, pin: &Pin, pinned_arch: &str) -> Result<()> {
        let arch = output(Command::new("dpkg").arg("--print-architecture"))?;
        let shown = output(self.command("apt-cache").arg("show").arg(format!("{}={}", pin.package, pin.version)))?;
        let everywhere = shown.lines().any(|line| line == "Architecture: all");
        if arch.trim() != pinned_arch && !everywhere {
            return Ok(());
        }
        let offered = shown.lines().find_map(|line| line.strip_prefix("SHA256: ")).unwrap_or("none");
        if offered != pin.sha256 {
            bail!("{} {} is offered with SHA-256 {offered}, pinned is {}", pin.package, pin.version, pin.sha256);
        }
        Ok(())
    }

    /// Names and versions of all packages needed on an empty machine, including the given ones.
    pub(super) fn needed(&mut self, chosen: &[&Chosen]) -> Result<Vec<(String, String)>> {
        self.make_ready()?;
        let suite = chosen.first().context("nothing was asked for")?.suite;
        let plan = output(
            self.command("apt-get")
                .args(["install", "--simulate", "--no-install-recommends", "--target-release", suite])
                .args(chosen.iter().map(|one| one.spec())),
        )?;
        // Example: Inst libuv1t64 (1.53.0-1 Debian:unstable [amd64])
        let needed = plan.lines().filter_map(|line| {
            let (name, rest) = line.strip_prefix("Inst ")?.split_once(" (")?;
            Some((name.to_owned(), rest.split_whitespace().next()?.to_owned()))
        });
        Ok(needed.collect())
    }

    /// Downloads packages (`name=version`) and unpacks them into one folder; no maintainer scripts
    /// run.
    pub(super) fn unpack(&mut self, specs: &[String], into: &Path) -> Result<()> {
        self.make_ready()?;
        let debs = into.join("debs");
        fs::create_dir_all(&debs)?;
        run(self.command("apt-get").arg("download").args(specs).current_dir(&debs))?;
        for deb in fs::read_dir(&debs)? {
            run(Command::new("dpkg-deb").arg("--extract").arg(deb?.path()).arg(into))?;
        }
        fs::remove_dir_all(&debs)?;
        Ok(())
    }

    /// Lists and caches take a quarter of a gigabyte and are out of date tomorrow.
    pub(super) fn tidy_up(&self) -> Result<()> {
        if self.dir.exists() {
            fs::remove_dir_all(&self.dir)?;
        }
        Ok(())
    }
}

/// The Debian mirror in the machine's own sources, in either of apt's formats.
fn mirror(etc: &Path) -> Result<String> {
    let mut files = vec![etc.join("sources.list")];
    let parts = fs::read_dir(etc.join("sources.list.d")).into_iter().flatten().flatten();
    let mut more: Vec<PathBuf> = parts.map(|entry| entry.path()).collect();
    more.sort();
    files.extend(more);
    for file in files {
        let Ok(text) = fs::read_to_string(&file) else { continue };
        let found = match file.extension().and_then(|extension| extension.to_str()) {
            Some("list") => one_line_mirror(&text),
            Some("sources") => deb822_mirror(&text),
            _ => None,
        };
        if let Some(mirror) = found {
            return Ok(mirror);
        }
    }
    bail!("no Debian mirror among the sources in {}: on Linux the test dependencies are Debian's", etc.display())
}

/// Whether a source is Debian's main archive, as opposed to its security archive or a third
/// party's.
fn is_archive(suites: &[&str], components: &[&str]) -> bool {
    let known = ["bookworm", "trixie", "forky", "sid", "oldstable", "stable", "testing", "unstable"];
    suites.iter().any(|suite| known.contains(suite)) && components.contains(&"main")
}

/// `deb [signed-by=…] URI SUITE COMPONENT…`
fn one_line_mirror(text: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let rest = line.trim().strip_prefix("deb")?.strip_prefix([' ', '\t'])?.trim_start();
        let rest = match rest.strip_prefix('[') {
            Some(options) => options.split_once(']')?.1,
            None => rest,
        };
        let mut words = rest.split('#').next()?.split_whitespace();
        let (uri, suite) = (words.next()?, words.next()?);
        is_archive(&[suite], &words.collect::<Vec<_>>()).then(|| uri.to_owned())
    })
}

/// Stanzas of `Types:`, `URIs:`, `Suites:`, `Components:`; a line may continue on the next.
fn deb822_mirror(text: &str) -> Option<String> {
    let kept: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    kept.split(|line| line.trim().is_empty()).find_map(|stanza| {
        let field = |name: &str| -> Vec<&str> {
            let mut values = Vec::new();
            let mut inside = false;
            for line in stanza {
                let value = if line.starts_with([' ', '\t']) {
                    inside.then_some(*line)
                } else {
                    let (key, value) = line.split_once(':').unwrap_or((line, ""));
                    inside = key.eq_ignore_ascii_case(name);
                    inside.then_some(value)
                };
                values.extend(value.into_iter().flat_map(str::split_whitespace));
            }
            values
        };
        let off = field("Enabled").first().is_some_and(|word| word.eq_ignore_ascii_case("no"));
        let fits = field("Types").contains(&"deb") && is_archive(&field("Suites"), &field("Components"));
        (fits && !off).then(|| field("URIs").first().map(|uri| (*uri).to_owned())).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::{deb822_mirror, one_line_mirror};

    #[test]
    fn the_mirror_is_read_from_both_formats() {
        let one_line = "# comment\n\
            deb [arch=amd64] https://third.invalid/apt cloud-bookworm main\n\
            deb-src http://mirror.invalid/debian bookworm main\n\
            deb http://mirror.invalid/debian-security bookworm-security main\n\
            deb [ signed-by=/k.gpg ] http://mirror.invalid/debian bookworm main contrib # ours\n";
        assert_eq!(one_line_mirror(one_line).as_deref(), Some("http://mirror.invalid/debian"));
        assert_eq!(one_line_mirror("deb https://third.invalid/apt any main\n"), None);

        let stanzas = "Types: deb\nURIs: http://off.invalid/debian\nSuites: sid\nComponents: main\nEnabled: no\n\n\
            Types: deb\nURIs: http://mirror.invalid/debian-security\nSuites: bookworm-security\nComponents: main\n\n\
            Types: deb\n# snapshot\nURIs:\n http://mirror.invalid/debian\nSuites: bookworm\n bookworm-updates\nComponents: main\n";
        assert_eq!(deb822_mirror(stanzas).as_deref(), Some("http://mirror.invalid/debian"));
        assert_eq!(
            deb822_mirror("Types: deb\nURIs: https://third.invalid\nSuites: nodistro\nComponents: main\n"),
            None
        );
    }
}
