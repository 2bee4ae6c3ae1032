"""A receiver of webhooks that misbehaves: errors, slow answers, connections dropped after the work."""

from __future__ import annotations

import random
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread


class Sink:
    """Counts what it got by webhook id; ``is_faulty`` makes a fifth of the answers errors."""

    def __init__(self, seed: int) -> None:
        """Prepare a server on a free port."""
        self.received: Counter[str] = Counter()
        self.is_faulty = True
        self._chance = random.Random(seed)
        self._lock = Lock()
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: object) -> None:
                """Say nothing."""

            def do_POST(self) -> None:
                sink.answer(self)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """Where to send to."""
        return f"http://127.0.0.1:{self._server.server_port}/hook"

    def start(self) -> None:
        """Listen until stopped."""
        Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Take one delivery and answer it, well or badly."""
        handler.rfile.read(int(handler.headers.get("content-length", 0)))
        with self._lock:
            mood = self._chance.random() if self.is_faulty else 1.0
            if mood >= 0.2:
                self.received[handler.headers["webhook-id"]] += 1
        if mood < 0.2:
            self._reply(handler, 500)
        elif mood < 0.23:
            time.sleep(2)
            self._reply(handler, 204)
        elif mood < 0.28:
            handler.close_connection = True
            handler.connection.close()
        else:
            self._reply(handler, 204)

    @staticmethod
    def _reply(handler: BaseHTTPRequestHandler, status: int) -> None:
        try:
            handler.send_response(status)
            handler.send_header("content-length", "0")
            handler.end_headers()
        except OSError:
            return
