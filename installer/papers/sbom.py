"""The software bill of materials, as CycloneDX says it."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from installer import reproducible
from installer.papers.bundled import Bundled


class BadSbom(RuntimeError):
    """It does not keep to CycloneDX' own schema."""


def sbom(version: str, bundled: Sequence[Bundled]) -> str:
    """JSON, the same for the same contents. Raises BadSbom."""
    parts = [_component(each) for each in bundled]
    bom = Bom(components=parts)
    bom.metadata.component = Component(
        name="yaolink-agent", version=version, type=ComponentType.APPLICATION, bom_ref="yaolink-agent"
    )
    bom.register_dependency(bom.metadata.component, parts)
    bom.metadata.timestamp = datetime.fromtimestamp(reproducible.epoch(), UTC)
    bom.serial_number = uuid5(NAMESPACE_URL, f"yaolink-agent {version} {[(e.name, e.version) for e in bundled]}")
    text = str(JsonV1Dot6(bom).output_as_string(indent=2))
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if wrong is not None:
        raise BadSbom(str(wrong))
    return json.dumps(json.loads(text), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _component(bundled: Bundled) -> Component:
    url = PackageURL(bundled.kind, "debian" if bundled.kind == "deb" else None, bundled.name, bundled.version)
    return Component(
        name=bundled.name,
        version=bundled.version,
        type=ComponentType.LIBRARY,
        licenses=[DisjunctiveLicense(name=bundled.licence)],
        purl=url,
        bom_ref=str(url),
    )
