"""The large models that a workspace asks by its own account."""

from django.db import models

from accounts.models import WorkspaceModel


class LargeModel(WorkspaceModel):
    """One place of the chain. `sealed_key`: see chatbot.sealing; empty where none is needed.

    Prices are US dollars for a million tokens; null is the kept list's. `checked_at` and `check`
    are of the last trial call: "ok", or how it failed.
    """

    position = models.PositiveSmallIntegerField(default=0)
    vendor = models.CharField(max_length=12)
    base_url = models.CharField(max_length=300, blank=True)
    model = models.CharField(max_length=120)
    sealed_key = models.TextField(blank=True)
    key_ends = models.CharField(max_length=4, blank=True)  # its last letters, to know it by
    price_input_per_mtok = models.FloatField(null=True)
    price_output_per_mtok = models.FloatField(null=True)
    enabled = models.BooleanField(default=True)
    checked_at = models.DateTimeField(null=True)
    check_result = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["workspace", "position"], name="large_model_order")]
