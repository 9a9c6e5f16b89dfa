"""A small server with the HTTP interface of OpenAI, on loopback, for tests of the server's AI functions.

It answers ``/embeddings``, ``/chat/completions`` and ``/rerank``, and always the same for the same request.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Request:
    """A request that the server has got: its path, the key of its header Authorization, and its JSON body."""

    path: str
    key: str
    body: dict[str, Any]


@dataclass
class AiServer:
    """A running server. ``url`` has no slash at its end. ``requests`` has the requests in the order of their arrival.

    ``embed`` makes the vector of a text. If ``key`` is not None, a request with another key is answered with the status
    401, and the answer repeats the wrong key.
    """

    embed: Callable[[str], list[float]]
    key: str | None = None
    url: str = ""
    requests: list[Request] = field(default_factory=list)

    def texts(self) -> list[str]:
        """Return the texts for which vectors were requested, in their order."""
        inputs = [request.body["input"] for request in self.requests if request.path.endswith("/embeddings")]
        return [text for one in inputs for text in (one if isinstance(one, list) else [one])]

    def answer(self, request: Request) -> tuple[int, dict[str, Any]]:
        """Return the status and the body of the answer to ``request``."""
        self.requests.append(request)
        if self.key is not None and request.key != self.key:
            return 401, {"error": {"message": f"wrong key {request.key}", "type": "invalid_request_error"}}
        body = request.body
        if request.path.endswith("/embeddings"):
            given = body["input"]
            texts = given if isinstance(given, list) else [given]
            data = [{"object": "embedding", "index": n, "embedding": self.embed(text)} for n, text in enumerate(texts)]
            return 200, {"object": "list", "model": body.get("model"), "data": data}
        if request.path.endswith("/chat/completions"):
            content = f"echo: {body['messages'][-1]['content']}"
            message = {"role": "assistant", "content": content}
            return 200, {"model": body.get("model"), "choices": [{"index": 0, "message": message}]}
        if request.path.endswith("/rerank"):
            return 200, {"results": _ranked(body["query"], body["documents"])}
        return 404, {"error": {"message": f"no such path: {request.path}"}}


def _ranked(query: str, documents: list[str]) -> list[dict[str, Any]]:
    """Return the documents as results of a rerank. Their score is the part of the words of ``query`` that they have."""
    words = query.lower().split()
    scores = [sum(word in text.lower() for word in words) / max(len(words), 1) for text in documents]
    order = sorted(range(len(documents)), key=lambda number: -scores[number])
    return [{"index": n, "relevance_score": scores[n], "document": {"text": documents[n]}} for n in order]


@contextmanager
def running(embed: Callable[[str], list[float]], key: str | None = None) -> Iterator[AiServer]:
    """Start an ``AiServer`` on a free port of loopback, and stop it at the end."""
    server = AiServer(embed, key)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length) or b"{}")
            key = self.headers.get("Authorization", "").removeprefix("Bearer ")
            status, answer = server.answer(Request(self.path, key, body))
            text = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: Any) -> None:
            del format, args

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    server.url = f"http://127.0.0.1:{http.server_port}"
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
