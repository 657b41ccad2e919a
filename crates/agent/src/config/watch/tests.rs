//! Tests of the config watch with real folders, links and ways to save a file.

use std::io::Write as _;
use std::os::unix::fs::symlink;

use super::super::{Outcome, read};
use super::*;

struct Scene {
    _folder: tempfile::TempDir,
    home: PathBuf,
    path: PathBuf,
    watch: Watch,
}

impl Scene {
    /// A home folder prepared by `set`, with a watch of `config/goplswatch/config.toml` that has
    /// reported its first change.
    fn new(set: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().canonicalize().unwrap();
        set(&home);
        let path = home.join("config/goplswatch/config.toml");
        let watch = Watch::new(path.clone());
        let mut scene = Self { _folder: folder, home, path, watch };
        let ends = scene.says();
        scene.notices(ends);
        scene
    }

    fn says(&self) -> Option<u32> {
        match read(&self.path) {
            Outcome::Good { settings, .. } => Some(settings.detect.loop_ends),
            _ => None,
        }
    }

    fn check(&mut self) -> bool {
        self.watch.check(settle)
    }

    /// Expects that a change is reported twice and no more, and that the file then has this
    /// `loop-ends`.
    fn notices(&mut self, ends: Option<u32>) {
        let changed = [self.check(), self.check(), self.check()];
        assert_eq!((changed, self.says()), ([true, true, false], ends));
    }

    fn is_quiet(&mut self) {
        assert!(!self.check(), "a change is reported where there is none");
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

#[test]
fn every_way_to_save_is_noticed_again_and_again() {
    let mut scene = Scene::new(plain);
    let path = scene.path.clone();
    for n in [10, 20] {
        fs::write(&path, ends(n)).unwrap();
        scene.notices(Some(n));
        replace(&path, &ends(n + 1));
        scene.notices(Some(n + 1));
        // As vim does it: the old file becomes the backup.
        fs::rename(&path, path.with_extension("toml~")).unwrap();
        fs::write(&path, ends(n + 2)).unwrap();
        scene.notices(Some(n + 2));
        fs::remove_file(&path).unwrap();
        scene.notices(None);
        fs::write(&path, ends(n + 3)).unwrap();
        scene.notices(Some(n + 3));
    }
}

#[test]
fn a_folder_that_comes_later_is_noticed() {
    let mut scene = Scene::new(|_| ());
    let own = scene.home.join("config/goplswatch");
    plain(&scene.home);
    scene.notices(Some(3));
    fs::rename(&own, scene.home.join("config/old")).unwrap();
    scene.notices(None);
    plain(&scene.home);
    scene.notices(Some(3));
    fs::remove_dir_all(&own).unwrap();
    scene.notices(None);
}

#[test]
fn a_linked_file_is_noticed_in_its_own_place_and_when_the_link_changes() {
    let mut scene = Scene::new(|home| {
        fs::create_dir_all(home.join("config/goplswatch")).unwrap();
        for (name, n) in [("one", 3), ("two", 4)] {
            fs::create_dir_all(home.join(name)).unwrap();
            fs::write(home.join(name).join("c.toml"), ends(n)).unwrap();
        }
        symlink("../../one/c.toml", home.join("config/goplswatch/config.toml")).unwrap();
    });
    let (one, two) = (scene.home.join("one/c.toml"), scene.home.join("two/c.toml"));
    fs::write(&one, ends(5)).unwrap();
    scene.notices(Some(5));
    replace(&one, &ends(6));
    scene.notices(Some(6));
    // As `ln -sfn` does it.
    let new = scene.path.with_extension("link");
    symlink(&two, &new).unwrap();
    fs::rename(&new, &scene.path).unwrap();
    scene.notices(Some(4));
    fs::write(&one, ends(9)).unwrap();
    scene.is_quiet();
    replace(&two, &ends(7));
    scene.notices(Some(7));
    fs::remove_file(&two).unwrap();
    scene.notices(None);
    fs::write(&two, ends(8)).unwrap();
    scene.notices(Some(8));
}

#[test]
fn a_linked_folder_is_noticed_when_the_link_changes() {
    let mut scene = Scene::new(|home| {
        fs::create_dir(home.join("config")).unwrap();
        for (name, n) in [("one", 3), ("two", 4)] {
            fs::create_dir_all(home.join(name)).unwrap();
            fs::write(home.join(name).join("config.toml"), ends(n)).unwrap();
        }
        symlink("../one", home.join("config/goplswatch")).unwrap();
    });
    replace(&scene.home.join("one/config.toml"), &ends(5));
    scene.notices(Some(5));
    fs::remove_file(scene.home.join("config/goplswatch")).unwrap();
    symlink(scene.home.join("two"), scene.home.join("config/goplswatch")).unwrap();
    scene.notices(Some(4));
    fs::write(scene.home.join("two/config.toml"), ends(6)).unwrap();
    scene.notices(Some(6));
}

#[test]
fn a_link_that_leads_nowhere_is_noticed_and_so_is_what_it_leads_to_later() {
    for link in ["config", "config/goplswatch", "config/goplswatch/config.toml"] {
        let mut scene = Scene::new(|_| ());
        let (link, target) = (scene.home.join(link), scene.home.join("later"));
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(&target, &link).unwrap();
        scene.notices(None);
        let file = target.join(scene.path.strip_prefix(&link).unwrap());
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        // Joining an empty path has appended a slash.
        fs::write(file.components().collect::<PathBuf>(), ends(4)).unwrap();
        scene.notices(Some(4));
    }
}

#[test]
fn reading_and_what_others_write_beside_the_file_is_no_change() {
    let mut scene = Scene::new(plain);
    assert_eq!(scene.says(), Some(3));
    fs::read_dir(scene.home.join("config/goplswatch")).unwrap().for_each(drop);
    fs::write(scene.path.with_file_name("other.toml"), "x").unwrap();
    scene.is_quiet();
}

/// Appends a line to a file.
fn append(path: &Path, line: &str) {
    fs::File::options().append(true).open(path).unwrap().write_all(line.as_bytes()).unwrap();
}

#[test]
fn a_file_is_reported_when_it_is_saved_completely() {
    let mut scene = Scene::new(plain);
    fs::write(&scene.path, "# one\n").unwrap();
    let mut rest = ["# two\n", "# three\n", "detect.loop-ends = 7\n"].into_iter();
    assert!(scene.watch.check(|| rest.next().into_iter().for_each(|line| append(&scene.path, line))));
    assert_eq!(scene.says(), Some(7));
}

#[test]
fn a_file_that_never_rests_is_reported_all_the_same() {
    let mut scene = Scene::new(plain);
    append(&scene.path, "#\n");
    assert!(scene.watch.check(|| append(&scene.path, "#\n")));
}
