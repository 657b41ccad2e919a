use std::fs;
use std::os::unix::fs::symlink;
use std::time::Duration;

use super::super::{Outcome, read};
use super::*;

/// A machine that does other things as well.
const PATIENCE: Duration = Duration::from_secs(20);

struct Scene {
    _folder: tempfile::TempDir,
    home: PathBuf,
    path: PathBuf,
    watch: Watch,
}

impl Scene {
    /// A home folder as `set` makes it, with a watch of `config/goplswatch/config.toml` that is armed.
    async fn new(set: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().canonicalize().unwrap();
        set(&home);
        let path = home.join("config/goplswatch/config.toml");
        let mut watch = Watch::new(&path);
        watch.changed().await.unwrap();
        Self { _folder: folder, home, path, watch }
    }

    fn says(&self) -> Option<u32> {
        match read(&self.path) {
            Outcome::Good { settings, .. } => Some(settings.detect.loop_ends),
            _ => None,
        }
    }

    /// Waits until the file says this many ends, woken by nothing but the watch.
    async fn until(&mut self, ends: Option<u32>) {
        let waited = tokio::time::timeout(PATIENCE, async {
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

#[tokio::test]
async fn every_way_to_save_is_noticed_again_and_again() {
    let mut scene = Scene::new(plain).await;
    let path = scene.path.clone();
    for round in 0..2 {
        let n = 10 * (round + 1);
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

#[tokio::test]
async fn a_file_that_comes_later_is_noticed_and_so_is_its_folder_that_goes() {
    let mut scene = Scene::new(|_| ()).await;
    let path = scene.path.clone();
    fs::create_dir(scene.home.join("config")).unwrap();
    scene.until(None).await;
    fs::create_dir(scene.home.join("config/goplswatch")).unwrap();
    scene.until(None).await;
    fs::write(&path, ends(4)).unwrap();
    scene.until(Some(4)).await;
    fs::rename(scene.home.join("config/goplswatch"), scene.home.join("config/old")).unwrap();
    scene.until(None).await;
    plain(&scene.home);
    scene.until(Some(3)).await;
    fs::remove_dir_all(scene.home.join("config/goplswatch")).unwrap();
    scene.until(None).await;
    // All at once.
    plain(&scene.home);
    scene.until(Some(3)).await;
}

#[tokio::test]
async fn a_linked_file_is_noticed_in_its_own_place_and_when_the_link_changes() {
    let mut scene = Scene::new(|home| {
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
    scene.until(Some(8)).await;
}

#[tokio::test]
async fn a_linked_folder_is_noticed_when_the_link_changes() {
    let mut scene = Scene::new(|home| {
        fs::create_dir(home.join("config")).unwrap();
        for (name, n) in [("one", 3), ("two", 4)] {
            fs::create_dir_all(home.join(name)).unwrap();
            fs::write(home.join(name).join("config.toml"), ends(n)).unwrap();
        }
        symlink("../one", home.join("config/goplswatch")).unwrap();
    })
    .await;
    fs::write(scene.home.join("one/config.toml"), ends(5)).unwrap();
    scene.until(Some(5)).await;
    fs::remove_file(scene.home.join("config/goplswatch")).unwrap();
    symlink(scene.home.join("two"), scene.home.join("config/goplswatch")).unwrap();
    scene.until(Some(4)).await;
    fs::write(scene.home.join("two/config.toml"), ends(6)).unwrap();
    scene.until(Some(6)).await;
}

#[tokio::test]
async fn reading_and_what_others_write_beside_the_file_is_no_change() {
    let mut scene = Scene::new(plain).await;
    assert_eq!(scene.says(), Some(3));
    fs::write(scene.path.with_file_name("other.toml"), "x").unwrap();
    fs::read_dir(scene.home.join("config/goplswatch")).unwrap().for_each(drop);
    scene.quiet().await;
}

#[tokio::test]
async fn several_writes_are_told_once() {
    let mut scene = Scene::new(plain).await;
    for n in 2..12 {
        fs::write(&scene.path, ends(n)).unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    scene.watch.changed().await.unwrap();
    assert_eq!(scene.says(), Some(11));
    scene.quiet().await;
}

#[tokio::test]
async fn a_dropped_wait_loses_nothing() {
    let mut scene = Scene::new(plain).await;
    fs::write(&scene.path, ends(4)).unwrap();
    let limit = Instant::now() + PATIENCE;
    let mut told = 0;
    while told == 0 && Instant::now() < limit {
        told += u32::from(tokio::time::timeout(Duration::from_millis(7), scene.watch.changed()).await.is_ok());
    }
    assert_eq!(told, 1);
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

#[tokio::test]
async fn a_relative_path_is_refused() {
    let error = Watch::new("config.toml").changed().await.unwrap_err();
    assert_eq!(error.to_string(), "config.toml cannot be watched (its path is not absolute)");
}

#[test]
fn the_limits_of_the_system_have_words() {
    let place = Path::new("/x");
    let said = |error: notify::Error| explain(error, place).to_string();
    assert!(said(notify::Error::new(ErrorKind::MaxFilesWatch)).starts_with("the system has no watches left for /x"));
    for error in [Errno::MFILE, Errno::NFILE] {
        assert!(said(notify::Error::io(error.into())).starts_with("no more files can be opened to watch /x"));
    }
    assert!(said(notify::Error::io(Errno::ACCESS.into())).starts_with("/x cannot be watched (Permission denied"));
    assert_eq!(said(notify::Error::generic("no")), "/x cannot be watched (no)");
}
