"""The settings of a data set: its name, its size, and the settings of its own."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from vae_core.config_base import Config, OneOf
from vae_core.data.data_source import DataSource, Shape
from vae_core.data.sources import SOURCES
from vae_core.moons.moons_config import MoonsConfig, Phases


class DataConfig(Config):
    """A data set by name, and its settings."""

    name: Annotated[str, OneOf(SOURCES)] = Field("mnist", description="the data set")
    training_count: int | None = Field(
        None, ge=1, le=1_000_000, description="train on this many images of the training split instead of all"
    )
    phases: Phases = Field("all", description="moons only: the phases that are trained on")
    moons: MoonsConfig | None = Field(None, description="moons only: how they are drawn")

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, values: Any) -> Any:
        """Fills in defaults of the settings that only this data set has."""
        source = SOURCES.get(str(values.get("name"))) if isinstance(values, dict) else None
        for name, usual in source.settings.items() if source else ():
            given = values.get(name)
            if isinstance(usual, Config) and (given is None or isinstance(given, dict)):
                values = values | {name: usual.model_dump() | (given or {})}
        return values

    @model_validator(mode="after")
    def _belongs_together(self) -> DataConfig:
        own = ("phases", "moons")
        if any(name not in self.source.settings and getattr(self, name) != _default(name) for name in own):
            raise ValueError(f"phases and moons are settings of the moons, not of {self.name}")
        return self

    @property
    def source(self) -> DataSource:
        """The data set itself."""
        return SOURCES[self.name]

    @property
    def image_shape(self) -> Shape:
        """Channels, height, width."""
        return self.source.image_shape(self)

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes in the order of their labels."""
        return self.source.class_names(self)

    @property
    def image_count(self) -> int:
        """The number of images in all splits, known without reading them."""
        return self.source.image_count(self)

    def has_test_images_of(self, other: DataConfig) -> bool:
        """Whether both have the same test images, whatever part of the others is trained on."""
        trained_on = {"training_count": None, "phases": "all"}
        return self.replace(**trained_on) == other.replace(**trained_on)


def _default(name: str) -> Any:
    return DataConfig.model_fields[name].default
