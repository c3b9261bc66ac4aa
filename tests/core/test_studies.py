"""Studies: runs told apart by what they differ in, and the difference over seeds with Student's interval."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from tests.study_cards import TRAINING_IMAGES, value, write_card, write_studies
from vae_core import studies
from vae_core.errors import RunError
from vae_core.measures.catalogue import MEASURES
from vae_core.studies import BETAS, SEEDS, SIZES, PairedDifference, paired_difference
from weights import make_studies


@pytest.fixture
def cards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the cards, all of them made up."""
    monkeypatch.setattr(studies, "STUDIES", tmp_path)
    write_studies(tmp_path)
    return tmp_path


def test_the_difference_of_pairs_has_the_interval_of_a_paired_t_test() -> None:
    generator = np.random.default_rng(0)
    ae = generator.normal(3, 2, len(SEEDS))
    vae = ae + generator.normal(0.5, 0.3, len(SEEDS))
    found = paired_difference(ae.tolist(), vae.tolist())
    assert (found.ae, found.vae, found.difference) == pytest.approx((ae.mean(), vae.mean(), vae.mean() - ae.mean()))
    assert found.interval == pytest.approx(tuple(stats.ttest_rel(vae, ae).confidence_interval(0.95)), rel=1e-6)


def test_what_all_seeds_share_does_not_widen_the_interval() -> None:
    shared = [10.0, -3.0, 55.0, 0.0, 7.0]
    found = paired_difference(shared, [value + 2 for value in shared])
    assert (found.difference, *found.interval) == pytest.approx((2, 2, 2))


@pytest.mark.parametrize(("ae", "vae"), [([1.0], [2.0]), ([1.0] * 5, [1.0] * 4), ([], [])])
def test_a_difference_needs_every_seed_of_both(ae: list[float], vae: list[float]) -> None:
    with pytest.raises(ValueError, match="5 values"):
        paired_difference(ae, vae)


@pytest.mark.parametrize(
    ("interval", "winners"),
    [
        ((0.1, 0.3), {"low": "ae", "high": "vae"}),
        ((-0.3, -0.1), {"low": "vae", "high": "ae"}),
        ((-0.1, 0.3), {"low": None, "high": None}),
        ((0.0, 0.3), {"low": None, "high": None}),
    ],
)
def test_a_kind_wins_only_where_the_interval_excludes_zero(
    interval: tuple[float, float], winners: dict[str, str | None]
) -> None:
    found = PairedDifference(0, 0, sum(interval) / 2, interval)
    assert {better: found.winner(better) for better in ("low", "high")} == winners
    assert found.is_certain == (winners["low"] is not None)


def test_runs_that_differ_have_names_that_differ_and_those_that_are_read_are_those_that_are_trained(
    cards: Path,
) -> None:
    recipes = make_studies.recipes()
    settings = [(model.model_dump_json(), training.model_dump_json()) for model, training in recipes.values()]
    assert len(set(settings)) == len(recipes)  # a name of two would have kept one of them
    assert sorted(recipes) == sorted(path.stem for path in cards.glob("*.json"))
    assert len(recipes) == 2 * 2 * len(SEEDS) + len(BETAS) - 1 + 2 * (len(SIZES) - 1)


def test_pairs_of_all_seeds_are_compared(cards: Path) -> None:
    found = studies.compare_seeds("mnist")
    pairs = studies.seeds("mnist")
    assert [[run.config.model.kind for run in pair] for pair in pairs] == [["ae", "vae"]] * len(SEEDS)
    assert [[run.config.training.seed for run in pair] for pair in pairs] == [[seed, seed] for seed in SEEDS]
    assert "kl" not in found  # which an AE has not
    differences = [0.5 + 0.01 * seed for seed in SEEDS]
    assert found["psnr"].difference == pytest.approx(np.mean(differences))
    half = stats.t.ppf(0.975, len(SEEDS) - 1) * stats.sem(differences)
    assert found["psnr"].interval[1] - found["psnr"].difference == pytest.approx(half, rel=1e-6)


def test_the_sweep_and_the_sizes_are_read_in_order(cards: Path) -> None:
    assert tuple(run.config.training.beta for run in studies.betas()) == BETAS
    sizes = studies.sizes()
    assert [count for count, _ in sizes] == [500, 5_000, TRAINING_IMAGES]
    for _, pair in sizes:
        for run in pair:
            expected = value("generalisation_gap", run.config.model.kind, run.config.training)
            assert run.measures["generalisation_gap"].value == expected


@pytest.mark.parametrize("content", [None, "{}", "[]", "torn", '{"config": {"model": 1}, "card": {"measures": {}}}'])
def test_a_card_that_is_missing_or_broken_is_one_sentence(content: str | None, cards: Path) -> None:
    path = write_card(cards, "mnist", "vae", beta=4)
    path.unlink() if content is None else path.write_text(content)
    with pytest.raises(RunError) as caught:
        studies.betas()
    sentence = str(caught.value)
    assert path.name in sentence and sentence.endswith(".") and "\n" not in sentence
    assert studies.compare_seeds("mnist")  # the rest is as it was


def test_the_table_in_the_readme_is_that_of_the_shipped_cards() -> None:
    readme = make_studies.README.read_text(encoding="utf-8")
    assert make_studies.with_table(readme) == readme


def test_what_the_readme_says_of_all_questions_at_once_is_what_holm_keeps() -> None:
    values = _compared_values()
    chances = {question: stats.ttest_rel(vae, ae).pvalue for question, (ae, vae) in values.items()}
    assert sum(chance < 0.05 for chance in chances.values()) == 16
    ordered = sorted(chances, key=chances.__getitem__)
    fails = [chances[question] > 0.05 / (len(ordered) - at) for at, question in enumerate(ordered)]
    assert set(ordered[: fails.index(True)]) == {
        ("fashion-mnist", "prior_hole_share"),
        ("fashion-mnist", "marginal_kl"),
        ("fashion-mnist", "ssim"),
        ("mnist", "step_evenness"),
    }


@pytest.mark.parametrize("name", ["decoder_speed_ratio", "round_trip_error"])
def test_each_ae_of_mnist_is_above_each_vae_where_the_readme_says_so(name: str) -> None:
    ae, vae = _compared_values()["mnist", name]
    assert min(ae) > max(vae)
    assert stats.mannwhitneyu(ae, vae, method="exact").pvalue == pytest.approx(2 / 252)


def _compared_values() -> dict[tuple[str, str], tuple[list[float], list[float]]]:
    """Data set and name of every measure in the README's table of seeds: its values of the AEs, and of the VAEs."""
    return {
        (data, name): tuple([run.measures[name].value for run in kind] for kind in zip(*seeds, strict=True))
        for data in ("mnist", "fashion-mnist")
        for seeds in [studies.seeds(data)]
        for name, definition in MEASURES.items()
        if definition.better and name in studies.compare_seeds(data)
    }
