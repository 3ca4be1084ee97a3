"""Which user the private PostgreSQL and Redis run as. PostgreSQL refuses root."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.local.errors import LocalError


@dataclass(frozen=True)
class Account:
    """An unprivileged user; root starts the services as this one."""

    uid: int
    gid: int

    def can_execute(self, path: Path) -> bool:
        """True if this user passes every folder on the way and may run (or enter) the path."""
        test = subprocess.run(["test", "-x", str(path)], check=False, cwd="/", **self.options())
        return test.returncode == 0

    def options(self) -> dict[str, Any]:
        """Arguments for subprocess that change to this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        os.chown(path, self.uid, self.gid)


class Myself(Account):
    """Nobody to change to: the person who started the command is unprivileged already."""

    def can_execute(self, path: Path) -> bool:
        return os.access(path, os.X_OK)

    def options(self) -> dict[str, Any]:
        return {}

    def own(self, path: Path) -> None:
        return None


def service_account() -> Account:
    if os.geteuid() != 0:
        return Myself(os.geteuid(), os.getegid())
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise LocalError(
            "PostgreSQL does not run as root and this system has no user `nobody`. "
            "Start as another user, or set DATABASE_URL and REDIS_URL."
        ) from None
    return Account(entry.pw_uid, entry.pw_gid)
