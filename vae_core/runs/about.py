"""The title, owner and start of a run, `about.json`."""

from __future__ import annotations

from pydantic import Field

from vae_core.configs import Config


class AboutConfig(Config):
    """What users say about a run, and when it started. `owner` is the checksum of a secret in the owner's browser."""

    title: str | None = Field(None, min_length=1, max_length=120)
    owner: str | None = Field(None, min_length=1, max_length=200)
    started: str | None = Field(None, max_length=40, description="when, as ISO 8601 has it, with the time zone")
