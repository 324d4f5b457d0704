"""The baseline of `benchmarks.streams`: server-sent events by uvicorn and nothing else. Each stream a heartbeat of the
hub's size every 20 s, each report thrown away; no database, no logs, no accounts.

python -m benchmarks.bare_sse PORT
"""

import asyncio
import random
import sys

import uvicorn

from cloud.asgi import Receive, Scope, Send
from cloud.listening import allow_many_connections, listen

BEAT = b"event: heartbeat\ndata: " + b"." * 230 + b"\n\n"
STREAM = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]}


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["path"] != "/edge/stream":
        while (await receive()).get("more_body"):
            continue
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        return
    await send(STREAM)
    beating = asyncio.create_task(_beat(send))
    try:
        while (await receive())["type"] != "http.disconnect":
            continue
    finally:
        beating.cancel()


async def _beat(send: Send) -> None:
    while True:
        await send({"type": "http.response.body", "body": BEAT, "more_body": True})
        await asyncio.sleep(random.uniform(16, 24))


def main() -> None:
    import uvloop

    allow_many_connections()
    config = uvicorn.Config(app, lifespan="off", access_log=False, log_config=None)
    uvloop.run(uvicorn.Server(config).serve([listen("127.0.0.1", int(sys.argv[1]))]))


if __name__ == "__main__":
    main()
