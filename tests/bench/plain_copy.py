"""The limit of loading: DuckDB's own copy of every delivered file to Parquet, all of it text. Nothing is checked, named or counted."""

import argparse
from pathlib import Path

import duckdb


def main() -> None:
    """Copy each CSV below `landing` to `to`/<number>.parquet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--landing", type=Path, required=True)
    parser.add_argument("--to", type=Path, required=True)
    options = parser.parse_args()
    options.to.mkdir(parents=True)
    with duckdb.connect() as connection:
        for number, path in enumerate(sorted(options.landing.rglob("*.csv"))):
            with path.open(encoding="utf-8") as lines:
                columns = dict.fromkeys(lines.readline().strip().split(","), "VARCHAR")
            rows = f"from read_csv('{path}', columns = {columns}, header = true, auto_detect = false, quote = '\"')"
            connection.execute(f"copy ({rows}) to '{options.to}/{number}.parquet' (format parquet, compression zstd)")


if __name__ == "__main__":
    main()
