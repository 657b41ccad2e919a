//! Tests of the config watch with real folders, links and ways to save a file.

use std::fs;
use std::os::unix::fs::symlink;
use std::time::Duration;

use super::super::{Outcome, read};
use super::*;
use goplswatch_testing::DEADLINE;
use goplswatch_view::{Catalogue, Form};

struct Scene {
    _folder: tempfile::TempDir,
    home: PathBuf,
    path: PathBuf,
    watch: Watch,
}

impl Scene {
    /// A home folder prepared by `set`, with a watch of `config/goplswatch/config.toml`.
    fn new(foreign: bool, set: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().canonicalize().unwrap();
        set(&home);
        let path = home.join("config/goplswatch/config.toml");
        let watch = Watch { foreign, ..Watch::new(&path) };
        Self { _folder: folder, home, path, watch }
    }

    /// The same after the first setup of the watches.
    async fn armed(foreign: bool, set: impl FnOnce(&Path)) -> Self {
        let mut scene = Self::new(foreign, set);
        scene.watch.changed().await.unwrap();
        scene
    }

    fn says(&self) -> Option<u32> {
        match read(&self.path) {
            Outcome::Good { settings, .. } => Some(settings.detect.loop_ends),
            _ => None,
        }
    }

    /// Waits until the file has this `loop-ends`. Only the watch wakes it.
    async fn until(&mut self, ends: Option<u32>) {
        let waited = tokio::time::timeout(DEADLINE, async {
            loop {
                self.watch.changed().await.unwrap();
                if self.says() == ends {
                    return;
                }
            }
        });
        assert!(waited.await.is_ok(), "{ends:?} was not noticed; the file says {:?}", self.says());
    }

    async fn quiet(&mut self) {
        let waited = tokio::time::timeout(SETTLE * 3, self.watch.changed()).await;
        assert!(waited.is_err(), "told of a change where there is none");
    }
}

fn ends(n: u32) -> String {
    format!("detect.loop-ends = {n}\n")
}

fn plain(home: &Path) {
    fs::create_dir_all(home.join("config/goplswatch")).unwrap();
    fs::write(home.join("config/goplswatch/config.toml"), ends(3)).unwrap();
}

fn replace(path: &Path, text: &str) {
    let new = path.with_extension("new");
    fs::write(&new, text).unwrap();
    fs::rename(new, path).unwrap();
}

/// With folders other than our own, where this platform allows that, and without.
fn modes() -> Vec<bool> {
    let mut modes = vec![Watch::new("/").foreign, false];
    modes.dedup();
    modes
}

#[tokio::test]
async fn every_way_to_save_is_noticed_again_and_again() {
    for mode in modes() {
        let mut scene = Scene::armed(mode, plain).await;
        let path = scene.path.clone();
        for n in [10, 20] {
            fs::write(&path, ends(n)).unwrap();
            scene.until(Some(n)).await;
            replace(&path, &ends(n + 1));
            scene.until(Some(n + 1)).await;
            // As vim does it: the old file becomes the backup.
            fs::rename(&path, path.with_extension("toml~")).unwrap();
            fs::write(&path, ends(n + 2)).unwrap();
            scene.until(Some(n + 2)).await;
            fs::remove_file(&path).unwrap();
            scene.until(None).await;
            fs::write(&path, ends(n + 3)).unwrap();
            scene.until(Some(n + 3)).await;
        }
    }
}

#[tokio::test]
async fn a_folder_that_comes_later_is_noticed_or_said_to_be_missing() {
    for mode in modes() {
        let mut scene = Scene::new(mode, |_| ());
        let own = scene.home.join("config/goplswatch");
        if mode {
            scene.watch.changed().await.unwrap();
            fs::create_dir(scene.home.join("config")).unwrap();
            scene.until(None).await;
        } else {
            assert!(matches!(scene.watch.changed().await, Err(Message::NoFolderOf { .. })));
        }
        fs::create_dir_all(&own).unwrap();
        scene.until(None).await;
        fs::write(&scene.path, ends(4)).unwrap();
        scene.until(Some(4)).await;
        if mode {
            fs::rename(&own, scene.home.join("config/old")).unwrap();
            scene.until(None).await;
            plain(&scene.home);
            scene.until(Some(3)).await;
            fs::remove_dir_all(&own).unwrap();
            scene.until(None).await;
        } else {
            fs::remove_dir_all(&own).unwrap();
            assert!(matches!(scene.watch.changed().await, Err(Message::NoFolderOf { .. })));
        }
        // All at once.
        plain(&scene.home);
        scene.until(Some(3)).await;
    }
}

#[tokio::test]
async fn a_linked_file_is_noticed_in_its_own_place_and_when_the_link_changes() {
    for mode in modes() {
        let mut scene = Scene::armed(mode, |home| {
            fs::create_dir_all(home.join("config/goplswatch")).unwrap();
            for (name, n) in [("one", 3), ("two", 4)] {
                fs::create_dir_all(home.join(name)).unwrap();
                fs::write(home.join(name).join("c.toml"), ends(n)).unwrap();
            }
            symlink("../../one/c.toml", home.join("config/goplswatch/config.toml")).unwrap();
        })
        .await;
        let (one, two) = (scene.home.join("one/c.toml"), scene.home.join("two/c.toml"));
        fs::write(&one, ends(5)).unwrap();
        scene.until(Some(5)).await;
        replace(&one, &ends(6));
        scene.until(Some(6)).await;
        // As `ln -sfn` does it.
        let new = scene.path.with_extension("link");
        symlink(&two, &new).unwrap();
        fs::rename(&new, &scene.path).unwrap();
        scene.until(Some(4)).await;
        fs::write(&one, ends(9)).unwrap();
        scene.quiet().await;
        replace(&two, &ends(7));
        scene.until(Some(7)).await;
        fs::remove_file(&two).unwrap();
        scene.until(None).await;
        fs::write(&two, ends(8)).unwrap();
        if mode {
            scene.until(Some(8)).await;
        } else {
            scene.quiet().await;
        }
    }
}

#[tokio::test]
async fn a_linked_folder_is_noticed_when_the_link_changes_unless_it_is_in_a_folder_of_others() {
    for mode in modes() {
        let mut scene = Scene::armed(mode, |home| {
            fs::create_dir(home.join("config")).unwrap();
            for (name, n) in [("one", 3), ("two", 4)] {
                fs::create_dir_all(home.join(name)).unwrap();
                fs::write(home.join(name).join("config.toml"), ends(n)).unwrap();
            }
            symlink("../one", home.join("config/goplswatch")).unwrap();
        })
        .await;
        replace(&scene.home.join("one/config.toml"), &ends(5));
        scene.until(Some(5)).await;
        fs::remove_file(scene.home.join("config/goplswatch")).unwrap();
        symlink(scene.home.join("two"), scene.home.join("config/goplswatch")).unwrap();
        if mode {
            scene.until(Some(4)).await;
            fs::write(scene.home.join("two/config.toml"), ends(6)).unwrap();
            scene.until(Some(6)).await;
        } else {
            scene.quiet().await;
        }
    }
}

#[tokio::test]
async fn reading_and_what_others_write_beside_the_file_is_no_change() {
    for mode in modes() {
        let mut scene = Scene::armed(mode, plain).await;
        assert_eq!(scene.says(), Some(3));
        fs::read_dir(scene.home.join("config/goplswatch")).unwrap().for_each(drop);
        scene.quiet().await;
        fs::write(scene.path.with_file_name("other.toml"), "x").unwrap();
        if mode {
            scene.quiet().await;
        }
    }
}

#[tokio::test]
async fn several_writes_are_told_once() {
    for mode in modes() {
        let mut scene = Scene::armed(mode, plain).await;
        for n in 2..12 {
            fs::write(&scene.path, ends(n)).unwrap();
        }
        scene.watch.changed().await.unwrap();
        assert_eq!(scene.says(), Some(11));
        scene.quiet().await;
    }
}

#[tokio::test]
async fn a_dropped_wait_loses_nothing() {
    for mode in modes() {
        let mut scene = Scene::armed(mode, plain).await;
        fs::write(&scene.path, ends(4)).unwrap();
        let limit = Instant::now() + DEADLINE;
        let mut told = false;
        while !told && Instant::now() < limit {
            told = tokio::time::timeout(Duration::from_millis(7), scene.watch.changed()).await.is_ok();
        }
        assert!(told);
    }
}

#[test]
fn a_file_that_never_rests_is_told_all_the_same() {
    let start = Instant::now();
    let mut due = Due::after(None, start);
    assert_eq!(due.at, start + SETTLE);
    for i in 1..1_000 {
        due = Due::after(Some(due), start + Duration::from_millis(100) * i);
    }
    assert_eq!(due.at, start + LONGEST);
}

fn words(said: &Message) -> String {
    Catalogue::english().text(said, Form::Full)
}

#[tokio::test]
async fn a_relative_path_is_refused() {
    let error = Watch::new("config.toml").changed().await.unwrap_err();
    assert_eq!(words(&error), "config.toml cannot be watched (its path is not absolute)");
}

#[test]
fn the_limits_of_the_system_have_words() {
    let place = Path::new("/x");
    let said = |error: notify::Error| words(&explain(error, place));
    assert!(said(notify::Error::new(ErrorKind::MaxFilesWatch)).starts_with("the system has no watches left for /x"));
    for error in [Errno::MFILE, Errno::NFILE] {
        assert!(said(notify::Error::io(error.into())).starts_with("no more files can be opened to watch /x"));
    }
    assert!(said(notify::Error::io(Errno::ACCESS.into())).starts_with("/x cannot be watched (Permission denied"));
    assert_eq!(said(notify::Error::generic("no")), "/x cannot be watched (no)");
}
