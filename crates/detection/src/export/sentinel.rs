//! A Sentinel analytics rule: as the Azure Resource Manager template that a workspace takes, and as the YAML that rule
//! repositories keep.
//!
//! Fields by Microsoft's reference of `Microsoft.SecurityInsights/alertRules`, kind `Scheduled`, and by the rule
//! templates of the Azure-Sentinel repository.

use super::RuleFacts;
use super::about::{bounded, iso_duration, short_duration};
use super::yaml::{block, quoted};
use crate::session::Session;
use serde::Serialize;
use serde_json::json;

/// What an analytics rule says.
pub(super) struct Rule<'f> {
    facts: &'f RuleFacts,
    query: String,
    period: i64,
    entities: Vec<EntityMapping>,
    tables: Vec<String>,
}

/// Columns of the result that name something that investigations follow.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct EntityMapping {
    entity_type: &'static str,
    field_mappings: Vec<FieldMapping>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct FieldMapping {
    identifier: &'static str,
    column_name: String,
}

/// What the columns of Defender's tables name: entity, identifier, column.
const ENTITIES: [(&str, &str, &str); 7] = [
    ("Host", "FullName", "DeviceName"),
    ("Account", "Name", "AccountName"),
    ("URL", "Url", "RemoteUrl"),
    ("IP", "Address", "RemoteIP"),
    ("Process", "CommandLine", "ProcessCommandLine"),
    ("Process", "CommandLine", "InitiatingProcessCommandLine"),
    ("File", "Name", "FileName"),
];
/// Entity mappings that a rule may have.
const MAPPINGS: usize = 10;
/// The longest look-back of a scheduled rule, in days.
const MOST_DAYS: i64 = 14;

impl<'f> Rule<'f> {
    /// A rule of a query in the form that Sentinel takes.
    pub(super) fn new(facts: &'f RuleFacts, query: String, session: &Session, notes: &mut Vec<String>) -> Self {
        let period = bounded(facts.look_back, MOST_DAYS, "Sentinel", notes);
        let columns = session.result_columns();
        let mut entities: Vec<EntityMapping> = Vec::new();
        for (entity_type, identifier, column) in ENTITIES {
            if columns.iter().any(|c| c == column) && entities.len() < MAPPINGS {
                let field_mappings = vec![FieldMapping { identifier, column_name: column.to_owned() }];
                entities.push(EntityMapping { entity_type, field_mappings });
            }
        }
        if entities.is_empty() {
            notes.push(
                "The result has no column that names a device, account or address: alerts have no entities.".to_owned(),
            );
        }
        notes.push(format!(
            "It runs every {} over the {} before: as often as it looks back, so that nothing is seen twice.",
            short_duration(period),
            short_duration(period)
        ));
        let mut tables = session.query_tables();
        tables.retain(|table| event_table::schema::published(table).is_some());
        Self { facts, query, period, entities, tables }
    }

    /// The rule as a template for Azure Resource Manager.
    pub(super) fn arm(&self) -> String {
        let id = self.facts.id();
        let name = format!("[concat(parameters('workspace'), '/Microsoft.SecurityInsights/{id}')]");
        let resource = format!(
            "[concat(resourceId('Microsoft.OperationalInsights/workspaces/providers', parameters('workspace'), \
             'Microsoft.SecurityInsights'), '/alertRules/{id}')]"
        );
        let duration = iso_duration(self.period);
        let template = json!({
            "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
            "contentVersion": "1.0.0.0",
            "parameters": { "workspace": { "type": "string", "metadata": { "description": "The workspace of Sentinel." } } },
            "resources": [{
                "type": "Microsoft.OperationalInsights/workspaces/providers/alertRules",
                "apiVersion": "2023-12-01-preview",
                "id": resource,
                "name": name,
                "kind": "Scheduled",
                "properties": {
                    "displayName": plain(&self.facts.name),
                    "description": plain(&self.facts.description),
                    "severity": "Medium",
                    "enabled": true,
                    "query": plain(&self.query),
                    "queryFrequency": duration,
                    "queryPeriod": duration,
                    "triggerOperator": "GreaterThan",
                    "triggerThreshold": 0,
                    "suppressionDuration": "PT5H",
                    "suppressionEnabled": false,
                    "tactics": ["Exfiltration"],
                    "techniques": self.facts.parents(),
                    "subTechniques": self.facts.sub_techniques(),
                    "entityMappings": self.entities,
                    "eventGroupingSettings": { "aggregationKind": "AlertPerResult" }
                }
            }]
        });
        let text = serde_json::to_string_pretty(&template).unwrap_or_default();
        format!("{text}\n")
    }

    /// The rule as rule repositories keep it.
    pub(super) fn yaml(&self) -> String {
        let duration = short_duration(self.period);
        let list = |items: &[String], indent: &str| -> String {
            items.iter().map(|item| format!("{indent}- {}\n", quoted(item))).collect()
        };
        let entities: String = self
            .entities
            .iter()
            .map(|entity| {
                let fields = entity.field_mappings.iter().map(|field| {
                    format!(
                        "      - identifier: {}\n        columnName: {}\n",
                        field.identifier,
                        quoted(&field.column_name)
                    )
                });
                format!("  - entityType: {}\n    fieldMappings:\n{}", entity.entity_type, fields.collect::<String>())
            })
            .collect();
        let connectors = match &self.tables[..] {
            [] => "requiredDataConnectors: []\n".to_owned(),
            tables => format!(
                "requiredDataConnectors:\n  - connectorId: MicrosoftThreatProtection\n    dataTypes:\n{}",
                list(tables, "      ")
            ),
        };
        let entities = if entities.is_empty() { String::new() } else { format!("entityMappings:\n{entities}") };
        format!(
            "id: {id}\nname: {name}\ndescription: {description}\nseverity: Medium\n{connectors}queryFrequency: \
             {duration}\nqueryPeriod: {duration}\ntriggerOperator: gt\ntriggerThreshold: 0\ntactics:\n  - \
             Exfiltration\nrelevantTechniques:\n{techniques}query: {query}\n{entities}version: 1.0.0\nkind: \
             Scheduled\n",
            id = self.facts.id(),
            name = quoted(&self.facts.name),
            description = block(&self.facts.description, "  "),
            techniques = list(&self.facts.techniques, "  "),
            query = block(&self.query, "  "),
        )
    }
}

/// A text that a template takes as it is: one between brackets would be an expression.
fn plain(text: &str) -> String {
    if text.starts_with('[') && text.ends_with(']') { format!("[{text}") } else { text.to_owned() }
}
