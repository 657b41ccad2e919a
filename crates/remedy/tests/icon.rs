//! The application's icon: `packaging/macos/goplswatch.icns` is what is drawn in `assets/app-icon.svg`.
//!
//! After a change of the drawing: `GOPLSWATCH_BLESS=1 cargo test -p goplswatch-remedy --test icon`.
//!
//! The container, as Pillow reads it (python-pillow/Pillow, src/PIL/IcnsImagePlugin.py): `icns`, the length of the
//! whole, then entries of a type, a length that counts its own eight bytes, and for these types a PNG; every number is
//! 32 bits, big-endian. The types and their sizes: fiahfy/icns and the `icns` crate's `IconType` say the same.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::path::{Path, PathBuf};

use goplswatch_remedy::service::ICON_BYTES;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

/// Each type, and how many pixels its picture is wide and high. From 16 points at twice the density to 512 at twice.
const ENTRIES: [(&[u8; 4], u32); 8] = [
    (b"ic11", 32),
    (b"ic12", 64),
    (b"ic07", 128),
    (b"ic13", 256),
    (b"ic08", 256),
    (b"ic14", 512),
    (b"ic09", 512),
    (b"ic10", 1024),
];

/// How far a colour may be off: processors round differently.
const OFF: u8 = 3;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn drawn(size: u32) -> Pixmap {
    let svg = std::fs::read(root().join("assets/app-icon.svg")).unwrap();
    let tree = Tree::from_data(&svg, &Options::default()).unwrap();
    let mut picture = Pixmap::new(size, size).unwrap();
    let scale = Transform::from_scale(size as f32 / tree.size().width(), size as f32 / tree.size().height());
    resvg::render(&tree, scale, &mut picture.as_mut());
    picture
}

fn packed() -> Vec<u8> {
    let entry = |(kind, size): (&[u8; 4], u32)| {
        let png = drawn(size).encode_png().unwrap();
        [&kind[..], &u32::try_from(png.len() + 8).unwrap().to_be_bytes(), &png].concat()
    };
    let entries = ENTRIES.map(entry).concat();
    [b"icns", &u32::try_from(entries.len() + 8).unwrap().to_be_bytes()[..], &entries].concat()
}

/// The entries of a container: type and content.
fn unpacked(icns: &[u8]) -> Vec<(&[u8; 4], &[u8])> {
    let length = |bytes: &[u8]| u32::from_be_bytes(bytes[4..8].try_into().unwrap()) as usize;
    assert_eq!((&icns[..4], length(icns)), (&b"icns"[..], icns.len()));
    let (mut entries, mut rest) = (Vec::new(), &icns[8..]);
    while !rest.is_empty() {
        let (entry, after) = rest.split_at(length(rest));
        entries.push((entry[..4].try_into().unwrap(), &entry[8..]));
        rest = after;
    }
    entries
}

#[test]
fn the_packed_icon_is_the_drawn_one() {
    let path = root().join("packaging/macos/goplswatch.icns");
    if std::env::var_os("GOPLSWATCH_BLESS").is_some() {
        std::fs::write(&path, packed()).unwrap();
    }
    let kept = std::fs::read(&path).unwrap();
    let entries = unpacked(&kept);
    assert_eq!(entries.iter().map(|entry| entry.0).collect::<Vec<_>>(), ENTRIES.map(|entry| entry.0));
    for ((kind, size), (_, png)) in ENTRIES.into_iter().zip(entries) {
        let (kept, drawn) = (Pixmap::decode_png(png).unwrap(), drawn(size));
        assert_eq!((kept.width(), kept.height()), (size, size));
        let worst = kept.data().iter().zip(drawn.data()).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        assert!(worst <= OFF, "{} differs by {worst}: bless it, see the top", String::from_utf8_lossy(kind));
    }
}

/// It is inside every program that is built, for one file on one system.
#[test]
fn the_icon_inside_the_program_is_small() {
    assert!(unpacked(ICON_BYTES).len() == ENTRIES.len() && ICON_BYTES.len() < 150_000, "{}", ICON_BYTES.len());
}

/// Nothing of it is lost at the size of a list: the face, the pulse and its end each keep a colour of their own.
#[test]
fn the_smallest_picture_still_shows_what_it_is() {
    let picture = drawn(32);
    let colour = |x: u32, y: u32| {
        let pixel = picture.pixel(x / 32, y / 32).unwrap().demultiply();
        [pixel.red(), pixel.green(), pixel.blue(), pixel.alpha()]
    };
    let [red, green, blue, _] = colour(724, 512);
    assert!(red > 200 && green > 150 && blue < 160, "the end is yellow");
    let [red, green, blue, _] = colour(330, 512);
    assert!(green > red && green > 120 && blue > 80, "the pulse is green: {red} {green} {blue}");
    assert_eq!(colour(0, 0)[3], 0, "outside of the body there is nothing");
}
