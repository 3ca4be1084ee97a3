"""`manage.py member add SLUG EMAIL --role ROLE`: make somebody a member of a workspace."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.access import workspace_by_slug
from accounts.errors import AccountsError
from accounts.members import AddedMember
from accounts.models import Role
from console.provisioning import add_member


class Command(BaseCommand):
    help = "Add a member. Somebody without a log-in gets one; its password is printed once."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        add = actions.add_parser("add", help=self.help)
        add.add_argument("slug", help="the workspace")
        add.add_argument("email")
        add.add_argument("--role", required=True, choices=Role.values)
        add.add_argument("--name", default="", help="what colleagues and visitors see")
        add.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            workspace = workspace_by_slug(options["slug"])
            added = add_member(
                workspace, options["email"], role=options["role"], name=options["name"]
            )
        except AccountsError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(_fields(added)))
            return
        member = added.member
        verb = "is now" if added.created else "was already"
        self.stdout.write(f"{member.user.email} {verb} a member, with the role {member.role}.")
        if added.password:
            self.stdout.write(f"Initial password, shown only now: {added.password}")


def _fields(added: AddedMember) -> dict[str, str | None]:
    return {
        "id": str(added.member.id),
        "email": added.member.user.email,
        "role": added.member.role,
        "password": added.password,
    }
