//! Rows of bars, one above the other, over the same slots: drawn by hand as one path each, whatever the width.

use yew::prelude::*;

/// The smallest bar, as a share of the tallest: one alert is to be seen beside a thousand.
const LEAST: f64 = 0.25;

/// How the heights of bars go with their counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Twice as many are twice as tall.
    Even,
    /// For counts that differ a thousandfold.
    Logarithmic,
}

/// The bars of a lane in a box as wide as there are slots, and one tall.
pub fn bars(counts: &[usize], scale: Scale) -> String {
    let most = counts.iter().copied().max().unwrap_or(0);
    let height = |count: usize| match scale {
        Scale::Even => count as f64 / most as f64,
        Scale::Logarithmic => (count as f64).ln_1p() / (most as f64).ln_1p(),
    };
    let bar = |(slot, count): (usize, &usize)| {
        (*count > 0).then(|| {
            let top = 1.0 - (LEAST + (1.0 - LEAST) * height(*count));
            format!("M{:.2} 1V{top:.3}h.8V1z", slot as f64 + 0.1)
        })
    };
    counts.iter().enumerate().filter_map(bar).collect()
}

/// A lane with its name before it.
pub fn lane(name: Html, class: Classes, counts: &[usize], scale: Scale) -> Html {
    html! {
        <>
            <div class={classes!("lane-name", class.clone())}>{ name }</div>
            <svg class={classes!("lane", class)} viewBox={format!("0 0 {} 1", counts.len().max(1))} preserveAspectRatio="none" aria-hidden="true">
                <path d={bars(counts, scale)} />
            </svg>
        </>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tallest_bar_fills_the_lane_and_the_smallest_is_seen() {
        assert_eq!(bars(&[0, 4, 0, 1], Scale::Even), "M1.10 1V0.000h.8V1zM3.10 1V0.562h.8V1z");
        assert_eq!(bars(&[1, 999], Scale::Logarithmic), "M0.10 1V0.675h.8V1zM1.10 1V0.000h.8V1z");
        assert_eq!(bars(&[0, 0], Scale::Even), "");
        assert_eq!(bars(&[], Scale::Logarithmic), "");
    }
}
