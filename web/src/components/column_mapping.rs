//! What the columns of a log stand for, said by hand.

use detection::{ColumnMapping, LogColumnReport, LogColumns, Proposal};
use event_table::schema;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::visible::visible;
use crate::words::list;

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct ColumnMappingsProps {
    /// The log's columns.
    pub columns: LogColumns,
    /// The table that its rows are to be of.
    pub table: String,
    /// What some of them stand for.
    pub mapped: Vec<ColumnMapping>,
    /// The columns that the rule's conditions read, by table.
    pub read_columns: Vec<(String, String)>,
    /// Other columns are to stand for something.
    pub on_columns: Callback<Vec<ColumnMapping>>,
    /// What is proposed is to be taken.
    pub on_proposal: Callback<Proposal>,
}

/// What the columns of a log stand for.
#[component]
pub fn ColumnMappings(props: &ColumnMappingsProps) -> Html {
    let schema = schema::published(&props.table);
    let read: Vec<&str> =
        props.read_columns.iter().filter(|(table, _)| *table == props.table).map(|(_, column)| &**column).collect();
    let known = schema.map_or(&[][..], |schema| &schema.columns);
    // What the rule reads comes first.
    let (first, others): (Vec<&str>, Vec<&str>) =
        known.iter().map(|column| &*column.name).partition(|name| read.contains(name));
    let lacking = lacking(&read, &props.columns.columns, &props.mapped);
    let is_open = use_state_eq(|| !props.mapped.is_empty() || !props.columns.proposals.is_empty());
    let on_toggle = {
        let is_open = is_open.clone();
        Callback::from(move |event: Event| {
            is_open.set(event.target_unchecked_into::<web_sys::Element>().has_attribute("open"))
        })
    };
    let proposals = props.columns.proposals.iter().filter(|proposal| {
        proposal.table != props.table
            || proposal.columns.iter().any(|column| !props.mapped.contains(column) && column.from != column.to)
    });
    let proposal = |proposal: &Proposal| {
        let on_take = {
            let (take, proposal) = (props.on_proposal.clone(), proposal.clone());
            Callback::from(move |_: MouseEvent| take.emit(proposal.clone()))
        };
        html! {
            <p class="row">
                <span>{ format!("Its columns look like those of {}.", kind(&proposal.table)) }</span>
                <button type="button" onclick={on_take}>{ format!("Fill in for {}", proposal.table) }</button>
            </p>
        }
    };
    let row = |(place, column): (usize, &LogColumnReport)| {
        let mapped = props.mapped.iter().find(|mapped| mapped.from == column.name);
        let value = mapped.map(|mapped| mapped.to.clone()).unwrap_or_default();
        let problem = mapped.and_then(|mapped| problem(mapped, &props.mapped, schema));
        let on_change = {
            let (columns, mapped, from) = (props.on_columns.clone(), props.mapped.clone(), column.name.clone());
            Callback::from(move |event: InputEvent| {
                let to = event.target_unchecked_into::<HtmlInputElement>().value();
                columns.emit(with_mapping(&mapped, &from, to.trim()));
            })
        };
        let own = if column.column == column.name || mapped.is_some() { "its own name" } else { &column.column };
        html! {
            <tr key={place}>
                <th scope="row">{ visible(&column.name) }</th>
                <td class="example">{ visible(&column.example) }</td>
                <td>
                    <input
                        type="text"
                        list="mapping-columns"
                        autocomplete="off"
                        spellcheck="false"
                        placeholder={own.to_owned()}
                        aria-label={format!("What {} stands for", column.name)}
                        aria-invalid={problem.is_some().to_string()}
                        {value}
                        oninput={on_change}
                    />
                    if let Some(problem) = problem { <span class="warn">{ problem }</span> }
                </td>
            </tr>
        }
    };
    html! {
        <details class="mapping" open={*is_open} ontoggle={on_toggle}>
            <summary>{ "What its columns stand for" }</summary>
            { for proposals.map(proposal) }
            <datalist id="mapping-columns">
                { for first.iter().chain(&others).map(|name| html! { <option value={(*name).to_owned()} /> }) }
            </datalist>
            <div class="mapping-table">
                <table>
                    <thead><tr><th scope="col">{ "Column of the log" }</th><th scope="col">{ "First value" }</th><th scope="col">{ "Stands for" }</th></tr></thead>
                    <tbody>{ for props.columns.columns.iter().enumerate().map(row) }</tbody>
                </table>
            </div>
            <p class="soft" role="status">
                if !lacking.is_empty() {
                    { format!("The rule reads {} of {} too, which no column stands for.", list(&lacking), props.table) }
                } else if !read.is_empty() {
                    { format!("Every column of {} that the rule reads is there.", props.table) }
                } else if schema.is_none() {
                    { "Choose a table to have its columns proposed." }
                }
            </p>
            <p class="soft">{ "It is kept for the next log with the same columns." }</p>
        </details>
    }
}

/// What rows of a table tell of.
fn kind(table: &str) -> &'static str {
    match table {
        "DeviceNetworkEvents" => "a log of connections, as of a proxy or a firewall",
        "DeviceProcessEvents" => "a log of processes",
        _ => "a known log",
    }
}

/// The columns that the rule reads and that nothing stands for.
fn lacking(read: &[&str], columns: &[LogColumnReport], mapped: &[ColumnMapping]) -> Vec<String> {
    let stands_for = |name: &str| {
        let is_own = |column: &&LogColumnReport| mapped.iter().all(|mapped| mapped.from != column.name);
        mapped.iter().any(|mapped| mapped.to.eq_ignore_ascii_case(name))
            || columns.iter().filter(is_own).any(|column| column.name.eq_ignore_ascii_case(name))
    };
    read.iter().filter(|name| !stands_for(name)).map(|name| (*name).to_owned()).collect()
}

/// What is wrong with what a column is said to stand for.
fn problem(mapped: &ColumnMapping, all: &[ColumnMapping], schema: Option<&event_table::TableSchema>) -> Option<String> {
    let first = all.iter().find(|other| other.to.eq_ignore_ascii_case(&mapped.to))?;
    if first.from != mapped.from {
        return Some(format!("{} stands for it already", first.from));
    }
    let schema = schema?;
    let is_known = schema.columns.iter().any(|column| column.name.eq_ignore_ascii_case(&mapped.to));
    (!is_known).then(|| format!("{} has no such column", schema.name))
}

/// What columns stand for once one of them stands for something else; an empty name is its own.
fn with_mapping(mapped: &[ColumnMapping], from: &str, to: &str) -> Vec<ColumnMapping> {
    let mut mapped = mapped.to_vec();
    match mapped.iter().position(|known| known.from == from) {
        Some(place) if to.is_empty() => drop(mapped.remove(place)),
        Some(place) => to.clone_into(&mut mapped[place].to),
        None if to.is_empty() => {}
        None => mapped.push(ColumnMapping { from: from.to_owned(), to: to.to_owned() }),
    }
    mapped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(from: &str, to: &str) -> ColumnMapping {
        ColumnMapping { from: from.into(), to: to.into() }
    }

    #[test]
    fn a_name_is_given_changed_and_taken_back() {
        let one = with_mapping(&[], "host", "RemoteUrl");
        assert_eq!(one, [mapping("host", "RemoteUrl")]);
        assert_eq!(with_mapping(&one, "host", "RemoteIP"), [mapping("host", "RemoteIP")]);
        assert_eq!(with_mapping(&one, "host", ""), []);
        assert_eq!(with_mapping(&one, "other", ""), one);
    }

    #[test]
    fn what_the_rule_reads_and_nothing_stands_for_is_told() {
        let column = |name: &str| LogColumnReport { name: name.into(), column: name.into(), example: String::new() };
        let columns = ["host", "bytesSent", "RemotePort"].map(column);
        let read = ["RemoteUrl", "BytesSent", "RemotePort", "Timestamp"];
        let mapped = [mapping("host", "RemoteUrl"), mapping("RemotePort", "Other")];
        assert_eq!(lacking(&read, &columns, &mapped), ["RemotePort", "Timestamp"]);
    }

    #[test]
    fn a_name_that_cannot_be_is_told() {
        let schema = schema::published("DeviceNetworkEvents");
        let all = [mapping("a", "RemoteUrl"), mapping("b", "remoteurl"), mapping("c", "RemotUrl")];
        let told: Vec<_> = all.iter().map(|one| problem(one, &all, schema)).collect();
        assert_eq!(told[0], None);
        assert_eq!(told[1].as_deref(), Some("a stands for it already"));
        assert_eq!(told[2].as_deref(), Some("DeviceNetworkEvents has no such column"));
        assert_eq!(problem(&all[2], &all, None), None);
    }
}
