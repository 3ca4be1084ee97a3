"""`python -m tests.pictures [NAME …]`: take all pictures, or those of these names.

Everything happens in private services in a folder of their own that is gone afterwards. The
process plays the workers; only the web process runs beside it.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import django
from django.core.management import call_command

from config.env import BASE_DIR
from config.local.private import temporary

FOLDER = BASE_DIR / "docs" / "pictures"


def arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.pictures", description=__doc__)
    parser.add_argument("names", nargs="*", help="only these pictures")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the pictures go")
    parser.add_argument("--dark", action="store_true", help="in the dark scheme")
    parser.add_argument("--language", default="en-US", help="of the browser, such as ru-RU")
    parser.add_argument("--width", type=int, help="of the window, instead of a picture's own")
    return parser.parse_args(argv)


def main(argv: Sequence[str]) -> int:
    given = arguments(argv)
    given.folder.mkdir(parents=True, exist_ok=True)
    for name in [name for name in os.environ if name.startswith(("LLM_", "DATABASE_", "REDIS_"))]:
        del os.environ[name]
    os.environ["FIRSTLINE_ENV_FILE"] = os.devnull
    with temporary() as services, tempfile.TemporaryDirectory() as logs:
        os.environ.update(services.environment)
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        os.environ["PICTURES_DIR"] = str(Path(logs) / "pictures")
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop, as in tests
        django.setup()
        call_command("migrate", database="owner", verbosity=0)
        _photograph(given, Path(logs))
    return 0


def _photograph(given: argparse.Namespace, logs: Path) -> None:
    from tests.hostpage import serve
    from tests.live import START_S, running
    from tests.pictures.screens import SCREENS
    from tests.pictures.shots import Studio, a_browser
    from tests.pictures.telling import told

    wanted = given.names or list(SCREENS)
    if unknown := set(wanted) - set(SCREENS):
        raise SystemExit(f"There is no picture {', '.join(sorted(unknown))}: {', '.join(SCREENS)}")
    with running(("web",), logs) as live, serve(live.url) as shop, a_browser() as browser:
        live.wait_until(live.answers, "the web process answers", timeout_s=START_S)
        started = time.monotonic()
        story = told(shop)
        print(f"The story is told in {time.monotonic() - started:.0f} s", flush=True)
        look = {"scheme": "dark" if given.dark else "light", "language": given.language}
        studio = Studio(live.url, browser, given.folder, width=given.width, **look)
        for name in wanted:
            SCREENS[name](studio, story)
            size = (given.folder / f"{name}.png").stat().st_size
            print(f"{name:24} {size // 1000:4} kB", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
