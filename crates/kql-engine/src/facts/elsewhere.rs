//! Names of tables and columns that no schema here has, and what is known of them.

/// What a table's name that is not known here stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Elsewhere {
    /// A table that has another name now.
    Renamed(&'static str),
    /// A table that is no more; the sentence says what has its rows.
    Replaced(&'static str),
    /// A table of Sentinel, whose schema is not here.
    Sentinel,
    /// A table that an organisation has made for itself in Log Analytics (`…_CL`).
    Custom,
}

/// What is known of a table that is not known here.
pub(crate) fn table(name: &str) -> Option<Elsewhere> {
    if let Some((_, now)) = RENAMED_TABLES.iter().find(|(former, _)| *former == name) {
        return Some(Elsewhere::Renamed(now));
    }
    if let Some((_, instead)) = REPLACED_TABLES.iter().find(|(former, _)| *former == name) {
        return Some(Elsewhere::Replaced(instead));
    }
    if SENTINEL_TABLES.binary_search(&name).is_ok() {
        return Some(Elsewhere::Sentinel);
    }
    name.ends_with("_CL").then_some(Elsewhere::Custom)
}

/// The column that has the values of one that is no more, and whether it has them unchanged.
pub(crate) fn column(name: &str) -> Option<(&'static str, bool)> {
    FORMER_COLUMNS.iter().find(|(former, ..)| *former == name).map(|(_, now, same)| (*now, *same))
}

/// Source: `advanced-hunting-schema-changes`, `advanced-hunting-identityinfo-table`, and the names that the tables had
/// in Microsoft Defender ATP, under which Microsoft's hunting queries of that time still stand.
const RENAMED_TABLES: [(&str, &str); 11] = [
    ("AccountInfo", "IdentityInfo"),
    ("AppFileEvents", "CloudAppEvents"),
    ("FileCreationEvents", "DeviceFileEvents"),
    ("ImageLoadEvents", "DeviceImageLoadEvents"),
    ("LogonEvents", "DeviceLogonEvents"),
    ("MachineInfo", "DeviceInfo"),
    ("MachineNetworkInfo", "DeviceNetworkInfo"),
    ("MiscEvents", "DeviceEvents"),
    ("NetworkCommunicationEvents", "DeviceNetworkEvents"),
    ("ProcessCreationEvents", "DeviceProcessEvents"),
    ("RegistryEvents", "DeviceRegistryEvents"),
];

/// Source: `advanced-hunting-migrate-from-mde`, `advanced-hunting-schema-changes`.
const REPLACED_TABLES: [(&str, &str); 3] = [
    ("AlertEvents", "`AlertInfo` and `AlertEvidence` have its rows now: join them on AlertId."),
    ("DeviceAlertEvents", "`AlertInfo` and `AlertEvidence` have its rows now: join them on AlertId."),
    (
        "DeviceTvmSoftwareInventoryVulnerabilities",
        "`DeviceTvmSoftwareInventory` and `DeviceTvmSoftwareVulnerabilities` have its rows now.",
    ),
];

/// Source: `advanced-hunting-schema-changes`, and the columns of Microsoft Defender ATP.
const FORMER_COLUMNS: [(&str, &str, bool); 11] = [
    ("ComputerName", "DeviceName", true),
    ("DeviceObjectId", "AadDeviceId", true),
    ("EventTime", "Timestamp", true),
    ("FinalEmailAction", "EmailAction", true),
    ("FinalEmailActionPolicy", "EmailActionPolicy", true),
    ("FinalEmailActionPolicyGuid", "EmailActionPolicyGuid", true),
    ("MachineId", "DeviceId", true),
    ("MalwareDetectionMethod", "DetectionMethods", false),
    ("MalwareFilterVerdict", "ThreatTypes", false),
    ("PhishDetectionMethod", "DetectionMethods", false),
    ("PhishFilterVerdict", "ThreatTypes", false),
];

/// Tables that queries for Sentinel ask for, in alphabetical order. Source: Azure Monitor's reference of tables.
const SENTINEL_TABLES: [&str; 85] = [
    "AADManagedIdentitySignInLogs",
    "AADNonInteractiveUserSignInLogs",
    "AADProvisioningLogs",
    "AADRiskyServicePrincipals",
    "AADRiskyUsers",
    "AADServicePrincipalRiskEvents",
    "AADServicePrincipalSignInLogs",
    "AADUserRiskEvents",
    "ADFSSignInLogs",
    "AKSAudit",
    "AKSAuditAdmin",
    "ASimAuditEventLogs",
    "ASimAuthenticationEventLogs",
    "ASimDhcpEventLogs",
    "ASimDnsActivityLogs",
    "ASimFileEventLogs",
    "ASimNetworkSessionLogs",
    "ASimProcessEventLogs",
    "ASimRegistryEventLogs",
    "ASimUserManagementActivityLogs",
    "ASimWebSessionLogs",
    "AWSCloudTrail",
    "AWSCloudWatch",
    "AWSGuardDuty",
    "AWSVPCFlow",
    "AZFWApplicationRule",
    "AZFWDnsQuery",
    "AZFWIdpsSignature",
    "AZFWNetworkRule",
    "AZFWThreatIntel",
    "AZKVAuditLogs",
    "Alert",
    "Anomalies",
    "AppServiceHTTPLogs",
    "AuditLogs",
    "AzureActivity",
    "AzureDevOpsAuditing",
    "AzureDiagnostics",
    "AzureMetrics",
    "BehaviorAnalytics",
    "CommonSecurityLog",
    "ContainerLogV2",
    "CopilotActivity",
    "DnsEvents",
    "DnsInventory",
    "Dynamics365Activity",
    "Event",
    "GCPAuditLogs",
    "Heartbeat",
    "HuntingBookmark",
    "IntuneAuditLogs",
    "IntuneDevices",
    "IntuneOperationalLogs",
    "LAQueryLogs",
    "McasShadowItReporting",
    "MicrosoftGraphActivityLogs",
    "MicrosoftPurviewInformationProtection",
    "NetworkAccessTraffic",
    "NetworkSessions",
    "OfficeActivity",
    "Operation",
    "Perf",
    "PowerBIActivity",
    "SecurityAlert",
    "SecurityEvent",
    "SecurityIncident",
    "SecurityRecommendation",
    "SentinelAudit",
    "SentinelHealth",
    "SigninLogs",
    "StorageBlobLogs",
    "StorageFileLogs",
    "Syslog",
    "ThreatIntelIndicators",
    "ThreatIntelObjects",
    "ThreatIntelligenceIndicator",
    "Update",
    "Usage",
    "UserPeerAnalytics",
    "VMConnection",
    "VMProcess",
    "W3CIISLog",
    "Watchlist",
    "WindowsEvent",
    "WindowsFirewall",
];

#[cfg(test)]
mod tests {
    use super::*;
    use event_table::schema;

    #[test]
    fn what_stands_elsewhere_is_not_here_and_what_it_is_called_now_is() {
        assert!(SENTINEL_TABLES.is_sorted_by(|a, b| a < b), "in alphabetical order, each once");
        let former = RENAMED_TABLES.iter().map(|(former, _)| former);
        let replaced = REPLACED_TABLES.iter().map(|(former, _)| former);
        for name in former.chain(replaced).chain(&SENTINEL_TABLES) {
            assert!(schema::published(name).is_none(), "{name} has a schema here");
        }
        for (_, now) in RENAMED_TABLES {
            assert!(schema::published(now).is_some(), "there is no {now}");
        }
        for (former, now, _) in FORMER_COLUMNS {
            let has = |name: &str| schema::all().iter().any(|table| table.position(name).is_some());
            assert!(has(now) && !has(former), "{former}, {now}");
        }
    }
}
