from typing import ClassVar

from django.db import migrations
from django.db.migrations.operations.base import Operation

from accounts.rls import OWN_USER, append_only, enable_rls, grant_app_role


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounts", "0001_initial")]
    operations: ClassVar[list[Operation]] = [
        *grant_app_role(),
        *enable_rls("accounts_workspacesettings", "accounts_auditentry"),
        *enable_rls("accounts_member", readable=OWN_USER),
        *append_only("accounts_auditentry"),
    ]
