"""The command `halfmoon`: opens the app, or runs a command of `python -m vae_core`."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Any

import click

from vae_core import __version__
from vae_core.__main__ import CONTEXT, Commands
from vae_core.__main__ import main as core
from vae_core.errors import ConfigError
from vae_core.places import APP

HERE = "localhost"


@click.group(cls=Commands, commands=core.commands, invoke_without_command=True, context_settings=CONTEXT)
@click.option("--host", metavar="ADDRESS", help=f"where the app listens; docs/serving.md says more  [{HERE}]")
@click.option("--port", type=click.IntRange(1, 65535), help="its port  [8501, or the next that is free]")
@click.option("--no-browser", is_flag=True, help="open no browser")
@click.version_option(__version__, package_name="halfmoon", message="halfmoon %(version)s")
@click.pass_context
def main(context: click.Context, host: str | None, port: int | None, no_browser: bool) -> None:
    """Explore the latent spaces of auto-encoders in a browser: `halfmoon` alone opens the app.

    The models that were trained lie in the folder runs/, or where VAE_RUNS_DIR says; data sets in data/, or where
    VAE_DATA_DIR says. The commands train, measure and decode without the app; `halfmoon COMMAND --help` tells more.
    """
    if context.invoked_subcommand is None:
        open_app(host, port, no_browser)
    elif host or port or no_browser:
        raise ConfigError(
            f"--host, --port and --no-browser are for the app: leave them out of {context.invoked_subcommand}."
        )


def open_app(host: str | None = None, port: int | None = None, no_browser: bool = False) -> None:
    """Serves the app until it is ended, as `streamlit run app.py` does. Raises ConfigError if it can't listen."""
    check_free(host or HERE, port or 0)
    from streamlit.web import cli

    options: dict[str, Any] = {"server.address": host, "server.port": port, "server.headless": no_browser or None}
    given = [f"--{name}={str(value).lower()}" for name, value in options.items() if value is not None]
    with suppress(click.Abort):  # Ctrl-C, after all that ran has ended
        cli.main(["run", str(APP), *given], prog_name="streamlit", standalone_mode=False)


def check_free(host: str, port: int) -> None:
    """Raises ConfigError if no server can listen at the address; port 0 is any."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        socket.create_server((host, port), family=family).close()
    except (OSError, UnicodeError) as error:
        where = f"{host}:{port}" if port else host
        raise ConfigError(f"Nothing can listen at {where}: choose another --host or --port. {error}") from error


if __name__ == "__main__":
    main(prog_name="halfmoon")
