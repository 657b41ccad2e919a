//! Pictures that are drawn from `assets/` and packed for the program: the icon's shapes as grey
//! pictures, the application's icon in Apple's container format. `cargo xtask generate` draws them
//! again after a drawing changed.
//!
//! The container, as Pillow reads it (python-pillow/Pillow, src/PIL/IcnsImagePlugin.py): `icns`,
//! the length of the whole, then entries of a type, a length that includes its own eight bytes, and
//! for these types a PNG; every number has 32 bits, big-endian. The types and their sizes:
//! fiahfy/icns and the `icns` crate's `IconType` agree.

use std::path::{Path, PathBuf};

use goplswatch_testing::checked_in;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

/// Each type of picture in the container, with its width and height in pixels: from 16 points at
/// double density to 512 points at double density.
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

/// The icon's shapes, and the plate behind them.
const SHAPES: [&str; 6] = ["calm", "looking", "advice", "trouble", "muted", "plate"];

/// Width and height of a shape in pixels: `ICON_HEIGHT` of the crate `tray`.
const SHAPE_SIZE: u32 = 44;

/// Tolerance per value: processors round differently.
const OFF: u8 = 3;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn drawn(svg: &str, size: u32) -> Pixmap {
    let svg = std::fs::read(root().join("assets").join(svg)).unwrap();
    let tree = Tree::from_data(&svg, &Options::default()).unwrap();
    let mut picture = Pixmap::new(size, size).unwrap();
    let scale = Transform::from_scale(size as f32 / tree.size().width(), size as f32 / tree.size().height());
    resvg::render(&tree, scale, &mut picture.as_mut());
    picture
}

fn worst(kept: &[u8], made: &[u8]) -> u8 {
    assert_eq!(kept.len(), made.len());
    kept.iter().zip(made).map(|(a, b)| a.abs_diff(*b)).max().unwrap()
}

#[test]
fn the_shapes_that_the_program_carries_are_the_drawn_ones() {
    for shape in SHAPES {
        let picture = drawn(&format!("icon-{shape}.svg"), SHAPE_SIZE);
        // A shape is black and alpha only, so its coverage is all its information.
        assert!(
            picture.pixels().iter().all(|pixel| (pixel.red(), pixel.green(), pixel.blue()) == (0, 0, 0)),
            "{shape}"
        );
        let header = format!("P5\n{SHAPE_SIZE} {SHAPE_SIZE}\n255\n").into_bytes();
        let coverage: Vec<u8> = picture.pixels().iter().map(|pixel| pixel.alpha()).collect();
        let made = [header, coverage].concat();
        let kept = checked_in(&format!("assets/icon-{shape}.pgm"), &made);
        assert!(worst(&kept, &made) <= OFF, "{shape}: run `cargo xtask generate`");
    }
}

fn packed() -> Vec<u8> {
    let entry = |(kind, size): (&[u8; 4], u32)| {
        let png = drawn("app-icon.svg", size).encode_png().unwrap();
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
    let kept = checked_in("packaging/macos/goplswatch.icns", &packed());
    let entries = unpacked(&kept);
    assert_eq!(entries.iter().map(|entry| entry.0).collect::<Vec<_>>(), ENTRIES.map(|entry| entry.0));
    for ((kind, size), (_, png)) in ENTRIES.into_iter().zip(entries) {
        let (kept, drawn) = (Pixmap::decode_png(png).unwrap(), drawn("app-icon.svg", size));
        assert_eq!((kept.width(), kept.height()), (size, size));
        let worst = worst(kept.data(), drawn.data());
        assert!(worst <= OFF, "{} differs by {worst}: run `cargo xtask generate`", String::from_utf8_lossy(kind));
    }
    // It is embedded in every build, for one file on one system.
    assert!(kept.len() < 150_000, "{}", kept.len());
}

/// The picture is recognizable at the size of a list: the face, the pulse and its end have distinct
/// colours.
#[test]
fn the_smallest_picture_still_shows_what_it_is() {
    let picture = drawn("app-icon.svg", 32);
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
