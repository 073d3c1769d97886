"""What DuckDB finds on a table of the reference workload: the figures the test compares with.

usage: python expected.py SHARED_BENCH_FOLDER TABLE.parquet > expected.csv
needs: pip install duckdb
"""
import sys

import duckdb

sys.path.insert(0, sys.argv[1])
from reference_rules import sql

query = sql(lambda column: f"datediff('day', DATE '1970-01-01', {column})")
criteria = "history margin image referral future price bargain payment credit care sympathy complaint".split()
con = duckdb.connect()
con.execute(f"CREATE VIEW c AS SELECT * FROM read_parquet('{sys.argv[2]}')")
print("by,name,count,score," + ",".join(criteria))
for by in ("campaign", "state", "cause"):
    means = ", ".join(f"avg(s_{name})" for name in criteria)
    for row in con.execute(f"SELECT '{by}', {by}, count(*), avg(score), {means} FROM ({query}) GROUP BY 2 ORDER BY 2").fetchall():
        print(*(f"{x:.9f}" if isinstance(x, float) else x for x in row), sep=",")
