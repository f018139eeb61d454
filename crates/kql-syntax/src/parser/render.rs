//! `render`: a chart and its properties.

use super::Parser;
use super::names::NamePlace;
use crate::SyntaxKind::*;

/// Properties of `render … with (…)`.
const RENDER_PROPERTIES: &[&str] = &[
    "accumulate",
    "anomalycolumns",
    "kind",
    "legend",
    "series",
    "title",
    "xaxis",
    "xcolumn",
    "xmax",
    "xmin",
    "xtitle",
    "yaxis",
    "ycolumns",
    "ymax",
    "ymin",
    "ysplit",
    "ytitle",
];

impl Parser<'_> {
    /// Reads `chart with (…)`; older queries put properties right after the chart.
    pub(super) fn render(&mut self) {
        if self.at(Word) {
            self.node(Name, Self::bump);
        } else if self.at(Long) && self.is_adjacent_word(1) {
            // `3Dchart`.
            self.node(Name, |parser| parser.bump_times(2));
        } else {
            self.error("expected-name", format!("Expected a chart such as `timechart` {}.", self.found()));
        }
        loop {
            match self.word(0) {
                "kind" | "title" | "accumulate" if self.kind(1) == Equal => {
                    self.start(Property);
                    self.node(Name, Self::bump_keyword);
                    self.bump();
                    self.property_value();
                    self.finish();
                }
                "by" => self.node(Property, |parser| {
                    parser.node(Name, Self::bump_keyword);
                    parser.comma_list(|parser| {
                        if parser.name_tokens(0) > 0 {
                            parser.node(NameExpr, |parser| parser.bump_name(NamePlace::Declared));
                        } else {
                            parser.error("expected-name", format!("Expected a column's name {}.", parser.found()));
                        }
                    });
                }),
                "with" => {
                    let mut takes_several = false;
                    self.with_clause(|parser| takes_several = parser.render_property(takes_several));
                    return;
                }
                _ => return,
            }
        }
    }

    /// Reads `title = "…"`, or a further value of the property before; says whether more values may follow.
    fn render_property(&mut self, goes_on: bool) -> bool {
        let mut takes_several = goes_on;
        self.start(Property);
        if self.at(Word) && self.kind(1) == Equal {
            takes_several = matches!(self.text_of(0), "anomalycolumns" | "series" | "ycolumns");
            self.known_property("of a chart", RENDER_PROPERTIES);
            self.bump();
        } else if !goes_on {
            self.error("expected-name", format!("Expected a property such as `title =` {}.", self.found()));
        }
        self.property_value();
        self.finish();
        takes_several
    }

    fn is_adjacent_word(&self, ahead: usize) -> bool {
        self.kind(ahead) == Word && self.is_adjacent(ahead)
    }
}
