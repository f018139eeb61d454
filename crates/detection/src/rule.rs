//! The shipped rule.

/// The detection of exfiltration to a code repository (T1567.001), as one KQL document. There is no other copy of its
/// lists and thresholds anywhere.
pub const TEXT: &str = include_str!("../rule/T1567.001.kql");

/// The MITRE ATT&CK technique that it detects.
pub const TECHNIQUE: &str = "T1567.001";
