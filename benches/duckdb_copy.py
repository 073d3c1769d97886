"""DuckDB's copy of a CSV file to Parquet, no rules: what benches/files.rs compares with. usage: duckdb_copy.py CSV THREADS OUT

Prints seconds and the peak memory of the process in KiB. Compression as regain writes it: zstd.
"""
import resource
import sys
import time

import duckdb

table, threads, out = sys.argv[1], int(sys.argv[2]), sys.argv[3]
start = time.perf_counter()
con = duckdb.connect()
con.execute(f"SET threads={threads}")
con.execute(f"COPY (SELECT * FROM read_csv('{table}')) TO '{out}' (FORMAT parquet, COMPRESSION zstd)")
took = time.perf_counter() - start
print(took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
