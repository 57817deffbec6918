"""Runs one case in DuckDB over Parquet files, in a process of its own.

usage: duckdb_case.py SETUP QUERY ANSWER_QUERY ANSWER NAME=FILE_LIST ...

SETUP, QUERY and ANSWER_QUERY are files with SQL, FILE_LIST a file with a path
per line. Prints seconds, items and the peak memory of the process; where ANSWER
is not `-`, then writes the rows there, fields split by `|`.
"""

import resource
import sys
import time

import duckdb


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def main(setup, query, answer_query, answer, *tables):
    connection = duckdb.connect()
    connection.execute(read(setup))
    query = read(query)
    named = [table.partition("=") for table in tables]
    lists = {name: read(listed).split("\n") for name, _, listed in named}
    start = time.perf_counter()
    for name, paths in lists.items():
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet({paths})")
    connection.execute(f"CREATE TEMP TABLE answer AS {query}")
    seconds = time.perf_counter() - start
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"seconds={seconds:.4f}")
    print(f"items={connection.execute('SELECT count(*) FROM answer').fetchone()[0]}")
    print(f"peak_kib={peak_kib}")
    if answer != "-":
        connection.execute(
            f"COPY ({read(answer_query)}) TO '{answer}'"
            " (FORMAT csv, HEADER false, DELIMITER '|', QUOTE '')"
        )


main(*sys.argv[1:])
