"""An image that is posted becomes the code that the model gives it, and nothing else is taken for an image."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from halfmoon.plane.routes import (
    codes_path,
    encode_path,
)
from tests.app.asking import ask, assert_refused, run_of

CONVOLUTIONAL = "mnist-vae-conv-2d"  # shipped: the only decoder here that is no MLP


@pytest.mark.parametrize("name", ["small-digits-ae", "small-digits-vae", "small-ten-vae", CONVOLUTIONAL])
def test_an_image_is_encoded_as_the_model_encodes_it(name: str) -> None:
    run = run_of(name)
    image = np.random.default_rng(5).integers(0, 256, (1, *run.config.model.image_shape), dtype=np.uint8)
    content = image.tobytes()
    answer = ask(encode_path(run), "POST", [content[:10], content[10:]])
    assert answer.status == 200
    given = json.loads(answer.body)
    mu, log_var = run.load_model().encode(torch.tensor(image) / 255)
    np.testing.assert_allclose(given["mu"], mu[0], rtol=1e-4, atol=1e-5)
    if run.config.model.kind == "ae":
        assert given["log_var"] is None
    else:
        np.testing.assert_allclose(given["log_var"], log_var[0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("body", [[], [bytes(63)], [bytes(60), bytes(5)], [bytes(784)]])
def test_a_body_that_is_no_image_is_refused(body: list[bytes]) -> None:
    path = encode_path(run_of("small-digits-vae"))
    assert_refused(ask(path, "POST", body), 400, "must be 64 bytes")


def test_of_a_body_without_end_little_is_read() -> None:
    read = 0

    class Endless(list):
        def __iter__(self):
            nonlocal read
            while True:
                read += 1
                yield bytes(50)

    assert_refused(ask(encode_path(run_of("small-digits-vae")), "POST", Endless()), 400, "must be 64 bytes")
    assert read == 2


def test_an_image_is_posted_and_not_asked_for() -> None:
    run = run_of("small-digits-vae")
    assert ask(encode_path(run)).status == 405
    assert ask(codes_path(run), "POST").status == 405
