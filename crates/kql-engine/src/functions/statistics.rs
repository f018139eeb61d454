//! The beta distribution, and Welch's test of two means.
//!
//! Source: Kusto documentation, the pages of the functions. **Our choice**: where the prose and the example of
//! `beta_inv` differ, the example holds: a probability that is none gives null, a parameter that is none gives NaN.

use super::{ScalarFunction, args};
use event_table::Value;
use statrs::function::beta::{checked_beta_reg, ln_beta};

pub(super) fn implementation(name: &str) -> Option<ScalarFunction> {
    Some(match name {
        "beta_cdf" => |_, a| of_reals(a, beta_cdf),
        "beta_inv" => |_, a| of_reals(a, beta_inv),
        "beta_pdf" => |_, a| of_reals(a, beta_pdf),
        "welch_test" => |_, a| of_reals(a, welch_test),
        _ => return None,
    })
}

/// A function of reals; null when one is missing.
fn of_reals<const N: usize>(a: &[Value], f: fn([f64; N]) -> Option<f64>) -> Value {
    let mut reals = [0.0; N];
    for (index, real) in reals.iter_mut().enumerate() {
        match args::real(a, index) {
            Some(n) => *real = n,
            None => return Value::Null,
        }
    }
    args::or_null(f(reals), Value::Real)
}

/// Whether a number is a parameter of the distribution, which goes up to 10,000 for the functions that add up.
fn parameter(n: f64) -> bool {
    n > 0.0 && n <= 10_000.0
}

/// Halvings of a range, after which a number in it is as near as a real can be, and a tiny one is near enough.
const HALVINGS: usize = 200;

/// The regularized incomplete beta function, NaN outside of its domain: there its own form panics.
fn beta_reg(a: f64, b: f64, x: f64) -> f64 {
    checked_beta_reg(a, b, x).unwrap_or(f64::NAN)
}

fn beta_cdf([x, alpha, beta]: [f64; 3]) -> Option<f64> {
    let fits = (0.0..=1.0).contains(&x) && parameter(alpha) && parameter(beta);
    Some(if fits { beta_reg(alpha, beta, x) } else { f64::NAN })
}

fn beta_inv([probability, alpha, beta]: [f64; 3]) -> Option<f64> {
    if !(parameter(alpha) && parameter(beta)) {
        return Some(f64::NAN);
    }
    (probability > 0.0 && probability <= 1.0).then(|| {
        // The distribution grows with x, so that halving finds it; statrs' inverse panics where both parameters are small.
        let (mut below, mut above) = (0.0, 1.0);
        for _ in 0..HALVINGS {
            let middle = below + (above - below) / 2.0;
            if beta_reg(alpha, beta, middle) < probability {
                below = middle;
            } else {
                above = middle;
            }
        }
        above
    })
}

fn beta_pdf([x, alpha, beta]: [f64; 3]) -> Option<f64> {
    let fits = x > 0.0 && x < 1.0 && alpha > 0.0 && beta > 0.0 && alpha.is_finite() && beta.is_finite();
    let density = || ((alpha - 1.0) * x.ln() + (beta - 1.0) * (-x).ln_1p() - ln_beta(alpha, beta)).exp();
    Some(if fits { density() } else { f64::NAN })
}

/// How probable so large a difference of the means is, on either side, if there is none.
fn welch_test([mean1, variance1, count1, mean2, variance2, count2]: [f64; 6]) -> Option<f64> {
    let (error1, error2) = (variance1 / count1, variance2 / count2);
    let squared = (mean1 - mean2).powi(2) / (error1 + error2);
    let freedom = (error1 + error2).powi(2) / (error1.powi(2) / (count1 - 1.0) + error2.powi(2) / (count2 - 1.0));
    let x = freedom / (freedom + squared);
    // Student's distribution by the incomplete beta function.
    Some(if freedom > 0.0 && x.is_finite() { beta_reg(freedom / 2.0, 0.5, x) } else { f64::NAN })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: Option<f64>, expected: f64) {
        let found = found.unwrap_or_else(|| panic!("null instead of {expected}"));
        assert!((found - expected).abs() < 1e-12 || found.is_nan() && expected.is_nan(), "{found} {expected}");
    }

    /// The pages' examples.
    #[test]
    fn the_beta_distribution_is_that_of_the_pages() {
        near(beta_cdf([0.9, 10.0, 20.0]), 0.999999999999959);
        near(beta_inv([0.1, 10.0, 20.0]), 0.226415022388749);
        near(beta_pdf([0.5, 10.0, 20.0]), 0.746176019310951);
        for (f, x) in
            [(beta_cdf as fn([f64; 3]) -> Option<f64>, -10.0), (beta_cdf, 1.5), (beta_pdf, 1.5), (beta_pdf, -10.0)]
        {
            near(f([x, 10.0, 20.0]), f64::NAN);
        }
        for f in [beta_cdf, beta_inv, beta_pdf] {
            near(f([0.1, -1.0, 20.0]), f64::NAN);
        }
        assert_eq!(beta_inv([1.5, 10.0, 20.0]), None);
    }

    #[test]
    fn what_lies_outside_of_a_domain_is_no_panic() {
        let edges = [0.0, -0.0, 1e-300, 1e-9, 0.1, 0.5, 1.0 - 1e-16, 1.0, 1.5, 2.0, 1e4, 1e300, -1.0, -1e300];
        let numbers: Vec<f64> = edges.into_iter().chain([f64::NAN, f64::INFINITY, f64::NEG_INFINITY]).collect();
        for &a in &numbers {
            for &b in &numbers {
                for &c in &numbers {
                    for f in [beta_cdf, beta_inv, beta_pdf] {
                        f([a, b, c]);
                    }
                    for &d in &numbers {
                        welch_test([a, b, c, d, b, c]);
                        welch_test([a, b, c, c, d, a]);
                    }
                }
            }
        }
    }

    /// The two series of the page's example; the value comes from integrating Student's density in steps.
    #[test]
    fn welch_tells_how_probable_a_difference_is() {
        let (a, b) = (
            [27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4],
            [27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 20.5, 24.4],
        );
        let [(m, v), (n, w)] = [a, b].map(|series| {
            let mean = series.iter().sum::<f64>() / 15.0;
            (mean, series.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 14.0)
        });
        near(welch_test([m, v, 15.0, n, w, 15.0]), 0.021378001462832);
        near(welch_test([1.0, 0.0, 5.0, 1.0, 0.0, 5.0]), f64::NAN);
    }
}
