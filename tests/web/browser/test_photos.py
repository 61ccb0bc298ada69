"""Photos on the page: by pointer, at three widths, and as axe judges it."""

import re
import time
from zipfile import ZipFile

import pytest
from page_acts import brightness, bring, faces, judge, save, waiting

pytestmark = pytest.mark.browser


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
            const counts = window.counts = [];
            const changes = { subtree: true, childList: true, attributes: true };
            new MutationObserver(() => { counts.push(document.querySelectorAll("#photos li").length); })
                .observe(document.body, changes);
        }"""
    )
    bring(page, *photos[:2])
    counts = page.evaluate("() => window.counts")
    assert set(counts[counts.index(2) :]) == {2}  # from when both were brought


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
