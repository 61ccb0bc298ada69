"""Other ways than a pointer on photos: the keyboard alone, a page that has not begun, and a clip."""

from zipfile import ZipFile

import numpy as np
import pytest
from page_acts import bring, judge

pytestmark = pytest.mark.browser


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
