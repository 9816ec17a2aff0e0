"""What is done with an event."""

from collections import Counter

from shop_events import ORDER_PLACED, faults

handled = Counter()


def handle(event):
    """Counts an order; returns what is wrong with it."""
    problems = faults(ORDER_PLACED, event)
    if not problems:
        handled[event["product"]] += event["quantity"]
    return problems
