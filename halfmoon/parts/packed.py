"""An image of one's own as a part of an address, and back: a byte a pixel. Its twin is components/shared/packed.js."""

from __future__ import annotations

import base64
import zlib

MARK = "image:"  # before it, where something else could stand in its place


def packed(image: bytes) -> str:
    """The image, compressed, in letters that an address shows as they are."""
    return base64.urlsafe_b64encode(zlib.compress(image, 9)).decode().rstrip("=")


def unpacked(given: str, count: int) -> bytes:
    """The `count` bytes of an image in an address. Raises ValueError where it holds no such image."""
    padded = given.rstrip("=") + "=" * (-len(given.rstrip("=")) % 4)
    try:
        image = zlib.decompressobj().decompress(base64.urlsafe_b64decode(padded), count + 1)
    except zlib.error as error:
        raise ValueError("no image") from error
    if len(image) != count:
        raise ValueError(f"not an image of {count} bytes")
    return image
