"""Orders and items for dbt's example project jaffle_shop, whose own files of them are too large for some checkouts."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from pathlib import Path

COUNT = 2000
"""Number of orders that are made."""


def write(folder: Path) -> None:
    """Write ``raw_orders.csv`` and ``raw_items.csv`` into ``folder``, unless both are there.

    The folder has the project's other seeds. An order has up to three products, and its total is their price and the
    tax of its store, as in the project's own files. Every tenth customer has no order.
    """
    orders, items = folder / "raw_orders.csv", folder / "raw_items.csv"
    if orders.exists() and items.exists():
        return
    customers = [row["id"] for number, row in enumerate(rows(folder / "raw_customers.csv")) if number % 10]
    products, stores = rows(folder / "raw_products.csv"), rows(folder / "raw_stores.csv")
    with orders.open("w", newline="") as order_file, items.open("w", newline="") as item_file:
        order_rows, item_rows = csv.writer(order_file), csv.writer(item_file)
        order_rows.writerow(["id", "customer", "ordered_at", "store_id", "subtotal", "tax_paid", "order_total"])
        item_rows.writerow(["id", "order_id", "sku"])
        for number in range(COUNT):
            store, moment = stores[number % len(stores)], datetime(2024, 9, 1, 7) + timedelta(minutes=97 * number)
            bought = [products[(number * step) % len(products)] for step in range(1, number % 4 + 1)]
            subtotal = sum(int(product["price"]) for product in bought)
            tax = int(subtotal * float(store["tax_rate"]))
            customer = customers[number * 7 % len(customers)]
            order_rows.writerow(
                [f"order-{number}", customer, moment.isoformat(), store["id"], subtotal, tax, subtotal + tax]
            )
            for place, product in enumerate(bought):
                item_rows.writerow([f"item-{number}-{place}", f"order-{number}", product["sku"]])


def rows(file: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file by the names of its columns."""
    with file.open(newline="") as lines:
        return list(csv.DictReader(lines))
