//! A sheet of figures: one line each, and a verdict over all of them.
//!
//! A figure over its budget is `OVER`; machines are noisy, so only one that is over by a factor of two makes the
//! benchmark fail.

use std::process::ExitCode;

/// Over by this factor is a failure.
const FAILS_AT: f64 = 2.0;

/// See the module.
#[derive(Default)]
pub struct Sheet {
    failed: bool,
}

impl Sheet {
    /// A figure that must not be above its budget.
    pub fn at_most(&mut self, name: &str, measured: f64, budget: f64, unit: &str) {
        self.figure(name, measured, ("<=", budget), unit, measured / budget);
    }

    /// A figure that must not be below its budget.
    pub fn at_least(&mut self, name: &str, measured: f64, budget: f64, unit: &str) {
        self.figure(name, measured, (">=", budget), unit, budget / measured);
    }

    fn figure(&mut self, name: &str, measured: f64, (sign, budget): (&str, f64), unit: &str, over: f64) {
        // What could not be measured compares with nothing, and is no success.
        let fits = over <= 1.0;
        self.failed |= over.is_nan() || over > FAILS_AT;
        let verdict = if fits { "ok" } else { "OVER" };
        println!("{name:<58} {:>14} {unit:<10} {sign} {:>10}  {verdict}", number(measured), number(budget));
    }

    /// A figure without a budget, for those who read.
    pub fn note(&mut self, name: &str, measured: f64, unit: &str) {
        println!("{name:<58} {:>14} {unit:<10} {:>13}  -", number(measured), "no budget");
    }

    /// The verdict over all figures.
    pub fn verdict(&self) -> ExitCode {
        if self.failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}

fn number(value: f64) -> String {
    match value.abs() {
        v if v >= 100.0 => format!("{value:.0}"),
        v if v >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    }
}

/// The middle one.
pub fn median(values: &mut [f64]) -> f64 {
    quantile(values, 50)
}

/// The value that this percentage of all values does not pass; NaN of none.
pub fn quantile(values: &mut [f64], percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    let rank = (values.len() * percent).div_ceil(100);
    values.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}
