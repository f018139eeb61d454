//! `externaldata`: the rows of a file that was given by name. Nothing is ever fetched.
//!
//! Source: Kusto documentation, `externaldata-operator`, `ingestion-supported-formats`, `mappings`: the format is what
//! `format` says, else what the name's ending says, else csv; fields of separated text go to columns by their
//! position, properties of JSON by their name, or as `ingestionMapping` says.

use super::{Resolver, ResultColumn, Tabular};
use crate::functions::json_path::{self, Step};
use crate::plan::{External, ExternalField, FileFormat, NodeKind};
use crate::resolve::scope::RowScope;
use crate::scalar::convert::to_text;
use event_table::{Dynamic, NamedFile, TableSet, Value};
use kql_syntax::ast::{ColumnDecl, Expr as Ast, Property};
use kql_syntax::{Diagnostic, Span};

/// A file that a query reads by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalFile {
    /// The name that its address ends with.
    pub name: String,
    /// The address in the text.
    pub span: Span,
    /// Whether a file of that name is there.
    pub is_loaded: bool,
}

/// What can be written behind `with`.
const PROPERTIES: &[&str] = &["format", "ignoreFirstRecord", "ingestionMapping"];
/// Formats that are read.
const FORMATS: &[(&str, FileFormat)] = &[
    ("csv", FileFormat::Quoted(b',')),
    ("json", FileFormat::Json),
    ("multijson", FileFormat::MultiJson),
    ("psv", FileFormat::Quoted(b'|')),
    ("raw", FileFormat::Raw),
    ("scsv", FileFormat::Quoted(b';')),
    ("sohsv", FileFormat::Quoted(1)),
    ("tsv", FileFormat::Tabs),
    ("txt", FileFormat::Lines),
];
/// Formats that Kusto reads and this engine does not.
const REFUSED: &[&str] =
    &["apacheavro", "avro", "azmonstream", "orc", "parquet", "singlejson", "sstream", "tsve", "w3clogfile"];

/// The name of the file that an address ends with: the last part of its path, without what follows `?`, `#` or `;`.
/// `None` for an address without a path.
#[must_use]
pub fn external_name(address: &str) -> Option<String> {
    let path = address.trim().split(['?', '#', ';']).next()?;
    let path = match path.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?.1,
        None => path,
    };
    let last = path.split(['/', '\\']).rfind(|part| !part.is_empty())?;
    Some(percent_decoded(last))
}

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16));
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        if bytes[at] == b'%'
            && let (Some(high), Some(low)) = (digit(at + 1), digit(at + 2))
        {
            out.push((high * 16 + low) as u8);
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

/// Whether a file of one name is what an address of another name means: case is no matter, nor whether one of them is
/// packed (`.gz`, `.zip`).
#[must_use]
pub fn is_external(file: &str, wanted: &str) -> bool {
    unpacked_name(file).eq_ignore_ascii_case(unpacked_name(wanted))
}

fn unpacked_name(name: &str) -> &str {
    let packed = |ending: &&str| {
        let at = name.len().checked_sub(ending.len()).filter(|at| *at > 0 && name.is_char_boundary(*at));
        at.is_some_and(|at| name[at..].eq_ignore_ascii_case(ending))
    };
    [".gz", ".zip"].iter().find(|ending| packed(ending)).map_or(name, |ending| &name[..name.len() - ending.len()])
}

/// The file that a name means; one of just that name before others.
fn file<'t>(tables: &'t TableSet, name: &str) -> Option<&'t NamedFile> {
    let files = tables.files();
    files.iter().find(|file| file.name() == name).or_else(|| files.iter().find(|file| is_external(file.name(), name)))
}

impl Resolver<'_> {
    pub(super) fn external_data(
        &mut self,
        decls: &[ColumnDecl],
        addresses: &[Ast],
        properties: &[Property],
        span: Span,
    ) -> Option<Tabular> {
        let columns = self.declared_columns(decls)?;
        let mut is_right = true;
        let (mut format, mut skip_first, mut mapping) = (None, false, None);
        for property in properties {
            let word = super::parsing::word(&property.value);
            match PROPERTIES.iter().position(|name| name.eq_ignore_ascii_case(&property.name.text)) {
                Some(0) => match self.file_format(&word, property.value.span) {
                    Some(known) => format = Some(known),
                    None => is_right = false,
                },
                Some(1) => match &*word.to_ascii_lowercase() {
                    "true" => skip_first = true,
                    "false" => skip_first = false,
                    _ => {
                        self.error("unknown-word", property.value.span, "`ignoreFirstRecord` is true or false.");
                        is_right = false;
                    }
                },
                Some(_) => mapping = Some((word, property.value.span)),
                None => {
                    let name = &property.name.text;
                    let found = Diagnostic::error(
                        "unknown-word",
                        property.name.span,
                        format!("`externaldata` has no property '{name}'."),
                    );
                    self.report(found.with_hint(format!("It has {}.", PROPERTIES.join(", "))));
                    is_right = false;
                }
            }
        }
        if addresses.is_empty() {
            self.error("no-file", span, "`externaldata` names no file.");
            is_right = false;
        }
        let mut files = Vec::new();
        for address in addresses {
            match self.external_file(address) {
                Some((file, name)) => files.push((file, format.unwrap_or_else(|| by_ending(&name)))),
                None => is_right = false,
            }
        }
        let is_json = |format: FileFormat| matches!(format, FileFormat::Json | FileFormat::MultiJson);
        let json = files.first().map(|(_, format)| is_json(*format)).or(format.map(is_json));
        if files.iter().any(|(_, format)| Some(is_json(*format)) != json) {
            self.error("format", span, "These files have different formats: say one with `format`.");
            is_right = false;
        }
        let json = json.unwrap_or_default();
        let fields = match mapping {
            Some((text, place)) => self.mapped_fields(&text, &columns, json, place),
            None => Some(
                columns
                    .iter()
                    .enumerate()
                    .map(|(index, column)| match json {
                        true => ExternalField::Path(vec![Step::Property(column.name.to_string())]),
                        false => ExternalField::Position(index),
                    })
                    .collect(),
            ),
        };
        is_right &= fields.is_some();
        if !is_right && !self.diagnostics.iter().any(|d| d.severity == kql_syntax::Severity::Error) {
            // The parser told of it.
            return None;
        }
        let external = External { files, skip_first, fields: fields.unwrap_or_default() };
        // Its columns are known even where the file is not there: what stands behind it is looked at too.
        Some(self.add(NodeKind::External(Box::new(external)), columns, span))
    }

    /// The file that an address means, and the name that the address ends with.
    fn external_file(&mut self, address: &Ast) -> Option<(NamedFile, String)> {
        let value = self.scalar(address, &mut RowScope::empty())?;
        let Some(Value::String(text)) = value.as_constant() else {
            self.error("not-constant", address.span, "An address is expected here, as text.");
            return None;
        };
        let Some(name) = external_name(text) else {
            self.error("no-file", address.span, "This address names no file.");
            return None;
        };
        let found = file(self.tables, &name).cloned();
        let asked = ExternalFile { name: name.clone(), span: address.span, is_loaded: found.is_some() };
        if !self.external.contains(&asked) {
            self.external.push(asked);
        }
        if found.is_none() {
            let message = format!("The file '{name}' is not loaded, and nothing is fetched.");
            let missing = Diagnostic::error("file-not-loaded", address.span, message);
            self.report(
                missing.with_hint(format!("Load a file named '{name}' beside the logs: `externaldata` reads it.")),
            );
        }
        found.map(|file| (file, name))
    }

    fn file_format(&mut self, word: &str, span: Span) -> Option<FileFormat> {
        let lower = word.to_ascii_lowercase();
        let known = FORMATS.iter().find(|(name, _)| *name == lower).map(|(_, format)| *format);
        if known.is_none() {
            let names: Vec<&str> = FORMATS.iter().map(|(name, _)| *name).collect();
            let found = if REFUSED.contains(&&*lower) {
                let message = format!("The format '{lower}' is part of KQL but not supported here.");
                Diagnostic::error("unsupported", span, message).with_hint("Turn the file into csv or json.")
            } else {
                let message = format!("'{word}' is no format of files.");
                Diagnostic::error("unknown-word", span, message).with_hint(format!("Formats are {}.", names.join(", ")))
            };
            self.report(found);
        }
        known
    }

    /// What a mapping says of each column; a column that it does not name has no values.
    fn mapped_fields(
        &mut self,
        text: &str,
        columns: &[ResultColumn],
        json: bool,
        span: Span,
    ) -> Option<Vec<ExternalField>> {
        match mapped_fields(text, columns, json) {
            Ok(fields) => Some(fields),
            Err(words) => {
                self.error("mapping", span, words);
                None
            }
        }
    }
}

fn mapped_fields(text: &str, columns: &[ResultColumn], json: bool) -> Result<Vec<ExternalField>, String> {
    let parsed = Dynamic::from_json(text).map_err(|error| format!("This mapping is no JSON: {error}."))?;
    let elements = parsed.as_array().ok_or("A mapping is a JSON array with an element for each column.")?;
    let mut fields = vec![ExternalField::Constant(Value::Null); columns.len()];
    for element in elements {
        let name = property(element, "Column").or_else(|| property(element, "Name")).unwrap_or(&Dynamic::Null);
        let name = words(name);
        let column = columns.iter().position(|c| *c.name == *name);
        let column = column.ok_or_else(|| format!("The mapping names a column '{name}', which is not declared."))?;
        // Older mappings have the properties beside the name.
        let own = property(element, "Properties").unwrap_or(element);
        if property(own, "Transform").is_some_and(|t| !words(t).is_empty() && !words(t).eq_ignore_ascii_case("none")) {
            return Err("Transformations of a mapping are part of KQL but not supported here.".into());
        }
        fields[column] =
            if let Some(constant) = property(own, "ConstValue") {
                ExternalField::Constant(Value::string(&words(constant)))
            } else if json {
                let path = property(own, "Path").map(words).unwrap_or_default();
                ExternalField::Path(json_path::parse(&path).ok_or_else(|| {
                    format!("The mapping of '{name}' needs a Path such as $.Name, and '{path}' is none.")
                })?)
            } else {
                let ordinal = property(own, "Ordinal").map(words).unwrap_or_default();
                let position = ordinal.parse();
                ExternalField::Position(position.map_err(|_| format!("The mapping of '{name}' needs an Ordinal."))?)
            };
    }
    Ok(fields)
}

/// A property of a mapping, whose names are written in any case.
fn property<'d>(of: &'d Dynamic, name: &str) -> Option<&'d Dynamic> {
    match of {
        Dynamic::Bag(bag) => bag.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value),
        _ => None,
    }
}

fn words(value: &Dynamic) -> String {
    match value {
        Dynamic::Null => String::new(),
        other => to_text(&Value::dynamic(other.clone())).into_owned(),
    }
}

/// The format that a name's ending tells; csv when it tells none.
fn by_ending(name: &str) -> FileFormat {
    let ending = unpacked_name(name).rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    FORMATS.iter().find(|(name, _)| *name == ending).map_or(FileFormat::Quoted(b','), |(_, format)| *format)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_the_last_part_of_its_path() {
        for (address, name) in [
            ("https://host.example/data/users.txt", Some("users.txt")),
            ("https://host.example/data/users.txt?sv=2020&sig=a%2Fb/c", Some("users.txt")),
            ("https://account.example/c/part-0.csv.gz;managed_identity=system", Some("part-0.csv.gz")),
            ("https://host.example/My%20List.csv#top", Some("My List.csv")),
            ("https://host.example/odd%zz.csv", Some("odd%zz.csv")),
            ("https://host.example/downloads/csv_recent/", Some("csv_recent")),
            (" users.txt ", Some("users.txt")),
            (r"C:\lists\users.txt", Some("users.txt")),
            ("https://host.example", None),
            ("https://host.example/", None),
            ("", None),
        ] {
            assert_eq!(external_name(address).as_deref(), name, "{address}");
        }
    }

    #[test]
    fn packed_and_unpacked_files_stand_for_one_another() {
        for (file, wanted, is_it) in [
            ("users.txt", "users.txt", true),
            ("Users.TXT", "users.txt", true),
            ("part.csv", "part.csv.gz", true),
            ("part.csv.GZ", "part.csv", true),
            ("part.csv", "part.csv.zip", true),
            ("part.csv", "part.tsv", false),
            (".gz", "", false),
            ("ä", "ä.gz", true),
        ] {
            assert_eq!(is_external(file, wanted), is_it, "{file} {wanted}");
        }
    }
}
