"""Writes the rows of Parquet files as CSV to a file, for PostgreSQL to load.

usage: duckdb_csv.py FILE_LIST CSV
"""

import sys

import duckdb


def main(listed, csv):
    with open(listed, encoding="utf-8") as file:
        paths = file.read().split("\n")
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(
        f"COPY (SELECT * FROM read_parquet({paths})) TO '{csv}' (FORMAT csv, HEADER false)"
    )


main(*sys.argv[1:])
