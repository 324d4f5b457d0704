"""The files that tell the demo's programs where they are: the same ones an installer writes."""

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

import msgspec

from installer.demo.chain import Chain
from installer.simulators.meituan.settings import KINDS


class DemoSecrets(msgspec.Struct, frozen=True):
    """Made once and kept: the platform and the hub must agree on them after a restart too."""

    app_id: str
    meituan_secret: str
    own_api_key: str
    control_token: str

    @classmethod
    def load_or_make(cls, path: Path) -> "DemoSecrets":
        if path.exists():
            return msgspec.json.decode(path.read_bytes(), type=cls)
        made = cls("4012", *(secrets.token_hex(16) for _ in range(3)))
        write_private(path, msgspec.json.encode(made))
        return made


def write_private(path: Path, content: bytes) -> None:
    """Readable by its owner only from its first moment; whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    beside.replace(path)


def callback_urls(hub_url: str) -> dict[str, str]:
    """Meituan registers one URL for each kind of push (facts/channels.md §1.6)."""
    return {topic: f"{hub_url}/channels/meituan/{topic}" for topic in KINDS}


def hub(port: int, platform_url: str, app_id: str) -> bytes:
    return f"""\
chain = "demo"
name = "药联示例连锁"
data = "."
port = {port}
sweep_every_seconds = 60

[channels.meituan]
app_id = "{app_id}"
base_url = "{platform_url}/api/v1/"
picture_hosts = ["{platform_url}"]

[channels.own]
label = "小程序"
""".encode()


def agent(page_port: int, printer: str, scanner: str, paper_url: str | None) -> bytes:
    """A 0600 file keeps the credential: the demo must run where there is no keyring."""
    picture = f'paper_url = "{paper_url}"\n' if paper_url else ""
    return f"""\
data = "."
page_port = {page_port}
secrets = "file"

[[printers]]
name = "前台"
address = "{printer}"
paper = 80
{picture}
[[scanners]]
path = "{scanner}"
""".encode()


def simulator(chain: Chain, known: DemoSecrets, hub_url: str, day_numbers: Mapping[str, int]) -> bytes:
    """`day_numbers` is the last order number of today by shop: the simulated platform forgets it when it stops."""
    medicines = [
        {
            "app_medicine_code": product.sku,
            "name": product.name,
            "spec": product.spec,
            "upc": product.barcodes[0],
            "unit": product.unit,
            "price_fen": chain.prices[product.sku],
            "prescription": product.prescription,
            "imagined": product.plain,
        }
        for product in chain.products
    ]
    return json.dumps(
        {
            "app_id": known.app_id,
            "secret": known.meituan_secret,
            "control_token": known.control_token,
            "callback_urls": callback_urls(hub_url),
            "shops": {
                shop: {"name": name, "medicines": medicines, "first_day_seq": day_numbers.get(shop, 0) + 1}
                for shop, name in ((store.shops["meituan"], store.name) for store in chain.stores)
            },
            "takes_strangers": True,
            "switches": {"auto_rider": True},
        },
        ensure_ascii=False,
    ).encode()
