"""The base class of settings: frozen, validated once, with one sentence for an invalid value."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, ValidationError
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

from vae_core.errors import ConfigError

MAX_INPUT_LENGTH = 60  # characters of what was given, in the sentence that refuses it


class Config(BaseModel):
    """Frozen settings, strict about names: a misspelt name in a file or an option is an error, not a default."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def __init__(self, /, **values: Any) -> None:
        """Raises ConfigError with one sentence if a value is missing, unknown or out of range."""
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise ConfigError(sentence(error)) from None

    # Tells pydantic that settings within settings need no call of this: an error keeps the path that leads to it.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]  # a function may carry it

    def replace(self, /, **changes: Any) -> Self:
        """The same settings with `changes`, validated again."""
        return type(self)(**(self.model_dump() | changes))

    @classmethod
    def limits(cls, name: str) -> tuple[float, float]:
        """The minimum and maximum of a setting that has both."""
        known = cls.model_fields[name].metadata
        low, high = (next(getattr(one, end) for one in known if hasattr(one, end)) for end in ("ge", "le"))
        return low, high


@dataclass(frozen=True, eq=False)
class OneOf:
    """Restricts a setting to the `names` in a registry, as they are at validation."""

    names: Collection[str]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._validated, handler(source))

    def _validated(self, name: str) -> str:
        if name not in self.names:
            expected = " or ".join(map(repr, self.names))
            raise PydanticKnownError("literal_error", {"expected": expected})
        return name


def sentence(error: ValidationError) -> str:
    """The first problem in `error`, as one sentence."""
    first = error.errors(include_url=False)[0]
    name = ".".join(_brief(part) for part in first["loc"])
    subject = f"The setting {name}" if name else "The settings"
    match first["type"]:
        case "missing":
            return f"The setting {name} is missing."
        case "extra_forbidden":
            return f"There is no setting {name}; check its spelling."
        case "json_invalid":
            return f"The settings are not valid JSON ({first['ctx']['error']})."
        case "value_error":
            message = str(first["ctx"]["error"])
            return f"{message[0].upper()}{message[1:]}."
        case _:
            what = first["msg"][0].lower() + first["msg"][1:]
            return f"{subject} can't be {_brief(first['input'], repr)}: {what}."


def _brief(value: Any, write: Callable[[Any], str] = str) -> str:
    """`value` for a sentence: one line that can be encoded, of at most MAX_INPUT_LENGTH characters."""
    try:
        written = write(value)
    except ValueError:  # Python writes no number of thousands of digits
        return "so large a number"
    written = written if written.isprintable() else repr(written)
    return written if len(written) <= MAX_INPUT_LENGTH else f"{written[:MAX_INPUT_LENGTH]}…"
