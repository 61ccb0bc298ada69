"""What a visitor of the page does, and what there is to see then."""

from contextlib import contextmanager

from restorekit.images import read_rgb


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
