"""HTTP routes of the live view: its polls, its commands, and the run as a zip.

Nothing here needs torch: previews are the worker's, and are passed on. A page's own reruns have no part in it.
"""

from __future__ import annotations

import json
from contextlib import suppress
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import numpy as np
from safetensors.numpy import save
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from halfmoon.jobs import jobs
from halfmoon.parts.downloads import file_name
from halfmoon.server.owners import owner_of
from halfmoon.server.requests import body_of, refusing, run_of, whole_number
from halfmoon.texts.sentences import told
from halfmoon.train import record_lines
from vae_core.errors import UserError
from vae_core.runs import snapshots
from vae_core.runs.archives import pack_run
from vae_core.runs.layouts import COUNTS, FLOATS, LABELS, PICTURES, PREVIEW_ARRAYS
from vae_core.runs.run import Run
from vae_core.runs.shelf import find_run
from vae_core.training.control import ControlConfig

MIN_RECORDS, USUAL_RECORDS, MAX_RECORDS = 100, 2000, 8000
MAX_OFFSET = 10**15  # of bytes, and of steps
CONTROL_BYTES = 4096
WIRE = {FLOATS: np.float32, LABELS: np.uint8, PICTURES: np.uint8, COUNTS: np.int32}
"""How the arrays of a preview travel, by the types that they are kept in; codes as float16."""
MAX_FLOAT16 = float(np.finfo(np.float16).max)


def live_routes(base: str) -> list[BaseRoute]:
    """The routes of live views below `base`."""
    return [
        Route(f"{base}/live/{{name}}/records", _records),
        Route(f"{base}/live/{{name}}/preview", _preview),
        Route(f"{base}/live/{{name}}/snapshots", _snapshots),
        Route(f"{base}/live/{{name}}/snapshots/{{step}}", _snapshot),
        Route(f"{base}/live/{{name}}/control", _control, methods=["POST"]),
        Route(f"{base}/runs/{{name}}.zip", _archive),
    ]


def archive_path(name: str) -> str:
    """The path of the run as a zip, below the base path."""
    return f"runs/{quote(name, safe='')}.zip"


def pack_preview(arrays: dict[str, np.ndarray]) -> bytes:
    """The arrays of a preview as safetensors, in the types of WIRE."""
    tensors = {name: arrays[name].astype(WIRE[layout.dtypes]) for name, layout in PREVIEW_ARRAYS.items()}
    tensors["codes"] = tensors["codes"].clip(-MAX_FLOAT16, MAX_FLOAT16).astype(np.float16)
    tensors["step"] = tensors["step"].reshape(1)
    shape = ",".join(map(str, arrays["samples"].shape[1:]))
    return save(tensors, {"image_shape": shape, "step": str(int(arrays["step"]))})


def _records(request: Request) -> Response:
    query = request.query_params
    with refusing(request):
        offset = whole_number(query.get("offset", "0"), "offset", 0, MAX_OFFSET)
        most = whole_number(query.get("most", str(USUAL_RECORDS)), "most", 0, MAX_OFFSET)
        standing = jobs.shared().standing(request.path_params["name"])  # first: what is ended has all its records
        run = find_run(request.path_params["name"])
        lines = record_lines.Lines(0, True, [])
        if run is not None:
            lines = record_lines.read(run.records.path, offset, min(max(most, MIN_RECORDS), MAX_RECORDS))
        known = {
            "offset": lines.offset,
            "reset": lines.is_whole,
            "status": standing.status,
            "steps": run.config.training.steps if run is not None else None,
            "place": standing.place,
            "waits_for": standing.waits_for._asdict() if standing.waits_for else None,
            "minutes": standing.minutes,
            "message": standing.message and told(standing.message),
            "control": _control_of(run) if run is not None else None,
            "is_resumable": run is not None and standing.status.is_resumable and run.can_be_resumed(),
        }
    # `record_lines` has made each line JSON that a browser knows; here they are only joined.
    content = json.dumps(known)[:-1].encode() + b', "records": [' + b",".join(lines.lines) + b"]}"
    return Response(content, media_type="application/json", headers={"Cache-Control": "no-store"})


def _preview(request: Request) -> Response:
    with refusing(request):
        run = _begun(request)
        try:
            state = run.preview_file.stat() if run is not None else None
        except FileNotFoundError:
            state = None
        if run is None or state is None:
            return Response(status_code=204)
        stamp = f"{state.st_mtime_ns:x}-{state.st_ino:x}"
        if request.query_params.get("after") == stamp:
            return Response(status_code=204)
        headers = {"ETag": f'"{stamp}"', "X-Stamp": stamp, "Cache-Control": "no-store"}
        return Response(_packed(run, stamp), media_type="application/octet-stream", headers=headers)


def _snapshots(request: Request) -> Response:
    with refusing(request):
        run = _begun(request)
        steps = [] if run is None else snapshots.steps(run.snapshots_folder)
        return JSONResponse(steps, headers={"Cache-Control": "no-store"})


def _snapshot(request: Request) -> Response:
    with refusing(request):
        run, step = run_of(request), whole_number(request.path_params["step"], "step", 0, MAX_OFFSET)
        if step not in snapshots.steps(run.snapshots_folder):
            raise HTTPException(404, "There is no snapshot at this step.")
        arrays = snapshots.read_preview(run.config, snapshots.files(run.snapshots_folder, step)[0])
        headers = {"Cache-Control": "private, max-age=3600"}
        return Response(pack_preview(arrays), media_type="application/octet-stream", headers=headers)


async def _control(request: Request) -> Response:
    with refusing(request):
        changes = await _posted(request)
        owner = owner_of(request.cookies)
        control = jobs.shared().control
        return JSONResponse(await run_in_threadpool(control, request.path_params["name"], changes, owner))


def _archive(request: Request) -> Response:
    with refusing(request):
        run = run_of(request)
        if not run.is_trained:
            raise HTTPException(409, f"{run.name} can't be packed yet: let it end, or make it ready on the page Runs.")
        name = file_name(run.config.training.data.name, "run", run.name)
        headers = {"Content-Disposition": f'attachment; filename="{name}.zip"', "Cache-Control": "no-store"}
        return Response(pack_run(run), media_type="application/zip", headers=headers)


def _begun(request: Request) -> Run | None:
    """The run of the request; None for one that is to come. Raises NoSuchRunError if there is none of either."""
    name = request.path_params["name"]
    if (run := find_run(name)) is None:
        jobs.shared().standing(name)
    return run


def _control_of(run: Run) -> dict[str, Any] | None:
    """The present content of control.json; None if there is none, or it is invalid."""
    with suppress(UserError):
        if asked := run.read_control():
            return ControlConfig(**asked).model_dump()
    return None


async def _posted(request: Request) -> dict[str, Any]:
    """The JSON object in the body. Another site's page can't post one: a browser asks first, and isn't answered."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise HTTPException(400, "What is asked of a run must come as application/json.")
    body = await body_of(request, CONTROL_BYTES)
    if len(body) > CONTROL_BYTES:
        raise HTTPException(400, f"What is asked of a run must be at most {CONTROL_BYTES} bytes.")
    try:
        changes = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, "What is asked of a run must be JSON.") from error
    if not isinstance(changes, dict):
        raise HTTPException(400, "What is asked of a run must be a JSON object.")
    return changes


@lru_cache(maxsize=8)
def _packed(run: Run, stamp: str) -> bytes:
    """The run's preview as it was at `stamp`, or a newer one: read once for several pages."""
    return pack_preview(snapshots.read_preview(run.config, run.preview_file))
