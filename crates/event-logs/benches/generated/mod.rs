//! Logs made up for the benches, always the same: network events as a Defender export has them.

/// A row's values.
pub(crate) struct Row {
    time: String,
    device: String,
    device_id: String,
    action: &'static str,
    remote_ip: String,
    remote_port: u32,
    remote_url: String,
    local_ip: String,
    process: &'static str,
    command_line: String,
    parent: &'static str,
    account: String,
    bytes_sent: u64,
    bytes_received: u64,
}

pub(crate) const COLUMNS: [&str; 14] = [
    "Timestamp",
    "DeviceName",
    "DeviceId",
    "ActionType",
    "RemoteIP",
    "RemotePort",
    "RemoteUrl",
    "LocalIP",
    "InitiatingProcessFileName",
    "InitiatingProcessCommandLine",
    "InitiatingProcessParentFileName",
    "AccountName",
    "BytesSent",
    "BytesReceived",
];

/// Rows from a generator of pseudo-random numbers with a fixed seed.
pub(crate) fn rows(count: usize) -> impl Iterator<Item = Row> {
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    let mut random = move |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    (0..count).map(move |i| {
        let device = random(400);
        let url = [
            "github.com",
            "api.github.com",
            "notgithub.com",
            "outlook.office365.com",
            "login.microsoftonline.com",
            "cdn.example.net",
            "gitlab.com",
            "update.example.org",
        ][random(8) as usize];
        let process = ["git.exe", "chrome.exe", "svchost.exe", "python3.exe", "curl.exe", "node.exe", "msedge.exe"]
            [random(7) as usize];
        let options: String =
            (0..random(7) + 6).map(|n| format!(" --option-{n}=value{:06}", random(1_000_000))).collect();
        let quoted = if random(4) == 0 { " \"C:\\Users\\a b\\x.txt\"" } else { "" };
        Row {
            time: format!(
                "2025-06-01T{:02}:{:02}:{:02}.{:07}Z",
                i / 3600 / 60 % 24,
                i / 60 % 60,
                i % 60,
                random(10_000_000)
            ),
            device: format!("pc-{device:04}.corp.example.com"),
            device_id: format!("{:040x}", u128::from(device + 1) * 0x1234_5678_9ABC_DEF0_1234_5678),
            action: ["ConnectionSuccess", "ConnectionFailed", "ConnectionRequest"][random(3) as usize],
            remote_ip: format!("{}.{}.{}.{}", random(223) + 1, random(256), random(256), random(256)),
            remote_port: [443, 80, 22, 8080][random(4) as usize],
            remote_url: format!("https://{url}/"),
            local_ip: format!("10.0.{}.{}", device / 256, device % 256),
            process,
            command_line: format!("{process}{quoted} push https://{url}/org/repo{:05}{options}", random(100_000)),
            parent: ["cmd.exe", "explorer.exe", "services.exe", "Code.exe"][random(4) as usize],
            account: format!("user{:03}", random(300)),
            bytes_sent: random(2_000_000),
            bytes_received: random(9_000_000),
        }
    })
}

/// The rows as a CSV export.
pub(crate) fn csv(count: usize) -> String {
    let mut out = COLUMNS.join(",") + "\n";
    for row in rows(count) {
        let command_line = if row.command_line.contains('"') {
            format!("\"{}\"", row.command_line.replace('"', "\"\""))
        } else {
            row.command_line
        };
        let cells = [
            &row.time,
            &row.device,
            &row.device_id,
            row.action,
            &row.remote_ip,
            &row.remote_port.to_string(),
            &row.remote_url,
            &row.local_ip,
            row.process,
            &command_line,
            row.parent,
            &row.account,
            &row.bytes_sent.to_string(),
            &row.bytes_received.to_string(),
        ];
        out += &cells.join(",");
        out.push('\n');
    }
    out
}

/// The rows as JSON, one object a line.
pub(crate) fn ndjson(count: usize) -> String {
    let mut out = String::new();
    for row in rows(count) {
        let texts = [
            &row.time,
            &row.device,
            &row.device_id,
            row.action,
            &row.remote_ip,
            "",
            &row.remote_url,
            &row.local_ip,
            row.process,
            &row.command_line,
            row.parent,
            &row.account,
        ];
        let numbers = [(5, u64::from(row.remote_port)), (12, row.bytes_sent), (13, row.bytes_received)];
        let field = |(i, name): (usize, &&str)| match numbers.iter().find(|(n, _)| *n == i) {
            Some((_, number)) => format!("\"{name}\":{number}"),
            None => format!("\"{name}\":\"{}\"", texts[i].replace('\\', "\\\\").replace('"', "\\\"")),
        };
        let fields: Vec<String> = COLUMNS.iter().enumerate().map(field).collect();
        out += &format!("{{{}}}\n", fields.join(","));
    }
    out
}
