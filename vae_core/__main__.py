"""The command line: `python -m vae_core --help`."""

from __future__ import annotations

from typing import Any

import click

from vae_core.commands.codes import decode, sample
from vae_core.commands.encoding import encode
from vae_core.commands.measures import evaluate, runs
from vae_core.commands.shared import write_what_can_be_encoded
from vae_core.commands.training import ready, train
from vae_core.commands.watching import watch
from vae_core.errors import UserError
from vae_core.places import PROGRAM


class Commands(click.Group):
    """Reports user errors in one sentence on stderr, without a traceback, whatever stderr can encode."""

    def main(self, *args: Any, **more: Any) -> Any:
        write_what_can_be_encoded()
        return super().main(*args, **more)

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except UserError as error:
            raise click.ClickException(str(error)) from error


CONTEXT = {"max_content_width": 110, "help_option_names": ["-h", "--help"]}


@click.group(cls=Commands, context_settings=CONTEXT)
def main() -> None:
    """Train auto-encoders, measure them, and decode any point of their latent space.

    A run is a folder with everything about one model; the shipped ones, which `runs` lists, go by their names alone:

    \b
      python -m vae_core sample mnist-vae-2d --out sheet.png
      python -m vae_core decode mnist-vae-2d --z 0.5,-1 --out image.png
      python -m vae_core train mnist --kind vae --seconds 60 --run runs/mine
      python -m vae_core watch runs/mine
      python -m vae_core evaluate runs/mine
    """


for command in (train, watch, ready, evaluate, runs, sample, encode, decode):
    command.help = (command.help or "").replace("python -m vae_core", PROGRAM)
    main.add_command(command)

if __name__ == "__main__":
    main(prog_name="python -m vae_core")
