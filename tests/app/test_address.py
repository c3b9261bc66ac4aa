"""The URL: links of old are followed, a choice comes back from it as it was, and nothing else reads or writes it."""

from __future__ import annotations

import ast
from pathlib import Path
from types import SimpleNamespace

import pytest

from halfmoon import address
from halfmoon.address import RunChoice
from halfmoon.half_moon import choice as half_moon
from halfmoon.interpolate import choice as interpolate
from halfmoon.interpolate.choice import End, Walk
from halfmoon.parts.pairs import find_pairs
from halfmoon.plane.view import View
from halfmoon.sample import choice as sample
from halfmoon.train import choice as train
from vae_core.comparison import pair_of
from vae_core.runs.run import Run
from vae_core.runs.shelf import find_run

ROOT = Path(__file__).resolve().parents[2]
VAE = "small-digits-vae"
IMAGE = bytes(range(64))
LINKS = [
    ({"run": VAE, "z": "0.5,-1.25"}, View(VAE, (0.5, -1.25), layers=("rings",))),
    (
        {"run": VAE, "z": "0,0", "pins": "0,1;2,3", "layers": "none", "axes": "pc0,pc1"},
        View(VAE, (0.0, 0.0), pins=((0.0, 1.0), (2.0, 3.0)), axes="pc0,pc1"),
    ),
    ({"run": VAE}, Walk(VAE)),
    (
        {"run": VAE, "a": "12", "b": "z:0.5,-1", "path": "geodesic"},
        Walk(VAE, End(12), End(place=(0.5, -1)), "geodesic"),
    ),
    ({"run": VAE, "a": End(image=IMAGE).query()}, Walk(VAE, End(image=IMAGE))),
    ({}, sample.Choice()),
    (
        {"run": "r", "seed": "7", "temperature": "0.45", "source": "posterior", "raw": "1", "tile": "0"},
        sample.Choice("r", 7, 0.45, "posterior", True, 0),
    ),
    ({}, half_moon.Choice()),
    ({"run": "r", "at": "7.3"}, half_moon.Choice("r", 7.3)),
    ({}, train.Choice()),
    ({"run": "a,b"}, train.Choice(("a", "b"))),
    (
        {"preset": "new_and_full", "phases": "two-images"},
        train.Choice(preset="new_and_full", changes={"phases": "two-images"}),
    ),
    (
        {
            "data": "moons",
            "vary": "tilt,radius",
            "widths": "8, many",
            "unit": "epochs",
            "epochs": "2.5",
            "lr": "1e-05",
        },
        train.Choice(
            changes={
                "data": "moons",
                "factors": ("tilt", "radius"),
                "widths": "8, many",
                "unit": "epochs",
                "epochs": 2.5,
                "learning_rate": 1e-5,
            }
        ),
    ),
    ({"run": "a,b", "preset": "collapse"}, train.Choice(("a", "b"), "collapse")),
]


def read(kind: type[address.Choice], query: dict[str, str]) -> address.Choice:
    """The choice of this kind that the query holds, where it needs one of a run that it may name."""
    return kind.from_query(query, run()) if kind in (View, Walk) else kind.from_query(query)


def run() -> Run:
    found = find_run(VAE)
    assert found is not None
    return found


@pytest.mark.parametrize(("query", "choice"), LINKS)
def test_a_link_is_a_choice_and_the_choice_the_same_link_again(query: dict[str, str], choice: address.Choice) -> None:
    assert read(type(choice), query) == choice
    assert choice.query() == query


@pytest.mark.parametrize(
    ("kind", "query"),
    [
        (Walk, {"a": "60"}),
        (Walk, {"path": "crooked"}),
        (Walk, {"b": "image:x"}),
        (sample.Choice, {"tile": "100"}),
        (half_moon.Choice, {"at": "11.1"}),
    ],
)
def test_a_link_that_can_not_be_followed_is_a_value_error(kind: type[address.Choice], query: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        read(kind, query)


def test_a_link_to_train_with_odd_words_is_one_without_them() -> None:
    query = {"run": "a,,b,c", "preset": "dreams", "phases": "none", "b": "nan", "seed": "one", "net": "web"}
    assert train.Choice.from_query(query) == train.Choice(("a", "b", "c"))


def test_what_is_carried_goes_with_every_choice_and_to_pages_that_are_opened_bare(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    query = Query(lang="zh", run="r", odd="1")
    browser = SimpleNamespace(query_params=query, session_state={}, context=SimpleNamespace(url="http://host/plane"))
    monkeypatch.setattr(address, "st", browser)
    address.settle({"lang": "en"})
    assert address.query() == {"run": "r", "odd": "1"} and address.carried() == {"lang": "zh"}
    address.write(RunChoice("other"))
    assert query == {"lang": "zh", "run": "other"}
    query.clear()
    address.settle({"lang": "en"})
    assert query == {}  # Back, to a view of the same page from before there was anything to carry
    browser.session_state.clear()
    query.update(lang="zh")
    address.settle({"lang": "en"})
    browser.context.url = "http://host/sample"
    query.from_dict({"run": "r"})
    address.settle({"lang": "en"})
    assert query == {"lang": "zh", "run": "r"}


def test_two_runs_beside_each_other_stay_until_other_runs_are_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    query = Query({"run": "r", "with": "s", "lang": "zh"})
    monkeypatch.setattr(address, "st", SimpleNamespace(query_params=query))
    assert address.names() == ("r", "s") and address.query() == {"run": "r"}
    address.write(View("s", (1.0, 2.0), layers=("rings",)))
    assert query == {"run": "r", "with": "s", "on": "s", "z": "1,2", "lang": "zh"}
    assert address.query() == {"run": "s", "z": "1,2"}
    address.write(View("r", (0.0, 2.0), layers=("rings",)))
    assert query == {"run": "r", "with": "s", "z": "0,2", "lang": "zh"}
    address.choose(RunChoice("s"))
    assert query == {"run": "s", "lang": "zh"}


class Query(dict[str, str]):
    """The query parameters as Streamlit has them."""

    def from_dict(self, values: dict[str, str]) -> None:
        self.clear()
        self.update(values)


def test_only_the_address_touches_the_url_and_writes_the_files_of_pages() -> None:
    touching, linking = set(), set()
    for file in [*ROOT.glob("halfmoon/**/*.py"), *ROOT.glob("pages/**/*.py"), ROOT / "app.py"]:
        name = file.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr == "query_params" and ast.unparse(node.value) != "request":
                touching.add(name)
            if isinstance(node, ast.alias) and node.name == "PAGES":
                linking.add(name)
            assert not (isinstance(node, ast.Constant) and "../pages/" in str(node.value)), name
    assert touching == {"halfmoon/address.py"}
    assert linking == {"halfmoon/address.py"}


def test_an_end_that_is_not_named_is_the_usual_one_of_the_pair() -> None:

    pair = pair_of(VAE, find_pairs())
    assert pair is not None
    usual = interpolate.first_walk(pair)
    assert Walk(VAE, end=End(3)).settled(pair) == Walk(VAE, usual.start, End(3))
