"""The settings of moons: the ranges of their factors, and the phases that occur."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from vae_core.config_base import Config

Phases = Literal["all", "all-but-half", "new-and-full", "two-images"]
Range = tuple[float, float]

VARIABLE = ("tilt", "radius", "offset")  # the settings that are ranges


class MoonsConfig(Config):
    """The settings of drawn moons: pixels for lengths, degrees for tilt; a range of equal ends does not vary."""

    size: int = Field(28, ge=16, le=64, description="height and width of the image")
    tilt: Range = Field((0.0, 360.0), description="side of the bright limb, 0 right, 90 up")
    radius: Range = Field((8.0, 11.0), description="radius of the disc")
    offset: Range = Field((-2.0, 2.0), description="the centre's distance from the image's, across and down")
    earthshine: float = Field(0.12, ge=0, le=0.5, description="brightness of the unlit part of the disc")

    @model_validator(mode="after")
    def _stays_inside(self) -> Self:
        for name in VARIABLE:
            low, high = getattr(self, name)
            if low > high:
                raise ValueError(f"{name} must be a range with its lower end first")
        if self.radius[0] < 1 or self.radius[1] + max(map(abs, self.offset)) > self.size / 2:
            raise ValueError("radius and offset must keep the disc inside the image")
        return self

    @property
    def varying(self) -> tuple[str, ...]:
        """The settings in which moons differ, without their phase."""
        return tuple(name for name in VARIABLE if getattr(self, name)[0] < getattr(self, name)[1])

    @property
    def phase_alone_varies(self) -> bool:
        """Whether all moons differ in their phase only."""
        return not self.varying


PHASE_ONLY = MoonsConfig(tilt=(0, 0), radius=(10, 10), offset=(0, 0))
