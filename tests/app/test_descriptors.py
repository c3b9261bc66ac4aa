"""The server may open many files, and when it can't it says so once and comes back."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import asyncio, resource, socket, sys
from halfmoon.server.descriptors import raise_limit, log_shortage

soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
{raising}
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])

async def main():
    {quietly}
    server = await asyncio.start_server(lambda reader, writer: writer.write(b"hello"), "localhost", 0, backlog=2048)
    address = server.sockets[0].getsockname()
    clients = []
    while len(clients) < 100:  # until nobody can open any more, neither we nor the server
        try:
            clients.append(socket.create_connection(address[:2]))
        except OSError:
            break
        await asyncio.sleep(0)
    for _ in range(3):
        await asyncio.sleep(0)
    for client in clients:
        client.close()
    reader, writer = await asyncio.open_connection(*address[:2])
    print(len(clients), await reader.read(5))

asyncio.run(main())
"""


def outcome(raising: str = "", quietly: str = "") -> tuple[list[str], str]:
    """What the script has printed, and what it has logged."""
    script = SCRIPT.format(raising=raising, quietly=quietly)
    result = subprocess.run([sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, check=True)
    return result.stdout.split("\n"), result.stderr


def test_a_server_asks_for_more_files_than_the_usual_limit() -> None:
    (limit, served, _), log = outcome(raising="raise_limit()")
    assert int(limit) >= 1024
    assert (served, log) == ("100 b'hello'", "")


def test_a_server_without_descriptors_logs_a_line_and_answers_when_there_are_some_again() -> None:
    (_, served, _), log = outcome(quietly="log_shortage(asyncio.get_running_loop())")
    assert served.endswith("b'hello'")
    assert int(served.split()[0]) < 64
    assert log.count("\n") == 1
    assert log.startswith("No more connections can be opened")
    assert outcome()[1].count("Traceback") > 1000  # else nothing has been kept quiet
