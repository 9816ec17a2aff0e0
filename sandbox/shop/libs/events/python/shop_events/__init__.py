"""What services of the shop tell each other."""

import json
import pathlib

_ROOT = pathlib.Path(__file__).resolve().parents[2]
_TYPES = {"string": str, "integer": int}

REVISION = json.loads((_ROOT / "revision.json").read_text())["revision"]
ORDER_PLACED = json.loads((_ROOT / "schema" / "order-placed.json").read_text())


def faults(schema, event):
    """What is wrong with an event, a line each."""
    missing = [f"{name} is missing" for name in schema["required"] if name not in event]
    wrong = [
        f"{name} is no {rule['type']}"
        for name, rule in schema["properties"].items()
        if name in event and not isinstance(event[name], _TYPES[rule["type"]])
    ]
    return missing + wrong
