"""What the files of a run hold, name by name: types and shapes of arrays and tensors, as the run's settings imply them.

Only headers are compared, so that nothing of a file that claims more than it should is ever read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import BinaryIO, NamedTuple

from vae_core.configs import RunConfig
from vae_core.errors import RunError
from vae_core.runs.headers import Header, array_headers, tensor_headers
from vae_core.runs.weighing import weight_shapes

PREVIEW_CODES, PREVIEW_RECONSTRUCTIONS, PREVIEW_SAMPLES = 2000, 10, 25  # at most

FLOATS = ("<f2", "<f4", "<f8")
LABELS = ("|u1", "<i4", "<i8")
INDICES = ("<i4", "<i8")  # bytes would be a mask to torch
COUNTS = ("<i4", "<i8")
PICTURES = ("|u1",)
WEIGHTS = ("F16", "BF16", "F32")


class Array(NamedTuple):
    """The types that an array may have, and its shape: a range of lengths where the settings leave one open."""

    dtypes: tuple[str, ...]
    shape: tuple[int | range, ...]

    def fits(self, header: Header | None) -> bool:
        """Whether the header is that of such an array."""
        return (
            header is not None
            and header.dtype in self.dtypes
            and len(header.shape) == len(self.shape)
            and all(
                length in one if isinstance(one, range) else length == one
                for length, one in zip(header.shape, self.shape, strict=True)
            )
        )


def check_headers(config: RunConfig, sizes: Mapping[str, int], open_file: Callable[[str], BinaryIO]) -> None:
    """Every file of arrays or weights in `sizes`, by name, is one of such a run. Raises RunError where one is not.

    `open_file` gives a file by its name, and `sizes` its bytes.
    """
    for name, size in sizes.items():
        if name.endswith((".npz", ".safetensors")):
            with open_file(name) as file:
                if name.endswith(".safetensors"):
                    _check_weights(config, tensor_headers(file, size, name), name)
                else:
                    _check_arrays(config, array_headers(file, name), name)


def _check_weights(config: RunConfig, found: dict[str, Header], name: str) -> None:
    if {key: header.shape for key, header in found.items()} != weight_shapes(config.model):
        raise RunError(f"{name} holds the weights of another model than its config.json describes.")
    if not all(header.dtype in WEIGHTS for header in found.values()):
        raise RunError(f"{name} holds weights of an unusual type: half or single precision is what is opened.")


def _check_arrays(config: RunConfig, found: dict[str, Header], name: str) -> None:
    is_codes = name == "codes.npz"
    known = _codes(config, found) if is_codes else _preview(config, found)
    if missing := [key for key in known if key not in found]:
        raise RunError(f"{name} has no array {missing[0]}.")
    if found.keys() != known.keys() or not all(array.fits(found[key]) for key, array in known.items()):
        raise RunError(f"{name} does not fit the model{' and its data set' if is_codes else ''}.")


def _codes(config: RunConfig, found: dict[str, Header]) -> dict[str, Array]:
    """The arrays of codes.npz, which has no more codes than the data set has images."""
    latent_dim = config.model.latent_dim
    count = _length(found, "labels", range(1, config.training.data.image_count + 1))
    codes = Array(FLOATS, (count, latent_dim))
    return {
        "mu": codes,
        "labels": Array(LABELS, (count,)),
        "indices": Array(INDICES, (count,)),
        "code_mean": Array(FLOATS, (latent_dim,)),
        "code_whitening": Array(FLOATS, (latent_dim, latent_dim)),
    } | ({"log_var": codes} if config.model.kind == "vae" else {})


def _preview(config: RunConfig, found: dict[str, Header]) -> dict[str, Array]:
    """The arrays of a preview."""
    latent_dim, shape = config.model.latent_dim, config.model.image_shape
    count = _length(found, "labels", range(PREVIEW_CODES + 1))
    pictures = _length(found, "originals", range(PREVIEW_RECONSTRUCTIONS + 1))
    return {
        "step": Array(COUNTS, ()),
        "codes": Array(FLOATS, (count, latent_dim)),
        "labels": Array(LABELS, (count,)),
        "originals": Array(PICTURES, (pictures, *shape)),
        "reconstructions": Array(PICTURES, (pictures, *shape)),
        "samples": Array(PICTURES, (range(PREVIEW_SAMPLES + 1), *shape)),
        "sigma": Array(FLOATS, (latent_dim,)),
        "kl": Array(FLOATS, (latent_dim,)),
    }


def _length(found: dict[str, Header], key: str, most: range) -> int | range:
    """How long the array is, for others to be as long; where it is longer than it may be, what it may be."""
    length = found[key].shape[:1] if key in found else ()
    return length[0] if length and length[0] in most else most
