"""Write a model folder: files, manifest with digests, and the numbers of its self-check."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from inference.manifest import FORMAT, sha256

FIXED_TEXTS = (
    "How do I reset my password?",
    "Where can I see my invoices?",
    "My parcel has not arrived yet. What should I do?",
    "Click Settings, then Security, and choose Reset password.",
    "Refunds are paid within 14 days of the return.",
    "We ship to all countries of the European Union.",
    "what is 2 + 2",
    "hi",
    "thanks a lot!",
    "I want to talk to a person",
    "Error E-104: the connection was reset by the server",
    "Как сбросить пароль?",
    "Возврат денег занимает до 14 дней.",
    "¿Cómo puedo cambiar mi dirección?",
    "You can cancel at any time before the end of the billing period.",
    "The API key is shown once. Keep it in a safe place.",
    "Open the app 📱, tap your picture, and choose Log out.",
    "To apply you need proof of identity, proof of address and the form MV-44.",
    "Is there a student discount, and how long is it valid?",
    "The battery lasts up to ten hours, and charges in 90 minutes.",
)


def write_manifest(
    folder: Path,
    *,
    kind: str,
    name: str,
    settings: Mapping[str, Any],
    checks: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Every file in the folder but the manifest and the texts for people is listed."""
    files = {
        path.name: sha256(path)
        for path in sorted(folder.iterdir())
        if path.name != "manifest.json" and path.suffix != ".md" and path.name != "LICENSE"
    }
    manifest = {
        "format": FORMAT,
        "kind": kind,
        "name": name,
        "files": files,
        "settings": dict(settings),
    }
    head = json.dumps(manifest, indent=1, ensure_ascii=False).removesuffix("\n}")
    lines = ",\n".join("  " + json.dumps(check, ensure_ascii=False) for check in checks)
    text = f'{head},\n "checks": [\n{lines}\n ]\n}}\n'
    (folder / "manifest.json").write_text(text, encoding="utf-8")
