"""Count the flights of every carrier in seeds/flights.csv without a database.

    python scripts/control_totals.py > seeds/control_totals.csv

The test `carriers_match_control_totals` holds the models to these figures.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter, defaultdict
from pathlib import Path

MISSING = "NA"
LATE_AFTER_MINUTES = 15
FIGURES = (
    "scheduled_flights",
    "cancelled_flights",
    "diverted_flights",
    "on_time_flights",
    "arrival_delay_minutes",
)


def control_totals(flights: Path) -> dict[str, Counter[str]]:
    """Return per carrier code the number of flights by outcome, and the sum of arrival delays in minutes."""
    totals: dict[str, Counter[str]] = defaultdict(Counter)
    with flights.open(newline="", encoding="utf-8") as lines:
        for flight in csv.DictReader(lines):
            carrier = totals[flight["carrier"]]
            carrier["scheduled_flights"] += 1
            if flight["dep_time"] == MISSING:
                carrier["cancelled_flights"] += 1
            elif flight["arr_delay"] == MISSING:
                carrier["diverted_flights"] += 1
            else:
                delay = int(flight["arr_delay"])
                carrier["on_time_flights"] += delay < LATE_AFTER_MINUTES
                carrier["arrival_delay_minutes"] += delay
    return totals


def main() -> None:
    totals = control_totals(Path(__file__).parents[1] / "seeds" / "flights.csv")
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("carrier", *FIGURES))
    for carrier, total in sorted(totals.items()):
        writer.writerow((carrier, *(total[figure] for figure in FIGURES)))


if __name__ == "__main__":
    main()
