"""The page of measures in a real browser: what the cards say, for the pair that the URL names, and as a file."""

from __future__ import annotations

import csv
import io
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image, ImageColor
from playwright.sync_api import Browser, Locator, Page, expect

from halfmoon.compare import gaps, lanes, study_tables
from halfmoon.parts.numbers import code_text
from halfmoon.parts.palette import KIND_COLOURS
from halfmoon.plane.view import rounded
from halfmoon.texts import catalogue
from tests.app.standins import make_run
from tests.browser.boxes import choose
from tests.browser.conftest import new_context, watched_page
from tests.browser.planes import STEP, decoded, marks, numbers_of, picture, pixel_of, query, source_image
from tests.browser.test_pins_in_browser import action
from tests.browser.trainings import held, worker_of
from tests.waiting import until
from vae_core.codes.sampling import prior_codes
from vae_core.measures.gap_map import GapMap
from vae_core.places import SHIPPED
from vae_core.runs.run import Run
from vae_core.studies import BETAS

KINDS = ("ae", "vae")
FOLDED = 4500  # pixels: no folded page is higher on a phone
MEASURES = ".hm-group"  # the tables of the two runs


def shipped(name: str) -> list[Run]:
    """The AE and the VAE of a shipped pair."""
    return [Run.open(SHIPPED / name.format(kind)) for kind in KINDS]


def boxes(page: Page) -> Locator:
    """The boxes of the first run and of the second."""
    return page.locator(".st-key-choice").get_by_test_id("stSelectbox")


def cells(page: Page, measure: str) -> list[str]:
    """What stands in bold in the row of a measure."""
    return row_of(page, measure).locator("td b").all_text_contents()


def row_of(page: Page, measure: str) -> Locator:
    """All that is said of a measure: in words, and in a lane for each run."""
    return page.locator(f"{MEASURES} tbody", has=page.locator("code", has_text=re.compile(f"^{measure}$")))


def values(measure: str, name: str) -> list[str]:
    """What the cards of a shipped pair say of a measure, with the digits that its interval leaves."""
    return [lanes.shown(run.read_card().measures[measure]).value for run in shipped(name)]


def unfold(page: Page, name: str) -> Locator:
    """The section of this name, gone to and opened by the index."""
    link = page.locator(f".sections a[href='#{name}']")
    link.click()
    section = page.locator(f".st-key-section-{name}")
    expect(section.locator("details[open]")).to_be_attached()
    expect(section.locator("summary")).to_be_focused()
    expect(link).to_have_attribute("aria-current", "true")
    page.keyboard.press("Shift")  # whoever goes on is not taken back while the page grows
    return section


def test_a_pair_is_compared_and_another_one_chosen(page: Page) -> None:
    page.goto("/compare?run=digits-vae-2d")
    expect(page.locator(MEASURES).first).to_be_attached()
    assert cells(page, "knn_accuracy") == values("knn_accuracy", "digits-{}-2d")
    unfold(page, "reading")
    with page.expect_download() as download:
        page.locator(".st-key-halfmoon-digits-ae-vs-vae-csv").get_by_role("button").click()
    with Path(download.value.path()).open(newline="", encoding="utf-8") as file:
        lines = {(line["run"], line["measure"]): line["value"] for line in csv.DictReader(file)}
    for run in shipped("digits-{}-2d"):
        assert float(lines[run.name, "psnr"]) == run.read_card().measures["psnr"].value
    unfold(page, "distribution")
    for dim in range(2):
        expect(page.locator(f".st-key-codes-{dim} .js-plotly-plot")).to_be_visible()

    choose(page, boxes(page).first, "Fashion-MNIST, 2-D · AE")
    page.wait_for_url(re.compile(r"run=fashion-ae-2d$"))
    expect(page.locator(f"{MEASURES} code", has_text="sample_credibility")).to_be_attached()  # the digits have no judge
    assert cells(page, "psnr") == values("psnr", "fashion-{}-2d")


def test_the_first_screen_has_verdict_measures_and_both_maps_and_the_index_leads_to_the_rest(page: Page) -> None:
    page.goto("/compare?run=digits-vae-2d#gaps")
    section = page.locator(".st-key-section-gaps")
    expect(section.locator("details[open]")).to_be_in_viewport()  # the link says so
    link = page.locator(".sections a[href='#gaps']")
    expect(link).to_have_attribute("aria-current", "true")
    page.mouse.move(683, 700)
    page.mouse.wheel(0, -10_000)
    expect(page.locator(".hm-verdict")).to_be_in_viewport()
    expect(page.locator(".latent-plane-plane[data-ready][data-layers]")).to_have_count(2)
    expect(page.locator(".hm-headlines tbody")).to_have_count(5)
    for told in (".hm-verdict p", ".hm-headlines tbody"):
        for one in page.locator(told).all():
            box = one.bounding_box()
            assert box["y"] > 0 and box["y"] + box["height"] <= page.viewport_size["height"]
    for plane in page.locator(".latent-plane-plane").all():
        expect(plane).to_be_in_viewport(ratio=0.6)

    section = unfold(page, "smoothness")
    expect(page).to_have_url(re.compile("#smoothness$"))
    expect(page.locator(".sections a[aria-current]")).to_have_count(1)
    expect(section.locator("summary")).to_be_in_viewport()


def test_a_run_is_compared_with_any_other_and_back_and_reload_show_the_same(page: Page) -> None:
    page.goto("/compare?run=digits-vae-2d")
    expect(page.locator(".hm-sheets figure")).to_have_count(3)
    choose(page, boxes(page).last, "Moons, 2-D · VAE")
    page.wait_for_url(re.compile(r"run=digits-ae-2d&with=moons-vae-2d"))
    expect(page.get_by_role("rowheader", name="Moons, 2-D · VAE").first).to_be_visible()
    expect(page.get_by_text("measured on different images, Digits 8 × 8 and Moons")).to_be_visible()
    row = row_of(page, "reconstruction_at_mean")
    expect(row).to_contain_text("Not compared: nats of different images.")
    expect(row.locator(".hm-better")).to_have_count(0)
    expect(page.get_by_alt_text("original")).to_have_count(20)  # ten of each data set
    page.reload()
    expect(page.get_by_role("rowheader", name="Moons, 2-D · VAE").first).to_be_visible()
    page.go_back()
    expect(page.get_by_role("rowheader", name="VAE", exact=True).first).to_be_visible()
    expect(page.get_by_text("These two were measured on different images")).to_have_count(0)


def downloaded(page: Page, button: str) -> np.ndarray:
    """The pixels (H, W) of the picture that this button saves, in [0, 1]."""
    with page.expect_download() as download:
        page.get_by_role("button", name=button, exact=True).click()
    picture = Image.open(io.BytesIO(Path(download.value.path()).read_bytes()))
    return np.asarray(picture.convert("L"), np.float64) / 255


def test_reconstructions_and_samples_are_what_torch_draws(page: Page, stand_ins: Path) -> None:
    page.goto("/compare?run=small-digits-vae")
    runs = [Run.open(stand_ins / f"small-digits-{kind}") for kind in KINDS]
    expect(page.locator(".hm-strips img")).to_have_count(30)
    expect(page.locator(".hm-sheets img")).to_have_count(3)
    unfold(page, "images")
    assert downloaded(page, catalogue("en")["compare.save_images"]).shape == (3 * 8, 10 * 8)
    sheet = downloaded(page, "PNG of AE, raw codes from N(0, I)")
    np.testing.assert_array_equal(sheet, source_image(page.locator(".hm-sheets img").nth(1)))
    for line, run in enumerate(runs, start=1):
        image = page.locator(".hm-strips img").nth(10 * line + 3)
        assert np.abs(source_image(image) - decoded(run, run.codes.mu[3])).max() <= STEP
    for run, place, raw in ((runs[0], 0, False), (runs[0], 1, True), (runs[1], 2, False)):
        drawn = source_image(page.locator(".hm-sheets img").nth(place))
        code = prior_codes(run.codes, 100, seed=0, raw=raw)[42]
        assert np.abs(drawn[4 * 8 : 5 * 8, 2 * 8 : 3 * 8] - decoded(run, code)).max() <= STEP


def saved(page: Page, key: str, kind: str) -> bytes:
    """The figure of this key as a file of this kind, by the button beneath it."""
    button = page.locator(f".st-key-{key}-files").get_by_role("button", name=f"Save this figure as {kind}")
    with page.expect_download() as download:
        button.click()
    assert download.value.suggested_filename.endswith(f".{kind.lower()}")
    return Path(download.value.path()).read_bytes()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_figures_are_printed_on_white_with_title_and_legend(browser: Browser, address: str, scheme: str) -> None:
    with new_context(browser, address, color_scheme=scheme) as context, watched_page(context) as page:
        page.goto("/compare?run=small-digits-vae")
        plot = unfold(page, "distribution").locator(".st-key-codes-1 .js-plotly-plot")
        expect(plot).to_be_visible()
        picture = Image.open(io.BytesIO(saved(page, "codes-1", "PNG"))).convert("RGB")
        assert picture.width in (1926, 3852)  # 8.5 or 17 cm
        assert picture.getpixel((0, 0)) == (255, 255, 255)
        seen = {colour for _, colour in picture.getcolors(picture.width * picture.height)}
        assert {ImageColor.getrgb(colour) for colour in KIND_COLOURS[:2]} <= seen  # the line of each run
        drawing = ElementTree.fromstring(saved(page, "codes-1", "SVG"))
        assert drawing.tag.endswith("svg")
        assert sum("scatter trace" in node.get("class", "") for node in drawing.iter()) == 3  # the prior's as well
        assert [node.text for node in drawing.iter() if node.get("class") == "legendtext"] == ["N(0, 1)", "AE", "VAE"]
        (title,) = [node for node in drawing.iter() if node.get("class") == "gtitle"]
        assert "".join(title.itertext()) == catalogue("en")["compare.dimension"].format(number=2)
        expect(plot.locator(".legendtext")).to_have_count(0)  # on the page it stands above all figures


def test_a_run_is_measured_and_each_number_shown_as_it_comes(page: Page, stand_ins: Path) -> None:
    run = make_run(stand_ins, "unmeasured", "ae", latent_dim=3)  # which has no twin
    try:
        page.goto(f"/compare?run={run.name}")
        expect(page.locator(MEASURES)).to_have_count(0)
        page.locator(".st-key-measure").get_by_role("button").click()
        until(lambda: "psnr" in run.read_card().measures)
        with held(worker_of(run.folder)):  # with some of its numbers, however late the page looks
            expect(page.get_by_test_id("stProgress")).to_contain_text(f"Measuring {run.name}")
            expect(page.locator(MEASURES).first).to_be_attached()
        expect(page.get_by_test_id("stProgress")).to_have_count(0, timeout=120_000)
        expect(page.locator(MEASURES)).to_have_count(5)  # all groups, but for the factors that digits have not
        expect(page.get_by_text("not fully measured yet")).to_have_count(0)
        assert cells(page, "psnr") == [lanes.shown(run.read_card().measures["psnr"]).value]
    finally:
        shutil.rmtree(run.folder)


def test_the_studies_are_drawn_saved_and_downloaded(page: Page) -> None:
    known = study_tables.read()
    page.goto("/compare?run=small-digits-vae")
    unfold(page, "studies")
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_attached()
    for name in ("sizes", "betas"):
        expect(page.locator(f".st-key-study-{name} .js-plotly-plot")).to_be_visible()
        assert Image.open(io.BytesIO(saved(page, f"study-{name}", "PNG"))).format == "PNG"
    expect(page.locator(".st-key-study-betas .textpoint")).to_have_count(len(BETAS))
    expect(page.locator(".hm-seeds")).to_have_count(len(study_tables.SEEDED))
    expect(page.get_by_text(study_tables.COMMAND)).to_have_count(0)  # nothing is missing
    for part, content in (
        ("runs", study_tables.runs_csv(known.runs())),
        ("seeds", study_tables.differences_csv(known.differences)),
    ):
        with page.expect_download() as download:
            page.locator(f".st-key-halfmoon-studies-{part}-csv").get_by_role("button").click()
        assert Path(download.value.path()).read_text(encoding="utf-8") == content


@pytest.mark.parametrize(
    ("runs", "titles", "named"),
    [
        (
            ("small-digits-ae", "small-digits-vae"),
            ("AE", "VAE"),
            {"run": "small-digits-ae", "with": "small-digits-vae", "on": "small-digits-vae"},
        ),
        (
            ("small-digits-vae", "small-digits-ae"),
            ("VAE", "AE"),
            {"run": "small-digits-vae", "with": "small-digits-ae", "on": "small-digits-ae"},
        ),
        (
            ("small-digits-ae", "small-conv-vae"),
            ("Digits 8 × 8, 2-D · AE", "Digits 8 × 8, with convolutions · VAE"),
            {"run": "small-digits-ae", "with": "small-conv-vae", "on": "small-conv-vae"},
        ),
    ],
)
def test_the_worst_gap_is_pinned_and_there_again_after_a_reload(
    page: Page, stand_ins: Path, runs: tuple[str, ...], titles: tuple[str, ...], named: dict[str, str]
) -> None:
    run = Run.open(stand_ins / runs[1])
    worst = GapMap(run.load_model(), run.codes).survey(gaps.GAP).worst
    kind, place = titles[1], code_text(worst, 3)

    def expect_pinned() -> None:
        expect(page.locator(".latent-plane-plane[data-ready][data-layers]")).to_have_count(2)
        expect(page.get_by_role("button", name="Gap map: density relative to the prior")).to_be_visible()
        expect(picture(page, kind).locator("h3")).to_have_text(f"{titles[1]} at {place}")
        (pin,) = marks(page, kind, ".pin")
        np.testing.assert_allclose(pin["middle"], pixel_of(page, kind, worst), atol=1)
        assert [box.input_value() for box in boxes(page).get_by_role("combobox").all()] == chosen
        expect(page.get_by_test_id("stAlertContentWarning")).to_have_count(0)

    page.goto(f"/compare?run={runs[0]}&with={runs[1]}")
    group = page.get_by_role("group", name="Worst gap within 2 σ")
    expect(group.get_by_role("button")).to_have_text(titles)
    chosen = [box.input_value() for box in boxes(page).get_by_role("combobox").all()]
    group.get_by_role("button", name=titles[1], exact=True).click()
    page.wait_for_url(re.compile(r"[?&]z="))
    seen = query(page)
    assert numbers_of(seen["z"]) == list(rounded(np.float32(worst)))
    assert {name: seen[name] for name in ("run", "with", "on") if name in seen} == named
    expect_pinned()
    page.reload()
    expect_pinned()
    assert query(page) == seen


def test_a_place_kept_of_two_runs_of_one_kind_is_copied_as_python_that_decodes_both(
    page: Page, stand_ins: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("small-digits-vae", "small-conv-vae")
    page.goto(f"/compare?run={names[0]}&with={names[1]}&z=0,0&pins=1,-0.5")
    expect(page.locator(".latent-plane-plane[data-ready][data-layers]")).to_have_count(2)
    action(page, "Copy Python", 1).click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    monkeypatch.setenv("VAE_RUNS_DIR", str(stand_ins))
    made: dict[str, object] = {}
    exec(page.evaluate("navigator.clipboard.readText()"), made)
    for name, run in zip(("image_vae_1", "image_vae_2"), names, strict=True):
        drawn = decoded(Run.open(stand_ins / run), (1, -0.5))
        np.testing.assert_allclose(made[name][0, 0].detach().numpy(), drawn, atol=1e-5)


def test_a_link_leads_to_the_plane_of_the_pair_with_its_gap_map(page: Page) -> None:
    page.goto("/compare?run=small-digits-vae&with=small-line-ae")
    links = page.locator(".st-key-compare-planes").get_by_role("link")
    expect(links).to_have_count(2)
    links.first.click()
    page.wait_for_url(re.compile(r"/\?run=small-digits-vae"))
    expect(page.locator(".latent-plane-plane[data-ready][data-layers]")).to_have_count(2)
    assert query(page)["layers"].split(",")[0] == gaps.GAP


@pytest.mark.parametrize("language", ["en", "zh"])
def test_on_a_phone_nothing_scrolls_sideways(browser: Browser, address: str, language: str) -> None:
    with (
        new_context(browser, address, viewport={"width": 390, "height": 844}) as context,
        watched_page(context) as page,
    ):
        page.goto(f"/compare?run=digits-vae-2d&lang={language}")
        expect(page.locator(".latent-plane-plane[data-ready][data-layers]")).to_have_count(2)
        expect(page.locator(".st-key-section-studies")).to_be_visible()
        expect(page.locator("[data-test-script-state=notRunning]")).to_be_attached()
        assert page.get_by_test_id("stMain").evaluate("main => main.scrollHeight") < FOLDED
        for name in ("fit", "distribution", "studies"):
            unfold(page, name)
        widths = page.get_by_test_id("stMain").evaluate("main => [main.scrollWidth, main.clientWidth]")
        assert widths[0] == widths[1]
