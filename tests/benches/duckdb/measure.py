"""Runs the SQL of pairs.json with DuckDB on one thread over a generated Defender CSV.

usage: measure.py LOG.csv PAIRS.json, with the duckdb package installed. Writes one JSON object to standard output:
the version, and for each pair the least milliseconds of several runs and the values of its one row.
"""

import datetime
import json
import sys
import time

import duckdb

RUNS = 5

LOAD = """
    CREATE TABLE {name} AS
    SELECT Timestamp, DeviceName, coalesce(AccountName, '') AS AccountName, ActionType, coalesce(FileName, '') AS FileName,
        coalesce({command_line}, '') AS CommandLine, coalesce(RemoteUrl, '') AS RemoteUrl, RemotePort, BytesSent,
        BytesReceived, coalesce(InitiatingProcessFileName, '') AS InitiatingProcessFileName,
        coalesce(InitiatingProcessParentFileName, '') AS InitiatingProcessParentFileName
    FROM read_csv($log, header = true, quote = '"', escape = '"', types = {{
        'Timestamp': 'TIMESTAMP', 'RemotePort': 'INTEGER', 'BytesSent': 'BIGINT', 'BytesReceived': 'BIGINT'
    }}, all_varchar = false)
    WHERE Type = '{table}'
"""


def plain(value):
    return value.isoformat() if isinstance(value, datetime.datetime) else value


def main(log, pairs):
    connection = duckdb.connect(config={"threads": 1})
    for name, table, command_line in [
        ("p", "DeviceProcessEvents", "ProcessCommandLine"),
        ("n", "DeviceNetworkEvents", "InitiatingProcessCommandLine"),
    ]:
        connection.execute(LOAD.format(name=name, table=table, command_line=command_line), {"log": log})
    # A view would be read twice, a table is what a user would query.
    connection.execute("CREATE TABLE e AS FROM p UNION ALL FROM n")
    results = []
    for pair in pairs:
        least = float("inf")
        for _ in range(RUNS):
            started = time.perf_counter()
            row = connection.execute(pair["sql"]).fetchone()
            least = min(least, time.perf_counter() - started)
        results.append({"name": pair["name"], "milliseconds": least * 1000, "row": [plain(value) for value in row]})
    json.dump({"version": duckdb.__version__, "results": results}, sys.stdout, default=int)


if __name__ == "__main__":
    with open(sys.argv[2], encoding="utf-8") as file:
        main(sys.argv[1], json.load(file))
