//! What the columns of a proxy's, a firewall's or another sensor's log most likely stand for, to be looked at by whoever
//! maps them.
//!
//! The names are those that the products' own documentation of their logs gives: the W3C extended log format and Squid's
//! log for proxies, Zeek's `conn.log`, Fortinet's and Palo Alto's traffic logs, Zscaler's web log, Elastic's common
//! schema for processes.

use crate::options::ColumnMapping;

/// A way to read a log's columns.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Proposal {
    /// The table that its rows would be of.
    pub table: String,
    /// The columns that are known by their names, in the log's order.
    pub columns: Vec<ColumnMapping>,
}

/// A table's column, and the names that other logs have for it, in small letters and without what separates words.
type Names = (&'static str, &'static [&'static str]);

/// Names of columns that any log may have.
const COMMON: [Names; 3] = [
    ("Timestamp", &["time", "timestamp", "datetime", "ts", "eventtime", "receivetime", "generatedtime", "starttime"]),
    ("DeviceName", &["devicename", "computer", "computername", "srchost", "sourcehost", "clienthost", "srcname"]),
    ("AccountName", &["accountname", "user", "username", "csusername", "srcuser", "sourceuser", "login", "cuser"]),
];

const CONNECTION: [Names; 9] = [
    (
        "RemoteUrl",
        &["remoteurl", "url", "cshost", "desthost", "dsthost", "desthostname", "servername", "csuri", "domain"],
    ),
    (
        "RemoteIP",
        &[
            "remoteip",
            "destip",
            "dstip",
            "rip",
            "destinationip",
            "destinationaddress",
            "dest",
            "dst",
            "idresph",
            "serverip",
        ],
    ),
    ("RemotePort", &["remoteport", "destport", "dstport", "rport", "destinationport", "idrespp"]),
    ("LocalIP", &["localip", "srcip", "cip", "sourceip", "sourceaddress", "src", "idorigh", "clientip"]),
    ("LocalPort", &["localport", "srcport", "sourceport", "cport", "idorigp"]),
    ("Protocol", &["protocol", "proto", "ipprotocol"]),
    (
        "BytesSent",
        &["bytessent", "bytesout", "sentbyte", "csbytes", "origbytes", "requestsize", "uploadbytes", "txbytes"],
    ),
    ("BytesReceived", &["bytesreceived", "bytesin", "rcvdbyte", "scbytes", "respbytes", "responsesize", "rxbytes"]),
    ("InitiatingProcessFileName", &["processname", "process", "image", "exe"]),
];

const PROCESS: [Names; 6] = [
    ("ProcessCommandLine", &["processcommandline", "commandline", "cmdline", "cmd", "command"]),
    ("FileName", &["filename", "processname", "process", "image", "exe"]),
    ("FolderPath", &["folderpath", "path", "imagepath", "processpath", "processexecutable"]),
    ("ProcessId", &["processid", "pid", "processpid"]),
    (
        "InitiatingProcessFileName",
        &["parentname", "parentprocess", "parentimage", "parentprocessname", "processparentname"],
    ),
    ("InitiatingProcessCommandLine", &["parentcommandline", "parentcmdline", "processparentcommandline"]),
];

/// What columns of these names most likely stand for, the surest table first; nothing where they do not look like a log
/// of connections or of processes.
#[must_use]
pub fn propose(columns: &[&str]) -> Vec<Proposal> {
    let plain: Vec<String> = columns.iter().map(|name| plain(name)).collect();
    let of = |table: &str, names: &[Names]| {
        // A column is one thing only, and a thing is the first of its names that is there.
        let mut mapped: Vec<Option<&str>> = vec![None; columns.len()];
        for (to, names) in COMMON.iter().chain(names) {
            let is_free = |at: &usize| mapped[*at].is_none();
            let found = names.iter().find_map(|name| plain.iter().position(|plain| plain == name).filter(is_free));
            if let Some(at) = found {
                mapped[at] = Some(to);
            }
        }
        let pair = |(at, to): (usize, &Option<&str>)| {
            to.map(|to| ColumnMapping { from: columns[at].to_owned(), to: to.to_owned() })
        };
        Proposal { table: table.to_owned(), columns: mapped.iter().enumerate().filter_map(pair).collect() }
    };
    let has = |proposal: &Proposal, names: &[&str]| proposal.columns.iter().any(|c| names.contains(&&*c.to));
    let network = of("DeviceNetworkEvents", &CONNECTION);
    let process = of("DeviceProcessEvents", &PROCESS);
    let is_network =
        has(&network, &["RemoteUrl", "RemoteIP"]) && has(&network, &["BytesSent", "RemotePort", "LocalIP"]);
    let is_process = has(&process, &["ProcessCommandLine"]);
    let mut proposals = Vec::new();
    proposals.extend(Some(process).filter(|_| is_process));
    proposals.extend(Some(network).filter(|_| is_network));
    proposals
}

/// A name in small letters, without what separates its words.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use event_table::schema;

    fn proposed(header: &str) -> Vec<(String, Vec<(String, String)>)> {
        let columns: Vec<&str> = header.split(',').collect();
        let pairs = |p: Proposal| (p.table, p.columns.into_iter().map(|c| (c.from, c.to)).collect());
        propose(&columns).into_iter().map(pairs).collect()
    }

    #[test]
    fn logs_of_proxies_and_firewalls_are_known_by_their_columns() {
        for (header, columns) in [
            (
                "date-time,c-ip,cs-username,cs-host,r-ip,r-port,cs-bytes,sc-bytes",
                "Timestamp LocalIP AccountName RemoteUrl RemoteIP RemotePort BytesSent BytesReceived",
            ),
            (
                "ts,uid,id.orig_h,id.orig_p,id.resp_h,id.resp_p,proto,orig_bytes,resp_bytes",
                "Timestamp - LocalIP LocalPort RemoteIP RemotePort Protocol BytesSent BytesReceived",
            ),
            (
                "Receive Time,Source address,Destination address,Source User,Destination Port,Bytes Sent,Bytes Received",
                "Timestamp LocalIP RemoteIP AccountName RemotePort BytesSent BytesReceived",
            ),
        ] {
            let found = proposed(header);
            assert_eq!(found.len(), 1, "{header}");
            assert_eq!(found[0].0, "DeviceNetworkEvents");
            let names = header.split(',').zip(columns.split(' ')).filter(|(_, to)| *to != "-");
            let expected: Vec<(String, String)> = names.map(|(from, to)| (from.into(), to.into())).collect();
            assert_eq!(found[0].1, expected, "{header}");
        }
    }

    #[test]
    fn logs_of_processes_are_too_and_others_are_not() {
        let found = proposed("time,computer,user,pid,process_name,command_line,parent_name");
        assert_eq!(found[0].0, "DeviceProcessEvents");
        assert_eq!(found[0].1.len(), 7);
        for header in ["a,b,c", "time,user,message", "url,title", "", "dst"] {
            assert_eq!(proposed(header), [], "{header}");
        }
    }

    #[test]
    fn every_name_is_of_a_column_that_the_table_has_and_of_one_only() {
        for (table, names) in [("DeviceNetworkEvents", &CONNECTION[..]), ("DeviceProcessEvents", &PROCESS)] {
            let schema = schema::published(table).unwrap();
            let mut all: Vec<&str> = Vec::new();
            for (to, names) in COMMON.iter().chain(names) {
                assert!(schema.position(to).is_some(), "{table} has no {to}");
                for name in *names {
                    assert_eq!(plain(name), **name);
                    assert!(!all.contains(name), "{name} twice");
                    all.push(name);
                }
            }
        }
    }
}
