//! What the cells hold: ordinary values, and rarer ones that a condition of the rule meets or just misses.

/// Values of one kind. Once in `one_in` times a rare one is taken.
pub(super) struct Pool {
    pub(super) common: &'static [&'static str],
    pub(super) rare: &'static [&'static str],
    pub(super) one_in: u64,
}

pub(super) mod devices {
    use super::Pool;
    pub(in crate::generator) static NAMES: Pool =
        Pool { common: &["lt-", "ws-", "srv-"], rare: &["bld-", "müller-pc-", "PUSH-"], one_in: 20 };
}

pub(super) mod accounts {
    use super::Pool;
    pub(in crate::generator) static NAMES: Pool = Pool {
        common: &["a.ferreira", "k.lindqvist", "m.okafor", "system", "root", "w.chen", "i.marchetti", "d.moreau"],
        rare: &["svc-jenkins", "łucja.żak", "renovate", "O'Neil, Pat"],
        one_in: 12,
    };
}

pub(super) mod network {
    use super::Pool;

    pub(in crate::generator) static ACTIONS: Pool = Pool {
        common: &["ConnectionSuccess"],
        rare: &["HttpConnectionInspected", "ConnectionFailed", "ListeningConnectionCreated"],
        one_in: 4,
    };

    pub(in crate::generator) static PORTS: Pool =
        Pool { common: &["443"], rare: &["80", "22", "8080", "65535"], one_in: 8 };

    pub(in crate::generator) static URLS: Pool = Pool {
        common: &[
            "outlook.office365.com",
            "teams.microsoft.com",
            "settings-win.data.microsoft.com",
            "tarnholm-my.sharepoint.com",
            "www.bing.com",
            "login.microsoftonline.com",
            "packages.corp.example",
        ],
        rare: &[
            "github.com",
            "github.com",
            "api.github.com",
            "https://api.github.com/repos/o/r/contents/a?ref=main",
            "gitlab.com",
            "api.gitlab.com",
            "bitbucket.org",
            "api.bitbucket.org",
            "dev.azure.com",
            "raw.githubusercontent.com",
            "gist.github.com",
            "codeberg.org",
            "GITHUB.COM",
            "uploads.github.com",
            "ssh.dev.azure.com",
            "notgithub.com",
            "github.com.evil.example",
            "github.community",
            "githubxcom",
            "github-com.example",
            "github.com-backup.example",
            "notgithub.com github.com",
            "git.sr.ht",
            "githubusercontent.com",
            "mygitlab.com",
            "gitlab.com:8443",
            "dev.azure.company",
            "github.comé",
            "github.com。example",
            "bitbuc\u{212a}et.org",
            "gi\u{17f}t.github.com",
            "ｇithub.com",
        ],
        one_in: 4,
    };
}

pub(super) mod processes {
    use super::Pool;

    pub(in crate::generator) static NAMES: Pool = Pool {
        common: &[
            "msedge.exe",
            "svchost.exe",
            "OUTLOOK.EXE",
            "ms-teams.exe",
            "OneDrive.exe",
            "backgroundTaskHost.exe",
            "Code.exe",
            "bash",
        ],
        rare: &[
            "git.exe",
            "git",
            "GIT.EXE",
            "Git",
            "git-remote-https.exe",
            "git-lfs.exe",
            "git.exe ",
            "digit.exe",
            "gitk.exe",
            "jgit.exe",
            "gh.exe",
            "rclone.exe",
            "curl.exe",
            "curl",
            "curlew.exe",
            "libcurl-agent",
            "wget",
            "wget2",
            "python.exe",
            "python",
            "python3.exe",
            "python3.11",
            "pythonw.exe",
            "PYTHON.EXE",
            "ipython-kernel",
            "\u{440}ython.exe",
            "pythonß.exe",
            "python\u{b2}",
            "powershell.exe",
            "powershell_ise.exe",
            "PowerShell.EXE",
            "pwsh.exe",
            "pwsh-preview.exe",
            "node.exe",
            "node",
            "nodejs",
            "ruby",
            "ruby3.2",
            "perl",
            "perl5.36",
        ],
        one_in: 3,
    };

    pub(in crate::generator) static PARENTS: Pool = Pool {
        common: &["explorer.exe", "services.exe", "svchost.exe", "cmd.exe", "bash.exe", "systemd"],
        rare: &["jenkins.exe", "Runner.Worker.exe", "gitlab-runner", "winword.exe", "idea64.exe", "процесс.exe"],
        one_in: 10,
    };
}

pub(super) mod git {
    use super::Pool;

    pub(in crate::generator) static COMMANDS: Pool = Pool {
        common: &["git.exe", "git", "\"C:\\Program Files\\Git\\cmd\\git.exe\""],
        rare: &["GIT.EXE", "/usr/bin/git", "git.exe -c http.sslVerify=false"],
        one_in: 6,
    };

    pub(in crate::generator) static VERBS: Pool = Pool {
        common: &["push", "push", "fetch --prune", "pull", "status -z -uall"],
        rare: &[
            "config --get remote.push_default",
            "-c push.default=current fetch",
            "PUSH",
            "push-to-checkout",
            "pushd",
            "pushgateway",
            "send-pack",
            "repush",
            "pu\u{17f}h",
            "push²",
            "commit -m \"push, later\"",
        ],
        one_in: 3,
    };

    pub(in crate::generator) static OPTIONS: Pool =
        Pool { common: &["", "--force", "--tags", "-q"], rare: &["--porcelain -v", "-u", "--mirror"], one_in: 5 };

    pub(in crate::generator) static REMOTES: Pool = Pool {
        common: &["origin main", "https://github.com/tarnholm-example/firmware.git main", "origin HEAD"],
        rare: &[
            "https://gitlab.com/qz-drop-example/n.git",
            "git@github.com:qz-drop-example/n.git",
            "https://notgithub.com/o/r.git",
            "https://github.com.evil.example/o/r.git",
            "https://ghp_FAKEtokenForTrainingOnly@github.com/qz-drop-example/n.git",
            "https://192.0.2.61/n.git",
            "https://dev.azure.com/o/p/_git/p",
            "ssh://git@ssh.code.example/n.git",
            "https://codeberg.org/o/r.git",
            "HTTPS://GITHUB.COM/O/R.GIT",
            "https://github.community/o/r.git",
            "gh:o/r.git",
            "https://bitbucket.org/o/rénovation.git",
        ],
        one_in: 2,
    };
}

pub(super) mod api {
    use super::Pool;

    pub(in crate::generator) static TOOLS: Pool = Pool {
        common: &["curl.exe -sS", "powershell.exe -NoProfile -Command", "python.exe -c", "node.exe up.js"],
        rare: &["wget -q", "pwsh -c", "ruby -e", "curl.exe -sK up.cfg"],
        one_in: 4,
    };

    pub(in crate::generator) static MARKERS: Pool = Pool {
        common: &["-X PUT", "-X POST", "Invoke-RestMethod", "-o out.json", "--head"],
        rare: &[
            "-X PUTTER",
            "-X  POST",
            "-XPUT",
            "--request POST",
            "-X GET",
            "-x put",
            "a-X PUT",
            "method='PUT'",
            "method='POST'",
            "method=\"PUT\"",
            "xmethod='PUT'",
            "method='PUTS'",
            "requests.put",
            "requests.post",
            "requests.puts",
            "myrequests.post",
            "requests .put",
            "Invoke-WebRequest",
            "invoke-webrequest",
            "Invo\u{212a}e-RestMethod",
            "Invoke-RestMethodX",
            "irm -Method Post",
            "-X PO\u{17f}T",
        ],
        one_in: 2,
    };

    pub(in crate::generator) static URLS: Pool = Pool {
        common: &[
            "https://api.github.com/repos/qz-drop-example/n/git/blobs",
            "https://cmdb.corp.example/api/hosts",
            "https://api.github.com/repos/o/r/contents/a.txt",
        ],
        rare: &[
            "https://api.github.com/gists",
            "https://api.github.com/user/gistsx",
            "https://api.gitlab.com/v4/projects",
            "https://gitlab.com/api/v4/projects",
            "https://api.bitbucket.org/2.0/repositories",
            "https://gist.github.com/",
            "https://gi\u{17f}t.github.com/",
            "https://notapi.github.com/",
            "https://api.github.company/x",
            "https://api-github.com/contents",
            "https://uploads.github.com/contents",
            "https://api.github.com.evil.example/contents",
            "https://API.GITHUB.COM/GISTS",
            "https://api.github.com/table_of_contents",
            "https://api.github.com/discontents",
        ],
        one_in: 3,
    };

    pub(in crate::generator) static PAYLOADS: Pool = Pool {
        common: &["-d @b.json", "-H \"Authorization: token ghp_FAKEtokenForTrainingOnly\"", "--data-binary @loot.7z"],
        rare: &[
            "-Body (@{message='x';content=$c}|ConvertTo-Json)",
            "-d \"{\"\"a\"\": 1,\n  \"\"b\"\": [2, 3]}\"",
            "@'\r\nline one, \"two\"\r\n'@",
            "-d 'Größe=12, naïve, 日本語'",
        ],
        one_in: 5,
    };
}

pub(super) mod filler {
    use super::Pool;

    pub(in crate::generator) static STARTS: Pool = Pool {
        common: &[
            "\"C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe\" --type=renderer",
            "C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s Schedule",
            "\"C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE\" /n \"C:\\Users\\k.lindqvist\\Documents\\plan.docx\"",
            "C:\\Windows\\System32\\RuntimeBroker.exe -Embedding",
            "/usr/bin/bash -c /usr/local/sbin/healthcheck.sh",
        ],
        rare: &[
            "powershell.exe -nop -c \"& {\r\n  Get-Service |\r\n  Out-File s.txt\r\n}\"",
            "\"C:\\Users\\łucja\\Apps\\tool.exe\" \"a \"\"quoted\"\" word\"",
            "cmd.exe /c \"dir , > list.txt\"",
            "cmd.exe /c pushd \\\\srv\\share && type github.com.txt",
            "notepad.exe C:\\src\\githubxcom\\contents.md",
        ],
        one_in: 6,
    };

    pub(in crate::generator) static ARGUMENTS: Pool = Pool {
        common: &[
            " --field-trial-handle=",
            " --lang=en-GB --device-scale-factor=1.25",
            " --mojo-platform-channel-handle=",
            " /prefetch:5 --no-appcompat-clear",
            " -ServerName:App.AppX",
            " --enable-features=kSharedMemory",
        ],
        rare: &[" --user-data=\"C:\\Users\\a, b\\x\"", " --größe=", " --note=\"push to github.com, later\"", "\t-t"],
        one_in: 30,
    };
}
