"""The invented company in which the samples play: machines, people, programs, addresses.

Tarnholm Instruments does not exist. Its names end in `.example` (RFC 2606), remote addresses are of the
documentation ranges (RFC 5737), its own are private (RFC 1918), tokens say that they are fake, and repositories
that belong to it or to an attacker carry `-example` in the owner's name.
"""

import hashlib
from dataclasses import dataclass

DOMAIN = "TARNHOLM"
DNS = "corp.tarnholm.example"
MAIL = "tarnholm.example"
TENANT = "5b1f0c9e-3d5a-4e52-9c7e-0e8a41c0f1d2"
TOKEN = "ghp_FAKEtokenForTrainingOnly"  # shorter than a real one, so that no scanner takes it for one
OWN = "tarnholm-example"  # the company's organisation at the code hosts
DROP = "qz-drop-example"  # the attacker's


def digest(kind, *words):
    return hashlib.new(kind, "|".join(words).encode()).hexdigest()


def number(low, high, *words):
    """A number that is always the same for the same words."""
    return low + int(digest("sha256", *words)[:12], 16) % (high - low)


def address(host):
    """The documentation address that a remote host has here."""
    net = ("192.0.2", "198.51.100", "203.0.113")[number(0, 3, host, "net")]
    return f"{net}.{number(2, 254, host)}"


@dataclass(frozen=True)
class Device:
    short: str
    linux: bool = False

    @property
    def name(self):
        return f"{self.short}.{DNS}"

    @property
    def id(self):
        return digest("sha1", self.name)

    @property
    def ip(self):
        return f"10.20.{number(10, 30, self.short)}.{number(5, 250, self.short, 'host')}"


@dataclass(frozen=True)
class User:
    account: str
    domain: str = DOMAIN

    @property
    def sid(self):
        if self.domain != DOMAIN:
            return {"system": "S-1-5-18", "network service": "S-1-5-20"}.get(self.account, "")
        return f"S-1-5-21-1004336348-1177238915-682003330-{number(1104, 9000, self.account)}"

    @property
    def upn(self):
        return f"{self.account}@{MAIL}" if self.domain == DOMAIN else ""


SYSTEM = User("system", "nt authority")
NETWORK_SERVICE = User("network service", "nt authority")
ROOT = User("root", "")


@dataclass(frozen=True)
class Program:
    file: str
    folder: str
    company: str = ""
    product: str = ""
    original: str = ""
    version: str = "1"
    linux: bool = False

    @property
    def path(self):
        return f"{self.folder}/{self.file}" if self.linux else f"{self.folder}\\{self.file}"

    def hash(self, kind):
        return digest(kind, self.path, self.version)

    @property
    def size(self):
        return number(40_000, 9_000_000, self.path)


MS = "Microsoft Corporation"
GIT = "The Git Development Community"
SYS32 = r"C:\Windows\System32"
PF = r"C:\Program Files"
PF86 = r"C:\Program Files (x86)"
OFFICE = PF + r"\Microsoft Office\root\Office16"
USERS = r"C:\Users"

_WINDOWS = [
    ("explorer.exe", r"C:\Windows", MS, "Microsoft Windows Operating System", "EXPLORER.EXE"),
    ("cmd.exe", SYS32, MS, "Microsoft Windows Operating System", "Cmd.Exe"),
    ("conhost.exe", SYS32, MS, "Microsoft Windows Operating System", "CONHOST.EXE"),
    ("svchost.exe", SYS32, MS, "Microsoft Windows Operating System", "svchost.exe"),
    ("services.exe", SYS32, MS, "Microsoft Windows Operating System", "services.exe"),
    ("taskhostw.exe", SYS32, MS, "Microsoft Windows Operating System", "taskhostw.exe"),
    ("RuntimeBroker.exe", SYS32, MS, "Microsoft Windows Operating System", "RuntimeBroker.exe"),
    ("backgroundTaskHost.exe", SYS32, MS, "Microsoft Windows Operating System", "backgroundTaskHost.exe"),
    ("dllhost.exe", SYS32, MS, "Microsoft Windows Operating System", "dllhost.exe"),
    ("SearchProtocolHost.exe", SYS32, MS, "Windows Search", "SearchProtocolHost.exe"),
    ("SearchIndexer.exe", SYS32, MS, "Windows Search", "SearchIndexer.exe"),
    ("wmiprvse.exe", SYS32 + r"\wbem", MS, "Microsoft Windows Operating System", "Wmiprvse.exe"),
    ("gpupdate.exe", SYS32, MS, "Microsoft Windows Operating System", "GPUpdate.exe"),
    ("whoami.exe", SYS32, MS, "Microsoft Windows Operating System", "whoami.exe"),
    ("robocopy.exe", SYS32, MS, "Microsoft Windows Operating System", "robocopy.exe"),
    ("curl.exe", SYS32, "curl, https://curl.se/", "The curl executable", "curl.exe"),
    ("ssh.exe", SYS32 + r"\OpenSSH", MS, "OpenSSH for Windows", "ssh.exe"),
    ("wslhost.exe", SYS32, MS, "Windows Subsystem for Linux", "wslhost.exe"),
    ("powershell.exe", SYS32 + r"\WindowsPowerShell\v1.0", MS, "Microsoft Windows Operating System", "PowerShell.EXE"),
    ("powershell_ise.exe", SYS32 + r"\WindowsPowerShell\v1.0", MS, "Microsoft Windows Operating System", "powershell_ise.EXE"),
    ("pwsh.exe", PF + r"\PowerShell\7", MS, "PowerShell", "pwsh.dll"),
    ("MpCmdRun.exe", r"C:\ProgramData\Microsoft\Windows Defender\Platform\4.18.26080.4-0", MS, "Microsoft Windows Operating System", "MpCmdRun.exe"),
    ("MsMpEng.exe", r"C:\ProgramData\Microsoft\Windows Defender\Platform\4.18.26080.4-0", MS, "Microsoft Windows Operating System", "MsMpEng.exe"),
    ("MsSense.exe", PF + r"\Windows Defender Advanced Threat Protection", MS, "Microsoft Windows Operating System", "MsSense.exe"),
    ("msedge.exe", PF86 + r"\Microsoft\Edge\Application", MS, "Microsoft Edge", "msedge.exe"),
    ("MicrosoftEdgeUpdate.exe", PF86 + r"\Microsoft\EdgeUpdate", MS, "Microsoft Edge Update", "msedgeupdate.exe"),
    ("ms-teams.exe", PF + r"\WindowsApps\MSTeams_26091.501_x64__8wekyb3d8bbwe", MS, "Microsoft Teams", "ms-teams.exe"),
    ("OneDrive.exe", PF + r"\Microsoft OneDrive", MS, "Microsoft OneDrive", "OneDrive.exe"),
    ("OUTLOOK.EXE", OFFICE, MS, "Microsoft Outlook", "Outlook.exe"),
    ("WINWORD.EXE", OFFICE, MS, "Microsoft Office", "WinWord.exe"),
    ("EXCEL.EXE", OFFICE, MS, "Microsoft Office", "Excel.exe"),
    ("POWERPNT.EXE", OFFICE, MS, "Microsoft Office", "POWERPNT.EXE"),
    ("Acrobat.exe", PF + r"\Adobe\Acrobat DC\Acrobat", "Adobe Systems Incorporated", "Adobe Acrobat", "Acrobat.exe"),
    ("Code.exe", PF + r"\Microsoft VS Code", MS, "Visual Studio Code", "electron.exe"),
    ("devenv.exe", PF + r"\Microsoft Visual Studio\2022\Professional\Common7\IDE", MS, "Microsoft Visual Studio", "devenv.exe"),
    ("MSBuild.exe", PF + r"\Microsoft Visual Studio\2022\Professional\MSBuild\Current\Bin", MS, "Microsoft Build Tools", "MSBuild.exe"),
    ("dotnet.exe", PF + r"\dotnet", MS, "Microsoft .NET Host", ".NET Host"),
    ("idea64.exe", PF + r"\JetBrains\IntelliJ IDEA 2026.2\bin", "JetBrains s.r.o.", "IntelliJ IDEA", "idea64.exe"),
    ("git.exe", PF + r"\Git\cmd", GIT, "Git", "git.exe"),
    ("git-remote-https.exe", PF + r"\Git\mingw64\libexec\git-core", GIT, "Git", "git.exe"),
    ("git-lfs.exe", PF + r"\Git\mingw64\bin", "GitHub, Inc.", "Git Large File Storage", "git-lfs.exe"),
    ("bash.exe", PF + r"\Git\usr\bin", "", "", ""),
    ("ssh-git.exe", PF + r"\Git\usr\bin", "", "", ""),
    ("gh.exe", PF + r"\GitHub CLI", "GitHub, Inc.", "GitHub CLI", "gh.exe"),
    ("node.exe", PF + r"\nodejs", "Node.js", "Node.js", "node.exe"),
    ("java.exe", PF + r"\Eclipse Adoptium\jdk-21\bin", "Eclipse Adoptium", "OpenJDK Platform 21.0.8", "java.exe"),
    ("jenkins.exe", PF + r"\Jenkins", "CloudBees, Inc.", "WinSW", "WinSW.exe"),
    ("python.exe", PF + r"\Python312", "Python Software Foundation", "Python", "python.exe"),
    ("docker.exe", PF + r"\Docker\Docker\resources\bin", "Docker Inc", "Docker Desktop", "docker.exe"),
    ("TortoiseGitProc.exe", PF + r"\TortoiseGit\bin", "https://tortoisegit.org", "TortoiseGit", "TortoiseGitProc.exe"),
    ("Runner.Listener.exe", r"C:\actions-runner\bin", "GitHub", "Runner.Listener", "Runner.Listener.dll"),
    ("Runner.Worker.exe", r"C:\actions-runner\bin", "GitHub", "Runner.Worker", "Runner.Worker.dll"),
    ("gitlab-runner.exe", r"C:\GitLab-Runner", "", "", ""),
    ("7z.exe", PF + r"\7-Zip", "Igor Pavlov", "7-Zip", "7z.exe"),
    ("notepad.exe", SYS32, MS, "Microsoft Windows Operating System", "NOTEPAD.EXE"),
    ("mstsc.exe", SYS32, MS, "Microsoft Windows Operating System", "mstsc.exe"),
    ("azcopy.exe", r"C:\Tools\azcopy", MS, "AzCopy", ""),
]
_LINUX = [
    ("bash", "/usr/bin"), ("dash", "/usr/bin"), ("cron", "/usr/sbin"), ("git", "/usr/bin"),
    ("git-remote-https", "/usr/lib/git-core"), ("curl", "/usr/bin"), ("wget", "/usr/bin"), ("ssh", "/usr/bin"),
    ("sshd", "/usr/sbin"), ("systemd", "/usr/lib/systemd"), ("python3.11", "/usr/bin"), ("python3.12", "/usr/bin"),
    ("node", "/usr/bin"), ("ruby", "/usr/bin"), ("perl", "/usr/bin"), ("gitlab-runner", "/usr/bin"),
    ("containerd-shim-runc-v2", "/usr/bin"), ("apt-get", "/usr/bin"), ("logrotate", "/usr/sbin"),
    ("ansible-playbook", "/usr/bin"), ("restic", "/usr/local/bin"), ("grep", "/usr/bin"), ("ps", "/usr/bin"),
    ("Runner.Worker", "/opt/actions-runner/bin"), ("mdatp", "/opt/microsoft/mdatp/sbin"),
]  # fmt: skip

WINDOWS = {p[0]: Program(*p) for p in _WINDOWS}
LINUX = {file: Program(file, folder, linux=True) for file, folder in _LINUX}


def program(device, name):
    """The program of a name on a device: of the tables above, or a path of its own."""
    if isinstance(name, Program):
        return name
    return (LINUX if device.linux else WINDOWS)[name]
