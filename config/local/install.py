"""Make a virtual environment and install pinned requirements; nothing to do costs nothing.

`python3 config/local/install.py FOLDER REQUIREMENTS…` needs the standard library alone. The hash
of the requirement files is kept in the folder, so pip runs only when they change.
"""

import fcntl
import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)

# Imported by sandboxed children alone, which may not write the bytecode that they find.
CHILDRENS = (
    "PIL", "bs4", "charset_normalizer", "lxml", "mammoth", "markdownify", "pypdf", "soupsieve",
)  # fmt: skip


def files_of(requirements: Path) -> list[Path]:
    """The file and those that it includes with -r."""
    text = requirements.read_text(encoding="utf-8")
    included = re.findall(r"^-r\s+(\S+)", text, flags=re.MULTILINE)
    return [requirements, *(f for name in included for f in files_of(requirements.parent / name))]


def digest(requirements: Path) -> str:
    content = b"".join(path.read_bytes() for path in files_of(requirements))
    return hashlib.sha256(sys.version.encode() + content).hexdigest()


def make_environment(folder: Path) -> None:
    python = folder / "bin" / "python"
    works = python.exists() and _run([str(python), "-c", "import pip"], quiet=True) == 0
    if works:
        return
    print(f"Making the virtual environment {folder}", flush=True)
    if _run([sys.executable, "-m", "venv", "--clear", str(folder)]):
        raise SystemExit(
            "The virtual environment cannot be made. On Debian and Ubuntu install python3-venv."
        )


def install(folder: Path, requirements: Path) -> None:
    stamp = folder / f"{requirements.stem}.sha256"
    wanted = digest(requirements)
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    print(f"Installing {requirements.name} (a minute or so)", flush=True)
    command = [
        str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--prefer-binary",
        "--no-compile",  # Python compiles what is imported; all of it costs a minute
        "--disable-pip-version-check", "--no-input", "--requirement", str(requirements),
    ]  # fmt: skip
    if _run(command):
        raise SystemExit(f"{requirements.name} cannot be installed; pip says why above.")
    packages = [str(path) for name in CHILDRENS for path in folder.glob(f"lib/*/*/{name}")]
    if packages:
        _run([str(folder / "bin" / "python"), "-m", "compileall", "-q", *packages], quiet=True)
    stamp.write_text(wanted, encoding="utf-8")


def _run(command: list[str], *, quiet: bool = False) -> int:
    output = subprocess.DEVNULL if quiet else None
    return subprocess.run(command, check=False, stdout=output, stderr=output).returncode


def main() -> None:
    if sys.version_info < OLDEST:
        raise SystemExit(f"Firstline needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    folder = Path(sys.argv[1])
    folder.mkdir(exist_ok=True)
    lock = os.open(f"{folder}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    make_environment(folder)
    for name in sys.argv[2:]:
        install(folder, Path(name))


if __name__ == "__main__":
    main()
