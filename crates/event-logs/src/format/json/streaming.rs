//! Defender's streaming export: `{"time":…,"tenantId":…,"category":"AdvancedHunting-<Table>","properties":{…}}`.
//!
//! The row is what `properties` holds. Of the envelope, the tenant and, where the row has none, the time are kept.

use super::scan::{Field, Kind};
use crate::table_choice::is_identifier;

/// What the category of such a record begins with; the table's name follows.
pub(crate) const CATEGORY_PREFIX: &str = "AdvancedHunting-";

/// The parts of a streaming record, as values of its fields.
pub(crate) struct Envelope<'a> {
    /// The table of the row.
    pub(crate) table: &'a str,
    /// The row's object.
    pub(crate) properties: Field,
    pub(crate) time: Option<Field>,
    pub(crate) tenant: Option<Field>,
}

/// The envelope that a record is; `None` when it is none.
pub(crate) fn envelope<'a>(record: &'a str, fields: &[Field]) -> Option<Envelope<'a>> {
    let text = |(start, end): (u32, u32)| &record[start as usize..end as usize];
    let field = |key: &str, is: &dyn Fn(Kind) -> bool| {
        fields.iter().find(|f| is(f.kind) && text(f.key).eq_ignore_ascii_case(key)).copied()
    };
    let is_text = |kind: Kind| matches!(kind, Kind::String(_));
    // Most records are none: their fields are looked through only when one has the object.
    let properties = field("properties", &|kind| kind == Kind::Object)?;
    let category = field("category", &is_text)?;
    let table = text(category.value).strip_prefix(CATEGORY_PREFIX).filter(|name| is_identifier(name))?;
    Some(Envelope { table, properties, time: field("time", &is_text), tenant: field("tenantId", &is_text) })
}
