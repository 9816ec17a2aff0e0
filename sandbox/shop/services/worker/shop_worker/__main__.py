"""Answers HTTP until it is asked to end."""

import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import shop_events

from .jobs import handle, handled
from .revision import REVISION


class Worker(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path != "/healthz":
            return self.answer(404, {"problems": ["not here"]})
        self.answer(
            200,
            {"service": "worker", "revision": REVISION, "events": shop_events.REVISION, "handled": handled.total()},
        )

    def do_POST(self):
        if self.path != "/jobs":
            return self.answer(404, {"problems": ["not here"]})
        problems = handle(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.answer(400 if problems else 202, {"problems": problems})

    def answer(self, status, value):
        body = json.dumps(value).encode() + b"\n"
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


port = int(os.environ.get("PORT", "3001"))
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print(f"worker listens on {port}", flush=True)
ThreadingHTTPServer(("", port), Worker).serve_forever()
