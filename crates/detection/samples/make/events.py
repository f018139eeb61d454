"""Rows of the two tables, each with its label."""

import datetime
from dataclasses import dataclass, field

from world import DNS, DOMAIN, NETWORK_SERVICE, ROOT, SYSTEM, TENANT, Device, Program, User, address, number, program

UPLOAD = "LargeUploadToCodeRepo"
PUSH = "GitPushToExternalRepo"
API = "CodeRepoAPIUpload"
SIGNALS = (UPLOAD, PUSH, API)


@dataclass
class Event:
    """A row: its table, its cells, and what the author says of it."""

    table: str
    at: datetime.datetime
    cells: dict
    malicious: bool
    why: str
    signals: tuple = ()
    ordinary: bool = field(default=False)  # nothing to say of it beyond the sample's default label


def instant(text):
    return datetime.datetime.fromisoformat(text)


def tick(at, *words):
    """ISO 8601 with seven digits; the last one, which Python's clock lacks, comes from the words."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond:06}{number(0, 10, str(at), *words)}Z"


def quoted(path):
    return f'"{path}"'


def _common(device, at, table, key):
    return {
        "Timestamp": tick(at, key),
        "DeviceId": device.id,
        "DeviceName": device.name,
        "ReportId": number(1000, 900_000, key, str(at)),
        "TenantId": TENANT,
        "Type": table,
        "SourceSystem": "OpsManager" if device.linux else "",
    }


def _initiator(device, user, prog, command, parent, at, key):
    """The cells that both tables have of the process that caused the event."""
    started = at - datetime.timedelta(seconds=number(1, 5400, key, prog.file, "age"))
    parent_file = parent.file if isinstance(parent, Program) else parent
    return {
        "InitiatingProcessFileName": prog.file,
        "InitiatingProcessFolderPath": prog.path,
        "InitiatingProcessSHA1": prog.hash("sha1"),
        "InitiatingProcessSHA256": prog.hash("sha256"),
        "InitiatingProcessMD5": prog.hash("md5"),
        "InitiatingProcessFileSize": prog.size,
        "InitiatingProcessVersionInfoCompanyName": prog.company,
        "InitiatingProcessVersionInfoProductName": prog.product,
        "InitiatingProcessVersionInfoOriginalFileName": prog.original,
        "InitiatingProcessId": number(900, 28_000, device.short, prog.path, command),
        "InitiatingProcessCommandLine": command,
        "InitiatingProcessCreationTime": tick(started, key, prog.file),
        "InitiatingProcessParentFileName": parent_file,
        "InitiatingProcessParentId": number(500, 28_000, device.short, parent_file, key),
        "InitiatingProcessParentCreationTime": tick(started - datetime.timedelta(seconds=40), key, parent_file),
        "InitiatingProcessAccountDomain": user.domain.lower(),
        "InitiatingProcessAccountName": user.account,
        "InitiatingProcessAccountSid": user.sid,
        "InitiatingProcessAccountUpn": user.upn,
        "InitiatingProcessIntegrityLevel": "" if device.linux else _integrity(user),
        "InitiatingProcessTokenElevation": "None" if device.linux else "TokenElevationTypeDefault",
    }


def _integrity(user):
    return "System" if user in (SYSTEM, NETWORK_SERVICE) else "Medium"


def process(
    at, device, user, name, command, parent, parent_command, grandparent,
    malicious=False, why="", signals=(), ordinary=False, **cells,
):  # fmt: skip
    """A process that started."""
    at = instant(at) if isinstance(at, str) else at
    prog, parent = program(device, name), program(device, parent)
    key = f"{device.short}|{at}|{command}"
    row = _common(device, at, "DeviceProcessEvents", key)
    row |= _initiator(device, user, parent, parent_command, grandparent, at, key)
    row |= {
        "ActionType": "ProcessCreated",
        "FileName": prog.file,
        "FolderPath": prog.path,
        "SHA1": prog.hash("sha1"),
        "SHA256": prog.hash("sha256"),
        "MD5": prog.hash("md5"),
        "FileSize": prog.size,
        "ProcessVersionInfoCompanyName": prog.company,
        "ProcessVersionInfoProductName": prog.product,
        "ProcessVersionInfoOriginalFileName": prog.original,
        "ProcessId": number(900, 28_000, device.short, prog.path, command),
        "ProcessCommandLine": command,
        "ProcessIntegrityLevel": "" if device.linux else _integrity(user),
        "ProcessTokenElevation": "None" if device.linux else "TokenElevationTypeDefault",
        "ProcessCreationTime": tick(at - datetime.timedelta(milliseconds=number(3, 60, key)), key),
        "AccountDomain": user.domain.lower(),
        "AccountName": user.account,
        "AccountSid": user.sid,
        "AccountUpn": user.upn,
        "LogonId": 999 if user == SYSTEM else number(100_000, 9_000_000, device.short, user.account),
    }
    return Event("DeviceProcessEvents", at, row | cells, malicious, why, tuple(signals), ordinary)


def network(
    at, device, user, name, command, parent, url, sent=None, received=None, port=443,
    malicious=False, why="", signals=(), ordinary=False, action="ConnectionSuccess", **cells,
):  # fmt: skip
    """A connection. `sent` and `received` are None where only the sensor saw it, which counts no bytes."""
    at = instant(at) if isinstance(at, str) else at
    prog = program(device, name)
    key = f"{device.short}|{at}|{url}|{command}"
    host = url.split("//")[-1].split("/")[0].split(":")[0]
    local_name = host.endswith(DNS) or host.startswith("10.")
    row = _common(device, at, "DeviceNetworkEvents", key)
    row |= _initiator(device, user, prog, command, parent, at, key)
    row |= {
        "ActionType": action,
        "RemoteIP": f"10.20.5.{number(4, 60, host)}" if local_name else address(host or key),
        "RemotePort": port,
        "RemoteUrl": url,
        "LocalIP": device.ip,
        "LocalPort": number(49_700, 65_000, key),
        "Protocol": "Tcp",
        "LocalIPType": "Private",
        "RemoteIPType": "Private" if local_name else "Public",
        "BytesSent": "" if sent is None else sent,
        "BytesReceived": "" if received is None else received,
        "AccountName": user.account,
    }
    return Event("DeviceNetworkEvents", at, row | cells, malicious, why, tuple(signals), ordinary)


def other(table, at, device, user, name, command, parent, action, malicious=False, why="", **cells):
    """A row of a table that the rule does not read."""
    at = instant(at)
    prog = program(device, name)
    key = f"{device.short}|{at}|{table}|{action}|{command}"
    row = _common(device, at, table, key)
    row |= _initiator(device, user, prog, command, parent, at, key)
    row |= {"ActionType": action}
    return Event(table, at, row | cells, malicious, why)


__all__ = ["API", "DOMAIN", "PUSH", "ROOT", "SIGNALS", "UPLOAD", "Device", "Event", "User", "instant", "network", "other", "process", "quoted", "tick"]
