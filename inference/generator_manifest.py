"""Make the manifest of a generator's folder: what it is, its digests, the frame of its prompts."""

from pathlib import Path
from typing import Any

from inference.chat_template import frame_of
from inference.errors import ModelUnavailable
from inference.generator_folder import KIND, TOKENIZER, chat_template, read_form
from inference.manifest import FORMAT, sha256


def manifest_for(folder: Path, name: str) -> dict[str, Any]:
    """Reads every file once. Raises ModelUnavailable, which says what is wrong with the folder."""
    from tokenizers import Tokenizer

    form = read_form(folder)
    frame = frame_of(*chat_template(folder))
    try:
        Tokenizer.from_file(str(folder / TOKENIZER))
    except Exception as error:  # its Rust side raises bare Exceptions
        raise ModelUnavailable(f"{TOKENIZER} does not load ({type(error).__name__})") from None
    return {
        "format": FORMAT,
        "kind": KIND,
        "name": name,
        "files": {file: sha256(folder / file) for file in form.files},
        "settings": {
            "frame": frame.as_json(),
            "family": form.family,
            "context_tokens": form.context_tokens,
            "size_bytes": form.size_bytes,
        },
    }
