"""Tables as files for other programs: CSV (RFC 4180) and JSON, without personal data."""

import csv
import json
from pathlib import Path

from node.handlers.counts.tabulation import Table


def write_csv(table: Table, path: Path) -> None:
    """Write a table with its headings; what a spreadsheet would take for a formula is none in our codes."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(table.headings)
        writer.writerows(table.rows)


def write_json(table: Table, path: Path) -> None:
    """Write a list with an object for each row."""
    rows = [dict(zip(table.headings, row, strict=True)) for row in table.rows]
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
