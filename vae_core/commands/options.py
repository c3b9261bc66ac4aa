"""Command-line options generated from the settings, whose limits and meaning they share."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import click
from pydantic.fields import FieldInfo

from vae_core.config_base import OneOf
from vae_core.configs import Config, ModelConfig, TrainingConfig
from vae_core.places import PROGRAM

ELSEWHERE = {"image_shape", "data.name", "extensions"}  # an argument, read from the data, or made by --more-steps


def setting_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds an option for every setting of a model and of its training."""
    for path, field in reversed([*_fields(ModelConfig), *_fields(TrainingConfig)]):
        if path not in ELSEWHERE:
            command = click.option(_flag(path), path.replace(".", "__"), **_kind_of_value(field))(command)
    return command


def settings(values: dict[str, Any], data_name: str) -> tuple[ModelConfig, TrainingConfig]:
    """The given settings, and defaults for the others. Raises ConfigError."""
    model, training = given_settings(values)
    training["data"] = {"name": data_name} | training.get("data", {})
    return ModelConfig(**model), TrainingConfig(**training)


def given_settings(values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The given settings of the model and of its training; nested settings as dictionaries."""
    given = {name.replace("__", "."): value for name, value in values.items() if value is not None}
    model, training = (
        _nested({path: given[path] for path, _ in _fields(config) if path in given})
        for config in (ModelConfig, TrainingConfig)
    )
    return model, training


def as_options(given: dict[str, Any]) -> list[str]:
    """The options from which `given_settings` makes these settings again; None is omitted, and what has no option."""
    values = ((path, value) for path, value in _flat(given) if value is not None and path not in ELSEWHERE)
    return [f"{_flag(path)}={_as_text(value)}" for path, value in values]


def command_line(*arguments: str | Path) -> str:
    """The command as typed into a shell; a path that begins like an option is made relative with `./`."""
    words = [f".{os.sep}{one}" if isinstance(one, Path) and str(one).startswith("-") else str(one) for one in arguments]
    return (subprocess.list2cmdline if os.name == "nt" else shlex.join)([*PROGRAM.split(), *words])


def _fields(config: type[Config], prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """All settings of `config`, nested ones included, by dotted path."""
    for name, field in config.model_fields.items():
        inner = next((kind for kind in _alternatives(field.annotation) if _is_config(kind)), None)
        if inner:
            yield from _fields(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", field


def _flag(path: str) -> str:
    return "--" + path.removeprefix("data.").replace(".", "-").replace("_", "-")


def _kind_of_value(field: FieldInfo) -> dict[str, Any]:
    """The click type that parses and describes a setting; its limits are checked by the config itself."""
    kind = _alternatives(field.annotation)[0]
    text = field.description
    if field.default is not None:
        default = ",".join(map(str, field.default)) if isinstance(field.default, tuple) else field.default
        text = f"{text}  [{default}]"
    for known in field.metadata:
        if isinstance(known, OneOf):
            return {"type": click.Choice(list(known.names)), "help": text}
    if get_origin(kind) is Literal:
        return {"type": click.Choice(get_args(kind)), "help": text}
    if get_origin(kind) is tuple:
        return {"type": str, "callback": _split_at_commas, "metavar": "A,B,…", "help": text}
    return {"type": kind, "help": text}


def _split_at_commas(context: click.Context, parameter: click.Parameter, value: str | None) -> list[str] | None:
    return None if value is None else [part.strip() for part in value.split(",") if part.strip()]


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    """The types of `annotation` without None; itself if it is no union."""
    if get_origin(annotation) in (Literal, tuple) or not get_args(annotation):
        return (annotation,)
    return tuple(kind for kind in get_args(annotation) if kind is not type(None))


def _is_config(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Config)


def _as_text(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def _flat(tree: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """All values in `tree` by dotted path."""
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _nested(flat: dict[str, Any]) -> dict[str, Any]:
    """The inverse of `_flat`."""
    tree: dict[str, Any] = {}
    for path, value in flat.items():
        *parents, name = path.split(".")
        branch = tree
        for parent in parents:
            branch = branch.setdefault(parent, {})
        branch[name] = value
    return tree
