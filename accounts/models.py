"""Who you are: users, workspaces, members, keys, and the log of who changed what.

User, Workspace, WidgetKey and ApiKey are global look-up tables: they say which workspace a
request belongs to, before a scope is open. Every other table of the project is a WorkspaceModel
behind row-level security.
"""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.ids import uuid7


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person with a log-in. What they may do is said by their memberships alone."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.email


class Workspace(models.Model):
    """A tenant."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.slug


class WorkspaceModel(models.Model):
    """A row of one workspace, behind row-level security."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="+", db_index=False
    )

    class Meta:
        abstract = True


class Tone(models.TextChoices):
    FRIENDLY = "friendly"
    FORMAL = "formal"


class WorkspaceSettings(WorkspaceModel):
    """What an administrator decides for the workspace.

    `languages`: those offered to visitors, empty = all that the service speaks. `hours`: for each
    weekday from Monday a list of ["09:00", "17:00"], empty = people are always there; `holidays`
    are ISO dates. Both are local to `time_zone`.
    """

    risk = models.FloatField(null=True, help_text="Share of wrong answers allowed; null = default")
    large_model_allowed = models.BooleanField(default=True)
    budget_usd_per_day = models.FloatField(null=True)
    budget_usd_per_month = models.FloatField(null=True)
    budget_usd_per_visitor = models.FloatField(null=True)  # a day
    budget_usd_per_conversation = models.FloatField(null=True)
    budget_warning_share = models.FloatField(
        default=0.8, help_text="Share of a budget at which administrators are warned"
    )
    weigh_people = models.BooleanField(
        default=False,
        help_text="A budget that runs out goes to questions that nobody is free for",
    )
    agent_usd_per_hour = models.FloatField(null=True)
    audit_share = models.FloatField(null=True, help_text="Share of turns audited; null = default")
    clarify = models.BooleanField(default=True, help_text="The bot may ask which one is meant")
    decline = models.BooleanField(default=True, help_text="The bot may call it out of scope")
    review_required = models.BooleanField(
        default=False, help_text="An editor's text is published by somebody else"
    )
    check_required = models.BooleanField(
        default=True, help_text="Golden questions are asked before a person's edit goes live"
    )
    schedule_waits = models.BooleanField(
        default=True, help_text="A schedule that loses golden answers waits for a person"
    )
    imports_reviewed = models.BooleanField(
        default=False, help_text="What is imported waits as a draft"
    )
    compact_model_allowed = models.BooleanField(default=True, help_text="Tier 1 may answer")
    people_allowed = models.BooleanField(default=True, help_text="Tier 3 is there")
    consent_required = models.BooleanField(default=False, help_text="Asked before tier 2 is")
    tone = models.CharField(max_length=10, choices=Tone.choices, default=Tone.FRIENDLY)
    languages = ArrayField(models.CharField(max_length=12), default=list)
    default_language = models.CharField(max_length=12, default="en")
    time_zone = models.CharField(max_length=64, default="UTC")
    hours = models.JSONField(default=list)
    holidays = ArrayField(models.DateField(), default=list)
    retention_days = models.PositiveIntegerField(null=True, help_text="null = keep")
    ratings_asked = models.BooleanField(default=True, help_text="After a conversation is closed")
    attachments_allowed = models.BooleanField(default=True, help_text="Pictures and PDFs")
    transcripts_allowed = models.BooleanField(default=True, help_text="By mail, on request")
    replies_by_mail = models.BooleanField(default=True, help_text="Where nobody is there")
    close_after_hours = models.PositiveIntegerField(null=True, help_text="null = never by silence")
    prechat = models.JSONField(default=dict, help_text="As chatbot.prechat reads it; {} = none")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace"], name="one_settings_row"),
            models.CheckConstraint(
                condition=models.Q(risk__isnull=True) | models.Q(risk__gt=0, risk__lt=1),
                name="risk_is_a_share",
            ),
            models.CheckConstraint(
                condition=models.Q(audit_share__isnull=True)
                | models.Q(audit_share__gte=0, audit_share__lte=1),
                name="audit_share_is_a_share",
            ),
            models.CheckConstraint(
                condition=models.Q(budget_warning_share__gt=0, budget_warning_share__lte=1),
                name="budget_warning_is_a_share",
            ),
        ]


class Role(models.TextChoices):
    OWNER = "owner"
    ADMIN = "admin"
    EDITOR = "editor"
    AGENT = "agent"
    ANALYST = "analyst"


class Member(WorkspaceModel):
    """A user in a workspace."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=10, choices=Role.choices)
    display_name = models.CharField(max_length=80)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user"], name="member_once"),
        ]

    def __str__(self) -> str:
        return f"{self.display_name} ({self.role})"


class WidgetKey(models.Model):
    """The public key of an installed widget, and whose it is. Global look-up."""

    key = models.CharField(primary_key=True, max_length=40)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")


class ApiKey(models.Model):
    """A server's credential: only the SHA-256 of the token is kept. Global look-up."""

    digest = models.CharField(primary_key=True, max_length=64)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12)
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.ADMIN)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True)


class AuditEntry(WorkspaceModel):
    """Who changed what. Append-only."""

    actor_kind = models.CharField(max_length=10)  # member, api_key, command, system
    actor_id = models.CharField(max_length=64, blank=True)
    action = models.CharField(max_length=60)
    target_kind = models.CharField(max_length=40)
    target_id = models.CharField(max_length=64, blank=True)
    detail = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["workspace", "-created_at"], name="audit_recent")]
