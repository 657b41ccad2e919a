//! The icon shapes and the chart of a trend, as pixels.
//!
//! Theory of operation. A shape is an SVG in `assets/` that contains black and alpha only. Its
//! coverage per pixel is computed when the drawing changes (`cargo xtask generate`) and checked in
//! beside it as a grey picture (PGM), so the program contains no renderer. The ink decides the
//! colours. A menu bar that colours icons itself takes the coverage as it is. For a panel of
//! unknown colour the shape is light on a dark plate of its own, so that it looks the same on light
//! and dark panels. (A light shape with a dark edge was tried: on light panels the dashes fell
//! apart.) Pictures are cached, so drawing the same state again costs nothing.

use std::sync::Arc;

use goplswatch_core::Trend;
use goplswatch_view::Shape;

/// Height of an icon in pixels, for menu bars and panels of any density: 22 points at two pixels
/// each.
pub const ICON_HEIGHT: u32 = 44;
/// Number of pixels of an icon.
const ICON_PIXELS: usize = (ICON_HEIGHT * ICON_HEIGHT) as usize;
/// Width of a trend in pixels, at two pixels per point.
pub const TREND_WIDTH: u32 = 240;
/// Height of a trend in pixels. muda draws the picture of a row 18 points tall, with the width in
/// proportion (muda 0.21.2, `platform_impl/macos/mod.rs`, `MAX_ICON_HEIGHT`).
pub const TREND_HEIGHT: u32 = 36;

/// How many trends are cached. A menu has one for each open incident; that of a closed one is not
/// drawn again.
const TRENDS_KEPT: usize = 32;

/// Pixels, row by row from the top.
#[derive(Debug, PartialEq, Eq)]
pub struct Picture {
    /// Pixels per row.
    pub width: u32,
    /// Number of rows.
    pub height: u32,
    /// Red, green, blue, alpha of each pixel; the colours are not premultiplied with the alpha.
    pub rgba: Vec<u8>,
}

/// The colours of a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// Black; the desktop colours it by its alpha (macOS: a template image).
    Template,
    /// Light on a dark plate, for a background of unknown colour.
    Plate,
}

/// Draws pictures and caches them.
#[derive(Debug, Default)]
pub struct Pictures {
    /// Few entries: five shapes, and one ink on each desktop.
    icons: Vec<((Shape, Ink), Arc<Picture>)>,
    /// The most recently used one comes last.
    trends: Vec<(Trend, Arc<Picture>)>,
}

impl Pictures {
    /// The icon with this shape, [`ICON_HEIGHT`] pixels high and wide.
    pub fn icon(&mut self, shape: Shape, ink: Ink) -> Arc<Picture> {
        let wanted = (shape, ink);
        if let Some((_, kept)) = self.icons.iter().find(|(drawn, _)| *drawn == wanted) {
            return kept.clone();
        }
        let coverage = coverage(grey(shape));
        let picture = Arc::new(match ink {
            Ink::Template => template(coverage),
            Ink::Plate => plated(coverage),
        });
        self.icons.push((wanted, picture.clone()));
        picture
    }

    /// The chart of a trend: memory as a line over a filled area, and a vertical bar over the full
    /// height in each minute in which a server ended. It is legible on light and dark menus.
    pub fn trend(&mut self, trend: &Trend) -> Arc<Picture> {
        let kept = self.trends.iter().position(|(drawn, _)| drawn == trend).map(|at| self.trends.remove(at));
        let (drawn, picture) = match kept {
            Some(kept) => kept,
            None => (trend.clone(), Arc::new(draw_trend(trend))),
        };
        if self.trends.len() >= TRENDS_KEPT {
            self.trends.remove(0);
        }
        self.trends.push((drawn, picture.clone()));
        picture
    }
}

/// The checked-in coverage of a shape, as a binary PGM, [`ICON_HEIGHT`] pixels high and wide
/// (netpbm's pgm(5)).
const fn grey(shape: Shape) -> &'static [u8] {
    match shape {
        Shape::Calm => include_bytes!("../../../assets/icon-calm.pgm"),
        Shape::Looking => include_bytes!("../../../assets/icon-looking.pgm"),
        Shape::Advice => include_bytes!("../../../assets/icon-advice.pgm"),
        Shape::Trouble => include_bytes!("../../../assets/icon-trouble.pgm"),
        Shape::Muted => include_bytes!("../../../assets/icon-muted.pgm"),
    }
}

/// The coverage of the plate: a square with round corners.
const PLATE: &[u8] = include_bytes!("../../../assets/icon-plate.pgm");

/// How much of each pixel is covered, 0 to 255: the data after the header of a PGM.
fn coverage(pgm: &[u8]) -> &[u8] {
    pgm.last_chunk::<ICON_PIXELS>().map_or(&[], |pixels| pixels)
}

fn template(coverage: &[u8]) -> Picture {
    let rgba = coverage.iter().flat_map(|&alpha| [0, 0, 0, alpha]).collect();
    Picture { width: ICON_HEIGHT, height: ICON_HEIGHT, rgba }
}

/// A light shape on a dark plate with round corners.
fn plated(shape: &[u8]) -> Picture {
    const LIGHT: u32 = 0xf4;
    const DARK: [u32; 3] = [0x2b, 0x30, 0x3a];
    let rgba = shape.iter().zip(coverage(PLATE)).flat_map(|(&shape, &plate)| {
        let shape = u32::from(shape);
        let mixed = |dark: u32| u8::try_from((LIGHT * shape + dark * (255 - shape)) / 255).unwrap_or(u8::MAX);
        let [red, green, blue] = DARK.map(mixed);
        [red, green, blue, plate]
    });
    Picture { width: ICON_HEIGHT, height: ICON_HEIGHT, rgba: rgba.collect() }
}

/// How much of each pixel of a trend is covered, 0 to 1, row by row.
struct Coverage(Vec<f32>);

impl Coverage {
    const WIDTH: usize = TREND_WIDTH as usize;
    const HEIGHT: usize = TREND_HEIGHT as usize;
    /// Samples per column.
    const LOOKS: usize = 4;

    fn new() -> Self {
        Self(vec![0.0; Self::WIDTH * Self::HEIGHT])
    }

    /// Covers the range between two heights in each column, with this strength. `between` gives the
    /// top and bottom at a horizontal position, in pixels from the top, or `None` where nothing is
    /// drawn.
    #[expect(clippy::cast_precision_loss, reason = "a picture has hundreds of pixels")]
    fn fill(&mut self, strength: f32, between: impl Fn(f32) -> Option<(f32, f32)>) {
        for column in 0..Self::WIDTH {
            let mut covered = [0.0; Self::HEIGHT];
            for look in 0..Self::LOOKS {
                let x = column as f32 + (look as f32 + 0.5) / Self::LOOKS as f32;
                let Some((top, bottom)) = between(x) else { continue };
                for (row, covered) in covered.iter_mut().enumerate() {
                    let (above, below) = (row as f32, row as f32 + 1.0);
                    *covered += (bottom.min(below) - top.max(above)).max(0.0) / Self::LOOKS as f32;
                }
            }
            for (row, covered) in covered.into_iter().enumerate() {
                if let Some(pixel) = self.0.get_mut(row * Self::WIDTH + column) {
                    // One layer over another.
                    *pixel += covered * strength * (1.0 - *pixel);
                }
            }
        }
    }
}

/// The colour of a trend: a grey with a contrast of at least 3.4 to 1 (WCAG) against both white and
/// the darkest menu.
const TREND_GREY: [u8; 3] = [0x82, 0x82, 0x86];

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a picture has hundreds of pixels, and bytes are drawn as a height"
)]
fn draw_trend(trend: &Trend) -> Picture {
    /// Pixels that stay free above the highest and below the lowest point, so that no line is
    /// clipped.
    const MARGIN: f32 = 3.0;
    const LINE: f32 = 3.0;
    const BAR: f32 = 3.0;
    const AREA: f32 = 0.31;
    let (width, height) = (TREND_WIDTH as f32, TREND_HEIGHT as f32);
    let minutes = trend.memory.len().max(trend.ends.len()).max(1);
    let step = width / minutes as f32;
    let middle = |minute: usize| step * (minute as f32 + 0.5);
    let most = trend.memory.iter().flatten().copied().max().unwrap_or(0).max(1) as f32;
    let level = |bytes: u64| height - MARGIN - (height - 2.0 * MARGIN) * (bytes as f32 / most);

    let mut coverage = Coverage::new();
    for run in runs(&trend.memory) {
        let points: Vec<(f32, f32)> = run.iter().map(|(minute, bytes)| (middle(*minute), level(*bytes))).collect();
        coverage.fill(AREA, |x| Some((height_at(&points, step, x)?.0, height)));
        coverage.fill(1.0, |x| {
            let (y, slope) = height_at(&points, step, x)?;
            // Keeps the thickness of the line the same on a slope as where it is level.
            let half = LINE / 2.0 * slope.hypot(1.0);
            Some((y - half, y + half))
        });
    }
    for (minute, _) in trend.ends.iter().enumerate().filter(|(_, ends)| **ends > 0) {
        let left = (middle(minute) - BAR / 2.0).round();
        coverage.fill(1.0, |x| (left..left + BAR).contains(&x).then_some((0.0, height)));
    }
    let [red, green, blue] = TREND_GREY;
    let rgba = coverage.0.iter().flat_map(|covered| match (covered * 255.0).round() as u8 {
        0 => [0; 4],
        alpha => [red, green, blue, alpha],
    });
    Picture { width: TREND_WIDTH, height: TREND_HEIGHT, rgba: rgba.collect() }
}

/// The height and slope of the line through these points at a horizontal position. The line extends
/// half a step beyond the first and the last point, to cover their minutes.
fn height_at(points: &[(f32, f32)], step: f32, x: f32) -> Option<(f32, f32)> {
    let (first, last) = (points.first()?, points.last()?);
    if x < first.0 - step / 2.0 || x > last.0 + step / 2.0 {
        return None;
    }
    let right = points.partition_point(|point| point.0 <= x);
    Some(match (right.checked_sub(1).and_then(|left| points.get(left)), points.get(right)) {
        (Some(left), Some(right)) => {
            let slope = (right.1 - left.1) / (right.0 - left.0);
            (left.1 + slope * (x - left.0), slope)
        }
        _ => (if right == 0 { first.1 } else { last.1 }, 0.0),
    })
}

/// The runs of consecutive minutes in which memory is known.
fn runs(memory: &[Option<u64>]) -> Vec<Vec<(usize, u64)>> {
    let known: Vec<(usize, Option<u64>)> = memory.iter().copied().enumerate().collect();
    known
        .split(|(_, bytes)| bytes.is_none())
        .map(|run| run.iter().filter_map(|(minute, bytes)| bytes.map(|bytes| (*minute, bytes))).collect())
        .filter(|run: &Vec<_>| !run.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPES: [Shape; 5] = [Shape::Calm, Shape::Looking, Shape::Advice, Shape::Trouble, Shape::Muted];

    /// How light each pixel would be on black.
    fn light(picture: &Picture) -> impl Iterator<Item = u8> {
        picture.rgba.as_chunks::<4>().0.iter().map(|pixel| if pixel[3] > 127 { pixel[0] } else { 0 })
    }

    fn alphas(picture: &Picture) -> impl Iterator<Item = u8> {
        picture.rgba.as_chunks::<4>().0.iter().map(|pixel| pixel[3])
    }

    #[test]
    fn every_shape_is_drawn_and_no_two_are_alike() {
        let mut pictures = Pictures::default();
        for ink in [Ink::Template, Ink::Plate] {
            let drawn: Vec<_> = SHAPES.iter().map(|shape| pictures.icon(*shape, ink)).collect();
            for (number, picture) in drawn.iter().enumerate() {
                assert_eq!((picture.width, picture.height), (ICON_HEIGHT, ICON_HEIGHT));
                assert_eq!(picture.rgba.len(), 4 * 44 * 44);
                let values = |picture: &Picture| -> Vec<u8> {
                    if ink == Ink::Template { alphas(picture).collect() } else { light(picture).collect() }
                };
                let covered = values(picture).iter().filter(|value| **value > 127).count();
                assert!((200..1000).contains(&covered), "{:?}: {covered} pixels", SHAPES[number]);
                for other in &drawn[..number] {
                    let both = values(picture).into_iter().zip(values(other));
                    let differ = both.filter(|(a, b)| a.abs_diff(*b) > 127).count();
                    assert!(differ > 40, "{:?} differs in {differ} pixels only", SHAPES[number]);
                }
            }
        }
    }

    #[test]
    fn a_template_is_black_and_nothing_touches_the_border() {
        let mut pictures = Pictures::default();
        for shape in SHAPES {
            let picture = pictures.icon(shape, Ink::Template);
            assert!(picture.rgba.as_chunks::<4>().0.iter().all(|pixel| pixel[..3] == [0, 0, 0]), "{shape:?}");
            let side = ICON_HEIGHT as usize;
            let border = alphas(&picture)
                .enumerate()
                .filter(|(at, _)| at / side == 0 || at / side == side - 1 || at % side == 0 || at % side == side - 1);
            assert!(border.map(|(_, alpha)| alpha).all(|alpha| alpha == 0), "{shape:?}");
        }
    }

    #[test]
    fn a_plate_is_light_on_dark_and_has_round_corners() {
        let picture = Pictures::default().icon(Shape::Calm, Ink::Plate);
        assert_eq!(picture.rgba[3], 0);
        let greys: Vec<u8> =
            picture.rgba.as_chunks::<4>().0.iter().filter(|pixel| pixel[3] == 255).map(|pixel| pixel[0]).collect();
        assert!(greys.iter().filter(|grey| **grey > 0xd0).count() > 200);
        assert!(greys.iter().filter(|grey| **grey < 0x50).count() > 1000);
    }

    #[test]
    fn the_same_is_drawn_once() {
        let mut pictures = Pictures::default();
        let first = pictures.icon(Shape::Calm, Ink::Template);
        assert!(Arc::ptr_eq(&first, &pictures.icon(Shape::Calm, Ink::Template)));
        let trend = Trend { memory: vec![Some(5), None, Some(7)], ends: vec![0, 1, 0] };
        let first = pictures.trend(&trend);
        for other in 0..TRENDS_KEPT as u64 - 1 {
            pictures.trend(&Trend { memory: vec![Some(other)], ends: vec![] });
        }
        assert!(Arc::ptr_eq(&first, &pictures.trend(&trend)));
        assert_eq!(pictures.trends.len(), TRENDS_KEPT);
    }

    /// The number of nearly opaque pixels in a column.
    fn drawn(picture: &Picture, x: u32) -> usize {
        (0..picture.height).filter(|y| picture.rgba[4 * (y * picture.width + x) as usize + 3] > 200).count()
    }

    #[test]
    fn ends_are_bars_from_top_to_bottom_and_unknown_memory_is_a_gap() {
        let trend = Trend { memory: vec![Some(100), None, Some(100), None], ends: vec![0, 0, 0, 2] };
        let picture = Pictures::default().trend(&trend);
        let step = TREND_WIDTH / 4;
        assert!((1..6).contains(&drawn(&picture, step / 2)), "a line");
        assert_eq!(drawn(&picture, step + step / 2), 0, "a gap");
        assert_eq!(drawn(&picture, 3 * step + step / 2), TREND_HEIGHT as usize, "a bar");
    }

    #[test]
    fn a_trend_of_nothing_is_an_empty_picture() {
        let picture = Pictures::default().trend(&Trend::default());
        assert!(alphas(&picture).all(|alpha| alpha == 0));
    }
}
