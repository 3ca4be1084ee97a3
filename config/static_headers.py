"""Headers of static files beside WhiteNoise's own."""

from collections.abc import MutableMapping

# Of the script that runs a model in the visitor's browser. A worker has a policy of its own, so no
# page has to allow WebAssembly.
WORKER = "/static/chatbot/suggest/worker.js"
WORKER_POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; base-uri 'none'"
)


def static_headers(headers: MutableMapping[str, str], path: str, url: str) -> None:
    """WhiteNoise calls it once for each file, when it starts."""
    if url == WORKER:
        headers["Content-Security-Policy"] = WORKER_POLICY
