//! What operators are called where a run says that it ran out of memory, and what to do about it.

use crate::ip::Family;
use crate::plan::{NodeKind, Parts};

/// An operator's name, and how it would take less.
pub(super) fn operator(kind: &NodeKind) -> (&'static str, &'static str) {
    const FILTER: &str = "Filter the rows before it.";
    match kind {
        NodeKind::Join(_) => ("`join`", "Filter both sides before it, or join on more columns."),
        NodeKind::AddressLookup(lookup) => match lookup.family {
            Family::V4 => ("`ipv4_lookup`", FILTER),
            Family::V6 => ("`ipv6_lookup`", FILTER),
        },
        NodeKind::Narrow(_) => ("`narrow`", FILTER),
        NodeKind::RowsNear(_) => ("`rows_near`", FILTER),
        NodeKind::Summarize(..) => {
            ("`summarize`", "Filter the rows before it, group by fewer values, or give make_list and make_set a size.")
        }
        NodeKind::Distinct(_) => ("`distinct`", "Filter the rows before it, or name fewer columns."),
        NodeKind::Expand(_) => ("`mv-expand`", "Filter the rows before it, or write `limit` behind it."),
        NodeKind::Apply(apply) => match apply.parts {
            Parts::Rows(_) => ("`mv-apply`", "Filter the rows before it, or write `limit` behind it."),
            Parts::Values(..) => ("`partition`", FILTER),
        },
        NodeKind::Series(_) => ("`make-series`", "Take a longer step, a shorter time, or fewer keys."),
        NodeKind::Sort(..) => ("`sort`", "Filter the rows before it, or write `top`."),
        NodeKind::Top(..) => ("`top`", FILTER),
        NodeKind::Project(..) => {
            ("Computing columns (`extend`, `project`)", "Filter the rows before it, or make shorter values.")
        }
        NodeKind::Filter(..) => ("`where`", "Test stored columns first, so that less is computed."),
        NodeKind::Union(_) => ("`union`", "Filter its legs."),
        NodeKind::Range(_) => ("`range`", "Take a longer step."),
        NodeKind::Window(..) => ("`serialize`", FILTER),
        NodeKind::Parse(_) => ("`parse`", FILTER),
        NodeKind::ParseKv(_) => ("`parse-kv`", FILTER),
        NodeKind::TopNested(..) => ("`top-nested`", FILTER),
        NodeKind::Scan(_) => ("`scan`", FILTER),
        NodeKind::Unpack(_) => ("`bag_unpack`", FILTER),
        NodeKind::Pivot(_) => ("`pivot`", FILTER),
        NodeKind::Sample(..) => ("`sample`", FILTER),
        NodeKind::External(_) => ("`externaldata`", "Take a smaller file."),
        NodeKind::Table(_)
        | NodeKind::Values(_)
        | NodeKind::Schema(_)
        | NodeKind::Take(..)
        | NodeKind::Count(_)
        | NodeKind::Part => ("This query", FILTER),
    }
}
