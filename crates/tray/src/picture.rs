//! The icon's shapes and the picture of a trend, as pixels.
//!
//! Theory of operation. A shape is drawn from its SVG in `assets/`, which holds black and alpha only, so what comes out
//! of the renderer is coverage; the ink decides its colours. A menu bar that colours icons itself takes it as it is. For
//! a panel of unknown colour the shape is light and stands on a dark plate of its own, so that both panels, light and
//! dark, show it alike. (A light shape with a dark edge was tried: on light panels the dashes fell apart.) What was drawn once is kept, so that the same state is the same picture and costs nothing.

use std::sync::Arc;

use goplswatch_core::Trend;
use goplswatch_view::Shape;
use resvg::tiny_skia::{Color, FillRule, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, Transform};
use resvg::usvg;

/// Height of an icon that is right for menu bars and panels of any density, pixels: 22 points at two pixels each.
pub const ICON_HEIGHT: u32 = 44;
/// Width of a trend, pixels: twice its points.
pub const TREND_WIDTH: u32 = 240;
/// Height of a trend, pixels. muda draws a row's picture 18 points tall and as wide as that makes it
/// (muda 0.21.2, `platform_impl/macos/mod.rs`, `MAX_ICON_HEIGHT`).
pub const TREND_HEIGHT: u32 = 36;

/// How many trends are kept. A menu has one for each open incident; one that is gone is not drawn again.
const TRENDS_KEPT: usize = 32;

/// Pixels, row by row from the top.
#[derive(Debug, PartialEq, Eq)]
pub struct Picture {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Red, green, blue, alpha of each pixel; the colours are not multiplied with the alpha.
    pub rgba: Vec<u8>,
}

/// What colours a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// Black; whoever shows it colours it by its alpha (macOS: a template image).
    Template,
    /// Light on a dark plate, for a background of unknown colour.
    Plate,
}

/// Draws, and keeps what was drawn.
#[derive(Debug, Default)]
pub struct Pictures {
    /// A handful: five shapes, and one height and ink on each desktop.
    icons: Vec<((Shape, u32, Ink), Arc<Picture>)>,
    /// The last one that was asked for stands last.
    trends: Vec<(Trend, Arc<Picture>)>,
}

impl Pictures {
    /// An icon of this height; it is as wide as it is high. None if it cannot be drawn, which only a height of nothing
    /// or of more than memory holds can cause.
    pub fn icon(&mut self, shape: Shape, height: u32, ink: Ink) -> Option<Arc<Picture>> {
        let wanted = (shape, height, ink);
        if let Some((_, kept)) = self.icons.iter().find(|(drawn, _)| *drawn == wanted) {
            return Some(kept.clone());
        }
        let coverage = coverage(shape, height)?;
        let picture = Arc::new(match ink {
            Ink::Template => template(height, &coverage),
            Ink::Plate => plated(height, &coverage)?,
        });
        self.icons.push((wanted, picture.clone()));
        Some(picture)
    }

    /// The picture of a trend: memory as a line over its area, and a bar from top to bottom in each minute in which a
    /// server ended. It is legible on light and on dark menus. None if it cannot be drawn.
    pub fn trend(&mut self, trend: &Trend) -> Option<Arc<Picture>> {
        let kept = self.trends.iter().position(|(drawn, _)| drawn == trend).map(|at| self.trends.remove(at));
        let (drawn, picture) = match kept {
            Some(kept) => kept,
            None => (trend.clone(), Arc::new(draw_trend(trend)?)),
        };
        if self.trends.len() >= TRENDS_KEPT {
            self.trends.remove(0);
        }
        self.trends.push((drawn, picture.clone()));
        Some(picture)
    }
}

/// The drawing of a shape.
const fn svg(shape: Shape) -> &'static [u8] {
    match shape {
        Shape::Calm => include_bytes!("../../../assets/icon-calm.svg"),
        Shape::Looking => include_bytes!("../../../assets/icon-looking.svg"),
        Shape::Advice => include_bytes!("../../../assets/icon-advice.svg"),
        Shape::Trouble => include_bytes!("../../../assets/icon-trouble.svg"),
        Shape::Muted => include_bytes!("../../../assets/icon-muted.svg"),
    }
}

/// How much of each pixel a shape covers, 0 to 255.
fn coverage(shape: Shape, height: u32) -> Option<Vec<u8>> {
    let tree = usvg::Tree::from_data(svg(shape), &usvg::Options::default()).ok()?;
    let mut pixmap = Pixmap::new(height, height)?;
    #[expect(clippy::cast_precision_loss, reason = "an icon is at most hundreds of pixels high")]
    let scale = height as f32 / tree.size().height();
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixmap.as_mut());
    Some(pixmap.pixels().iter().map(|pixel| pixel.alpha()).collect())
}

fn template(height: u32, coverage: &[u8]) -> Picture {
    Picture { width: height, height, rgba: coverage.iter().flat_map(|&alpha| [0, 0, 0, alpha]).collect() }
}

/// A light shape on a dark plate with round corners.
fn plated(height: u32, coverage: &[u8]) -> Option<Picture> {
    const LIGHT: u32 = 0xf4;
    const DARK: [u32; 3] = [0x2b, 0x30, 0x3a];
    let plate = plate(height)?;
    let rgba = coverage.iter().zip(plate.pixels()).flat_map(|(&shape, plate)| {
        let shape = u32::from(shape);
        let mixed = |dark: u32| u8::try_from((LIGHT * shape + dark * (255 - shape)) / 255).unwrap_or(u8::MAX);
        let [red, green, blue] = DARK.map(mixed);
        [red, green, blue, plate.alpha()]
    });
    Some(Picture { width: height, height, rgba: rgba.collect() })
}

/// What the plate covers: the square but for its round corners.
#[expect(clippy::cast_precision_loss, reason = "an icon is at most hundreds of pixels high")]
fn plate(height: u32) -> Option<Pixmap> {
    let mut pixmap = Pixmap::new(height, height)?;
    let (side, radius) = (height as f32, height as f32 * 0.22);
    let mut path = PathBuilder::new();
    path.move_to(radius, 0.0);
    path.line_to(side - radius, 0.0);
    path.quad_to(side, 0.0, side, radius);
    path.line_to(side, side - radius);
    path.quad_to(side, side, side - radius, side);
    path.line_to(radius, side);
    path.quad_to(0.0, side, 0.0, side - radius);
    path.line_to(0.0, radius);
    path.quad_to(0.0, 0.0, radius, 0.0);
    path.close();
    pixmap.fill_path(&path.finish()?, &ink(0xff), FillRule::Winding, Transform::identity(), None);
    Some(pixmap)
}

/// A grey that stands out from white and from the darkest menu alike: at least 3.4 to 1 by the rule of WCAG.
fn ink(alpha: u8) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color(Color::from_rgba8(0x82, 0x82, 0x86, alpha));
    paint.anti_alias = true;
    paint
}

#[expect(clippy::cast_precision_loss, reason = "a picture has hundreds of pixels, and bytes are drawn as a height")]
fn draw_trend(trend: &Trend) -> Option<Picture> {
    /// Pixels that stay free above the highest and below the lowest point, so that no line is cut.
    const MARGIN: f32 = 3.0;
    const BAR: f32 = 3.0;
    let (width, height) = (TREND_WIDTH as f32, TREND_HEIGHT as f32);
    let mut pixmap = Pixmap::new(TREND_WIDTH, TREND_HEIGHT)?;
    let minutes = trend.memory.len().max(trend.ends.len()).max(1);
    let step = width / minutes as f32;
    let middle = |minute: usize| step * (minute as f32 + 0.5);
    let most = trend.memory.iter().flatten().copied().max().unwrap_or(0).max(1) as f32;
    let level = |bytes: u64| height - MARGIN - (height - 2.0 * MARGIN) * (bytes as f32 / most);

    for run in runs(&trend.memory) {
        let points: Vec<(f32, f32)> = run.iter().map(|(minute, bytes)| (middle(*minute), level(*bytes))).collect();
        if let Some(area) = area(&points, step, height) {
            pixmap.fill_path(&area, &ink(0x50), FillRule::Winding, Transform::identity(), None);
        }
        if let Some(line) = line(&points, step) {
            let stroke = Stroke { width: 3.0, ..Stroke::default() };
            pixmap.stroke_path(&line, &ink(0xff), &stroke, Transform::identity(), None);
        }
    }
    for (minute, _) in trend.ends.iter().enumerate().filter(|(_, ends)| **ends > 0) {
        let bar = Rect::from_xywh((middle(minute) - BAR / 2.0).round(), 0.0, BAR, height)?;
        pixmap.fill_rect(bar, &ink(0xff), Transform::identity(), None);
    }
    let rgba = pixmap.pixels().iter().flat_map(|pixel| {
        let colour = pixel.demultiply();
        [colour.red(), colour.green(), colour.blue(), colour.alpha()]
    });
    Some(Picture { width: TREND_WIDTH, height: TREND_HEIGHT, rgba: rgba.collect() })
}

/// The minutes in which memory is known, parted where it is not.
fn runs(memory: &[Option<u64>]) -> Vec<Vec<(usize, u64)>> {
    let known: Vec<(usize, Option<u64>)> = memory.iter().copied().enumerate().collect();
    known
        .split(|(_, bytes)| bytes.is_none())
        .map(|run| run.iter().filter_map(|(minute, bytes)| bytes.map(|bytes| (*minute, bytes))).collect())
        .filter(|run: &Vec<_>| !run.is_empty())
        .collect()
}

/// A line through the points, as wide as the minutes that it speaks of: half a step beyond the first and the last.
fn line(points: &[(f32, f32)], step: f32) -> Option<Path> {
    let (first, last) = (points.first()?, points.last()?);
    let mut path = PathBuilder::new();
    path.move_to(first.0 - step / 2.0, first.1);
    for (x, y) in points {
        path.line_to(*x, *y);
    }
    path.line_to(last.0 + step / 2.0, last.1);
    path.finish()
}

/// What is below that line.
fn area(points: &[(f32, f32)], step: f32, floor: f32) -> Option<Path> {
    let (first, last) = (points.first()?, points.last()?);
    let mut path = PathBuilder::new();
    path.move_to(first.0 - step / 2.0, floor);
    path.line_to(first.0 - step / 2.0, first.1);
    for (x, y) in points {
        path.line_to(*x, *y);
    }
    path.line_to(last.0 + step / 2.0, last.1);
    path.line_to(last.0 + step / 2.0, floor);
    path.close();
    path.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPES: [Shape; 5] = [Shape::Calm, Shape::Looking, Shape::Advice, Shape::Trouble, Shape::Muted];

    /// How light each pixel is where it would stand on black.
    fn light(picture: &Picture) -> impl Iterator<Item = u8> {
        picture.rgba.chunks_exact(4).map(|pixel| if pixel[3] > 127 { pixel[0] } else { 0 })
    }

    fn alphas(picture: &Picture) -> impl Iterator<Item = u8> {
        picture.rgba.chunks_exact(4).map(|pixel| pixel[3])
    }

    #[test]
    fn every_shape_is_drawn_and_no_two_are_alike() {
        let mut pictures = Pictures::default();
        for ink in [Ink::Template, Ink::Plate] {
            let drawn: Vec<_> = SHAPES.iter().map(|shape| pictures.icon(*shape, ICON_HEIGHT, ink).unwrap()).collect();
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
            let picture = pictures.icon(shape, ICON_HEIGHT, Ink::Template).unwrap();
            assert!(picture.rgba.chunks_exact(4).all(|pixel| pixel[..3] == [0, 0, 0]), "{shape:?}");
            let side = ICON_HEIGHT as usize;
            let border = alphas(&picture)
                .enumerate()
                .filter(|(at, _)| at / side == 0 || at / side == side - 1 || at % side == 0 || at % side == side - 1);
            assert!(border.map(|(_, alpha)| alpha).all(|alpha| alpha == 0), "{shape:?}");
        }
    }

    #[test]
    fn a_plate_is_light_on_dark_and_has_round_corners() {
        let picture = Pictures::default().icon(Shape::Calm, ICON_HEIGHT, Ink::Plate).unwrap();
        assert_eq!(picture.rgba[3], 0);
        let greys: Vec<u8> =
            picture.rgba.chunks_exact(4).filter(|pixel| pixel[3] == 255).map(|pixel| pixel[0]).collect();
        assert!(greys.iter().filter(|grey| **grey > 0xd0).count() > 200);
        assert!(greys.iter().filter(|grey| **grey < 0x50).count() > 1000);
    }

    #[test]
    fn the_same_is_drawn_once() {
        let mut pictures = Pictures::default();
        let first = pictures.icon(Shape::Calm, 44, Ink::Template).unwrap();
        assert!(Arc::ptr_eq(&first, &pictures.icon(Shape::Calm, 44, Ink::Template).unwrap()));
        let trend = Trend { memory: vec![Some(5), None, Some(7)], ends: vec![0, 1, 0] };
        let first = pictures.trend(&trend).unwrap();
        for other in 0..TRENDS_KEPT as u64 - 1 {
            pictures.trend(&Trend { memory: vec![Some(other)], ends: vec![] }).unwrap();
        }
        assert!(Arc::ptr_eq(&first, &pictures.trend(&trend).unwrap()));
        assert_eq!(pictures.trends.len(), TRENDS_KEPT);
    }

    /// Whether anything is drawn in a column.
    fn drawn(picture: &Picture, x: u32) -> usize {
        (0..picture.height).filter(|y| picture.rgba[4 * (y * picture.width + x) as usize + 3] > 200).count()
    }

    #[test]
    fn ends_are_bars_from_top_to_bottom_and_unknown_memory_is_a_gap() {
        let trend = Trend { memory: vec![Some(100), None, Some(100), None], ends: vec![0, 0, 0, 2] };
        let picture = Pictures::default().trend(&trend).unwrap();
        let step = TREND_WIDTH / 4;
        assert!((1..6).contains(&drawn(&picture, step / 2)), "a line");
        assert_eq!(drawn(&picture, step + step / 2), 0, "a gap");
        assert_eq!(drawn(&picture, 3 * step + step / 2), TREND_HEIGHT as usize, "a bar");
    }

    #[test]
    fn a_trend_of_nothing_is_an_empty_picture() {
        let picture = Pictures::default().trend(&Trend::default()).unwrap();
        assert!(alphas(&picture).all(|alpha| alpha == 0));
    }
}
