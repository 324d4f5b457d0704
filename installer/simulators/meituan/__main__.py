"""python -m installer.simulators.meituan: the simulator as a program of its own."""

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence

from installer.simulators.meituan.errors import SimulatorError
from installer.simulators.meituan.program import serve
from installer.simulators.meituan.settings import load

DESCRIPTION = """\
Plays the Meituan 闪购 / 医药 open platform on this machine: it takes our calls under /api/v1/ and checks their
signatures with code of its own, and posts signed pushes to the callback URLs in the config.
Modelled on documented behaviour; the real platform was never reached.
"""

EPILOG = """\
The config is JSON:
  {"app_id": "4012", "secret": "…", "control_token": "…", "auto_accept": false,
   "callback_urls": {"paid": "http://127.0.0.1:8080/…", "confirmed": "…", "completed": "…", "cancelled": "…",
                     "refund": "…", "part_refund": "…", "refund_status": "…", "urge": "…", "rider": "…",
                     "changed": "…", "pick_finished": "…"},
   "shops": {"shop_0001": {"name": "示例大药房", "medicines": [
     {"app_medicine_code": "M0001", "name": "阿莫西林胶囊", "spec": "0.25g*24粒", "upc": "6900000000014",
      "price_fen": 1500, "unit": "盒"}]}},
   "switches": {"auto_rider": true}}
Kinds without a callback URL are never pushed. Switches can also be changed while it runs.

When it listens it prints one line, {"listening": "http://127.0.0.1:PORT"}. Then, with the control token:
  curl -H "Authorization: Bearer TOKEN" http://127.0.0.1:PORT/control/
  curl -H "Authorization: Bearer TOKEN" http://127.0.0.1:PORT/control/orders \\
       -d '{"shop": "shop_0001", "lines": [{"app_medicine_code": "M0001", "quantity": 2}]}'
  curl -H "Authorization: Bearer TOKEN" http://127.0.0.1:PORT/control/customer -d '{"orders_per_minute": 6}'
What else can happen is listed by GET /control/. Every POST about an order also takes: push (false: tell nobody),
times, encoding ("twice" or "once"), method ("POST" or "GET"), wrong_signature, omit [fields], replace {field: text},
delay_seconds, wait (answer only after the push was).
"""


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m installer.simulators.meituan",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--config", required=True, metavar="FILE", help="the config file, or - for standard input")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0, the default, takes a free one")
    parser.add_argument("--verbose", action="store_true", help="log every call and push to standard error")
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> int:
    options = arguments(given)
    level = logging.INFO if options.verbose else logging.WARNING
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it would log whole URLs, GET pushes included
    try:
        config = load(options.config)
        asyncio.run(serve(config, host=options.host, port=options.port, announce=announce))
    except SimulatorError as error:
        print(f"{error} ({error.hint})" if error.hint else str(error), file=sys.stderr)
        return 2
    return 0


def announce(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
