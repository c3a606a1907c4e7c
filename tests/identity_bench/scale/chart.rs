//! The costs as a chart: two panels over the number of customers, on a logarithmic axis.

use super::measure::{Cost, EVENTS};
use crate::case::Case;
use std::fmt::Write;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 330.0;
const TOP: f64 = 60.0;
const BOTTOM: f64 = 262.0;
const LEGEND: f64 = HEIGHT - 16.0;
/// Of what is no measurement.
const RULE: (&str, &str) = ("#ddd", "1");
/// Between the smallest and the largest graph.
const SPAN: f64 = 270.0;
/// Okabe and Ito's colours, which the colour-blind tell apart, with the lines' widths: one shows
/// beneath another.
const PENS: [(&str, &str); 4] =
    [("#0072B2", "2.5"), ("#009E73", "5"), ("#E69F00", "2.5"), ("#D55E00", "2.5")];

/// One panel.
struct Panel<'c> {
    title: &'static str,
    left: f64,
    /// The end of the vertical axis, which begins at 0 and is marked at each whole number.
    top: u32,
    costs: &'c [Cost],
}

/// Draws requests and time.
pub(super) fn draw(costs: &[Cost]) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"12\" role=\"img\">\n\
         <title>Requests and time per event by the number of customers</title>\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"white\"/>\n"
    );
    let requests = |cost: &Cost| cost.requests.reads + cost.requests.writes + cost.requests.sends;
    let requests = |cost: &Cost| ratio(requests(cost), EVENTS);
    let smallest = |cost: &Cost| costs.iter().find(|first| first.case == cost.case);
    let step = |cost: &Cost| smallest(cost).map_or(1.0, |first| cost.step / first.step);
    let whole = |cost: &Cost| smallest(cost).map_or(1.0, |first| cost.whole / first.whole);
    let title = "Requests per event";
    let panel = Panel { title, left: 50.0, top: 8, costs };
    panel.frame(&mut svg);
    panel.lines(&mut svg, "", requests);
    let title = "Processor time per event, 1,000 customers = 1";
    let panel = Panel { title, left: 435.0, top: ceiling(costs.iter().map(whole)), costs };
    panel.frame(&mut svg);
    panel.lines(&mut svg, "", step);
    panel.lines(&mut svg, " stroke-dasharray=\"2 4\" opacity=\"0.6\"", whole);
    for (index, (case, pen)) in Case::ALL.into_iter().zip(PENS).enumerate() {
        let (x, name) = (50.0 + 130.0 * ratio(index, 1), super::page::name(case));
        text(&mut svg, x + 18.0, HEIGHT - 12.0, "start", name);
        line(&mut svg, &format!("{x},{LEGEND} {},{LEGEND}", x + 14.0), pen, "");
    }
    text(&mut svg, panel.left, TOP - 14.0, "start", "dotted: with the stand-in's own time");
    svg + "</svg>\n"
}

impl Panel<'_> {
    fn frame(&self, svg: &mut String) {
        text(svg, self.left, TOP - 32.0, "start", self.title);
        for mark in 0..=self.top {
            let y = self.y(f64::from(mark));
            line(svg, &format!("{},{y} {},{y}", self.left, self.left + SPAN), RULE, "");
            text(svg, self.left - 8.0, y + 4.0, "end", &mark.to_string());
        }
        for size in super::measure::SIZES {
            text(svg, self.x(size), BOTTOM + 18.0, "middle", &super::page::thousands(size));
        }
        text(svg, self.left + SPAN / 2.0, BOTTOM + 34.0, "middle", "customers");
    }

    fn lines(&self, svg: &mut String, style: &str, value: impl Fn(&Cost) -> f64) {
        for (case, pen) in Case::ALL.into_iter().zip(PENS) {
            let costs = self.costs.iter().filter(|cost| cost.case == case);
            let point =
                |cost: &Cost| format!("{:.1},{:.1}", self.x(cost.size), self.y(value(cost)));
            let points: Vec<_> = costs.map(point).collect();
            line(svg, &points.join(" "), pen, style);
        }
    }

    fn x(&self, size: usize) -> f64 {
        let [first, .., last] = super::measure::SIZES;
        self.left + SPAN * ratio(size, first).log10() / ratio(last, first).log10()
    }

    fn y(&self, value: f64) -> f64 {
        BOTTOM - (BOTTOM - TOP) * value / f64::from(self.top)
    }
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, text: &str) {
    let start = format!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" fill=\"#333\">");
    writeln!(svg, "{start}{text}</text>").expect("a string takes everything");
}

fn line(svg: &mut String, points: &str, (colour, width): (&str, &str), style: &str) {
    let pen = format!("fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"{style}");
    writeln!(svg, "<polyline points=\"{points}\" {pen}/>").expect("a string takes everything");
}

fn ceiling(values: impl Iterator<Item = f64>) -> u32 {
    let highest = values.fold(1.0, f64::max);
    (1..100).find(|whole| f64::from(*whole) >= highest).unwrap_or(100)
}

#[expect(clippy::cast_precision_loss, reason = "a drawing shows a few digits")]
fn ratio(one: usize, other: usize) -> f64 {
    one as f64 / other as f64
}
