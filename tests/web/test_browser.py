"""The page in a headless Chromium: by pointer and by keyboard alone, at three widths, and as axe judges it."""

import os
import re
import threading
import time
import types
from contextlib import contextmanager
from zipfile import ZipFile

import numpy as np
import pytest
from two_faces import InFaces

from restorekit.contracts import Restorer
from restorekit.images import read_rgb, write_rgb

pytestmark = pytest.mark.browser

WIDTHS = {390: 844, 768: 1024, 1280: 900}


class Lighter(Restorer):
    """Lightens by 40/255, when it may."""

    name, license = "lighter", "CC0-1.0"

    def __init__(self):
        self.go = threading.Event()
        self.go.set()

    def restore(self, images):
        assert self.go.wait(60)
        return images + 40 / 255


@pytest.fixture(scope="module")
def lighter():
    return Lighter()


@pytest.fixture(scope="module")
def address(tmp_path_factory, lighter):
    """The page, served to the end of the tests."""
    from restorekit.web.desk import Desk
    from restorekit.web.serve import serve
    from restorekit.web.studio import Studio

    models = types.SimpleNamespace(
        names=["lighter"], load=lambda name: lighter, terms=lambda name: "Model lighter."
    )
    desk = Desk(tmp_path_factory.mktemp("kept"), Studio(models, InFaces(), "auto", 10**7))
    told, ready = [], threading.Event()

    def there(address):
        told.append(address)
        ready.set()

    threading.Thread(target=serve, args=(desk, 1.0, there), daemon=True).start()
    assert ready.wait(60)
    desk._work.add(lambda: None).result(60)  # what it measures first
    return told[0]


@pytest.fixture(scope="module")
def chromium():
    """The browser that RESTOREKIT_BROWSER names, or playwright's own where that is 1."""
    from playwright.sync_api import sync_playwright

    named = os.environ["RESTOREKIT_BROWSER"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=named if os.path.isabs(named) else None, args=["--no-sandbox"]
        )
        yield browser
        browser.close()


@pytest.fixture(params=WIDTHS)
def page(request, chromium, address):
    """The page at one of three widths; nothing goes wrong in it, and nothing is asked of anybody else."""
    page = chromium.new_page(viewport={"width": request.param, "height": WIDTHS[request.param]})
    page.wrong, page.asked = [], []
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    page.on("console", lambda said: page.wrong.append(said.text) if said.type == "error" else None)
    page.on("request", lambda asked: page.asked.append(asked.url))
    page.on("filechooser", lambda chooser: None)  # so that they are told of from now on
    page.goto(address)
    page.get_by_text("Model lighter.").wait_for()
    yield page
    assert page.wrong == [] and all(url.startswith((address, "data:", "blob:")) for url in page.asked)
    page.close()


@pytest.fixture
def photos(tmp_path):
    """Two photos of 640 x 360, and a file that is none."""
    for name, value in (("a.png", 100), ("b.png", 150)):
        write_rgb(tmp_path / name, np.full((360, 640, 3), value, np.uint8))
    (tmp_path / "c.png").write_bytes(b"no picture")
    return [str(tmp_path / name) for name in ("a.png", "b.png", "c.png")]


def bring(page, *photos):
    page.set_input_files("#files", photos)
    page.locator("#photos").get_by_text("Done", exact=True).nth(len(photos) - 1).wait_for()


def judge(page):
    """What axe finds wrong, by all of its rules."""
    from axe_playwright_python.sync_playwright import Axe

    violations = Axe().run(page).response["violations"]
    return [(each["id"], [node["html"] for node in each["nodes"]]) for each in violations]


@contextmanager
def waiting(lighter):
    """Have nothing restored for a while."""
    lighter.go.clear()
    try:
        yield
    finally:
        lighter.go.set()


def faces(page):
    return page.locator("#face-list li span").all_inner_texts()


def save(page, which, path):
    with page.expect_download() as download:
        page.click(which)
    download.value.save_as(path)
    return path


def brightness(path):
    """How light the faces of a photo are, and the rest."""
    pixels = read_rgb(path)
    return [int(pixels[y, x, 0]) for y, x in ((80, 120), (80, 400), (350, 10))]


def test_axe_finds_nothing_wrong(page, photos, lighter):
    assert judge(page) == []
    with waiting(lighter):
        page.set_input_files("#files", photos)
        page.locator("#course #bar").wait_for()
        page.locator(".box").nth(1).wait_for()
        assert judge(page) == []
    page.locator("#photos").get_by_text("Not restored").wait_for()
    page.locator("#all").wait_for()
    assert judge(page) == []
    page.click("#photos li:nth-child(3) button")
    page.get_by_text("c.png: is not a PNG").wait_for()
    assert judge(page) == []
    page.click("#photos li:nth-child(1) button")
    page.emulate_media(color_scheme="dark")
    assert judge(page) == []
    page.click("#full")
    page.locator("#all-of-it img.after[src]").wait_for()
    assert judge(page) == []


def test_faces_are_restored_left_and_forced_by_a_click(page, photos, tmp_path):
    bring(page, photos[0])
    assert faces(page) == ["Face 1: restored", "Face 2: left as it was: already sharp"]
    assert brightness(save(page, "#download", tmp_path / "1.png")) == [140, 100, 100]
    page.locator(".box").nth(1).click(position={"x": 20, "y": 20})
    page.get_by_text("Face 2: restored, as you chose").wait_for()
    page.locator(".box").nth(0).click()
    page.get_by_text("Face 1: left as it was: as you chose").wait_for()
    assert brightness(save(page, "#download", tmp_path / "2.png")) == [100, 140, 100]
    page.get_by_role("button", name="Face 1: Restore it").click()
    page.get_by_text("Both faces were restored.").wait_for()
    assert brightness(save(page, "#download", tmp_path / "3.png")) == [140, 140, 100]


def test_the_largest_face_is_shown_closer_restored_or_not(page, photos):
    bring(page, photos[0])
    assert page.locator("#closer img.before").get_attribute("alt") == "Face 2, before"
    page.get_by_role("button", name="Look closer at face 1").click()
    assert page.locator("#closer img.before").get_attribute("alt") == "Face 1, before"


def test_the_number_of_a_face_does_not_cover_it(page, photos):
    bring(page, photos[0])
    page.locator(".box .number").nth(1).wait_for()
    for number in range(2):
        box = page.locator(".box").nth(number).bounding_box()
        assert page.locator(".box .number").nth(number).bounding_box()["y"] >= box["y"] + box["height"]


def test_strength_shows_at_once_and_asks_nobody(page, photos, tmp_path):
    bring(page, photos[0])
    page.locator("#closer img.after[src]").wait_for()
    time.sleep(0.5)
    before = len(page.asked)
    page.focus("#strength")
    for _ in range(10):
        page.keyboard.press("ArrowLeft")
    assert page.locator("#whole .after").evaluate("image => image.style.opacity") == "0.5"
    assert page.inner_text("#percent") == "50 %" and len(page.asked) == before
    assert brightness(save(page, "#download", tmp_path / "half.png")) == [120, 100, 100]


def test_several_photos_are_packed(page, photos, tmp_path):
    bring(page, *photos[:2])
    assert page.inner_text("#all") == "Download all 2"
    with ZipFile(save(page, "#all", tmp_path / "all.zip")) as file:
        assert file.namelist() == ["a.deblurred.png", "b.deblurred.png"]
    page.click("#photos li:nth-child(2) button")
    assert page.inner_text("#name") == "b.png"
    page.click("#remove")
    page.locator("#photos li").nth(1).wait_for(state="detached")
    assert page.inner_text("#name") == "a.png" and not page.is_visible("#all")


def test_photos_may_be_dropped_anywhere(page):
    page.evaluate(
        """async () => {
            const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
            const transfer = new DataTransfer();
            for (const name of ["one.png", "two.png"]) {
                const blob = await new Promise((done) => canvas.toBlob(done));
                transfer.items.add(new File([blob], name));
            }
            document.querySelector("footer").dispatchEvent(
                new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
        }"""
    )
    page.locator("#photos").get_by_text("Done", exact=True).nth(1).wait_for()
    assert page.locator("#photos .called").all_inner_texts() == ["one.png", "two.png"]


def test_a_photo_that_was_sent_stays_in_the_list_until_the_server_tells_of_it(page, photos):
    page.evaluate(
        """() => {
            window.fewest = 2;
            const count = () => document.querySelectorAll("#photos li").length;
            const changes = { subtree: true, childList: true, attributes: true };
            new MutationObserver(() => { window.fewest = Math.min(window.fewest, count()); })
                .observe(document.body, changes);
        }"""
    )
    bring(page, *photos[:2])
    assert page.evaluate("() => window.fewest") == 2


def test_progress_is_shown_within_a_second_and_can_be_cancelled(page, photos, lighter):
    with waiting(lighter):
        begun = time.monotonic()
        page.set_input_files("#files", photos[:1])
        page.locator("#photos .photo").wait_for()
        listed = time.monotonic() - begun
        page.locator("#now").get_by_text(re.compile("Restoring")).wait_for()
        page.locator("#whole img.before[src]").wait_for()
        page.click("#cancel")
        page.locator("#now").get_by_text("Cancelled").wait_for()
    assert listed < 1
    page.click("#again")
    page.locator("#photos").get_by_text("Done", exact=True).wait_for()


def test_full_size_shows_each_pixel(page, photos):
    bring(page, photos[0])
    page.click("#full")
    page.locator("#all-of-it img.after[src]").wait_for()
    for side in ("before", "after"):
        image = page.locator(f"#all-of-it img.{side}").evaluate(
            "image => image.decode().then(() => [image.naturalWidth, image.width])"
        )
        assert image == [640, 640]
    page.keyboard.press("Escape")
    assert not page.is_visible("#detail")


def test_the_picture_comes_first_and_nothing_is_cut_off(page, photos):
    bring(page, *photos[:2])
    width, height = page.viewport_size["width"], page.viewport_size["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    picture, side = page.locator("#whole").bounding_box(), page.locator("#side").bounding_box()
    assert picture["y"] < height / 5 and picture["y"] + picture["height"] <= height
    assert side["y"] > picture["y"] + picture["height"] if width < 760 else side["x"] > picture["x"]


def test_words_are_for_people(page, photos):
    bring(page, *photos[:2])
    words = page.inner_text("body") + "".join(
        page.locator(".box").evaluate_all("boxes => boxes.map((box) => box.title + box.ariaLabel)")
    )
    assert not re.search(r"--\w|\w=\w|\bpx\b|pixel|tile|skip|Traceback", words)


def test_everything_is_done_by_keyboard_alone(page, photos, tmp_path):
    def go(name):
        """Press Tab until something of this name has the focus."""
        for _ in range(60):
            page.keyboard.press("Tab")
            words = page.evaluate(
                "(here => here === document.body ? '' :"
                " `${here.ariaLabel || here.textContent} ${here.id}`)(document.activeElement)"
            )
            if name in words:
                return
        raise AssertionError(f"no way to {name}")

    go("files")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(photos[:2])
    page.locator("#photos").get_by_text("Done", exact=True).nth(1).wait_for()
    go("shown as it was before")
    page.keyboard.press("ArrowRight")
    assert page.locator("#whole .frame").evaluate("frame => frame.style.getPropertyValue('--at')") == "51%"
    page.keyboard.press("Home")
    assert page.locator("#whole .frame").evaluate("frame => frame.style.getPropertyValue('--at')") == "0%"
    go("Face 2: Restore it")
    page.keyboard.press("Enter")
    page.get_by_text("Face 2: restored, as you chose").wait_for()
    assert "Face 2: Leave it" in page.evaluate("document.activeElement.ariaLabel")  # the focus stays
    go("b.png")
    page.keyboard.press("Space")
    assert page.inner_text("#name") == "b.png"
    go("strength")
    page.keyboard.press("Home")
    go("Full size")
    page.keyboard.press("Enter")
    assert page.is_visible("#detail")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    go("Download all")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    download.value.save_as(tmp_path / "all.zip")
    with ZipFile(tmp_path / "all.zip") as file:
        assert len(file.namelist()) == 2


def test_a_page_that_cannot_begin_says_so(chromium, address):
    page = chromium.new_page()
    page.route("**/visits", lambda route: route.abort())
    page.goto(address)
    page.get_by_text("The page could not begin").wait_for()
    page.close()


@pytest.mark.parametrize("answered", [True, False])
def test_photos_may_be_brought_before_the_page_has_begun(chromium, address, photos, answered):
    page, asked = chromium.new_page(), []
    page.route("**/visits", lambda route: asked.append(route))
    page.goto(address)
    page.set_input_files("#files", photos[:2])
    page.locator("#photos .photo").nth(1).wait_for()
    if answered:
        asked[0].continue_()
        page.locator("#photos").get_by_text("Done", exact=True).nth(1).wait_for()
    else:
        asked[0].abort()
        page.get_by_text("The page could not begin").wait_for()
        page.set_input_files("#files", photos[:1])
        page.wait_for_function("() => !document.querySelector('#photos .photo')")
    page.close()


def test_a_clip_plays_beside_its_source_in_step(page, tmp_path):
    import av

    with av.open(str(tmp_path / "clip.webm"), "w") as file:  # whose codec every Chromium has
        stream = file.add_stream("libvpx-vp9", 10)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for number in range(30):
            frame = np.full((360, 640, 3), 60 + 4 * number, np.uint8)
            file.mux(stream.encode(av.VideoFrame.from_ndarray(frame, "rgb24")))
        file.mux(stream.encode(None))
    bring(page, str(tmp_path / "clip.webm"))
    page.get_by_text("30 of 30 frames were restored.").wait_for()
    page.wait_for_function(
        "[...document.querySelectorAll('#clip video')].every((each) => each.readyState > 1)"
    )
    page.evaluate("document.querySelector('#clip video').currentTime = 1.5")
    page.wait_for_function("document.querySelectorAll('#clip video')[1].currentTime === 1.5")
    assert page.locator("#clip video").count() == 2 and page.locator("#whole").is_hidden()
    page.evaluate("document.querySelector('#clip video').play()")
    page.wait_for_function("!document.querySelectorAll('#clip video')[1].paused")
    assert judge(page) == []
