"""The page, as a film strip: ``python tests/benchmarks/page_film.py [STRIP] [--faces WAY] [--photo MP]``.

Starts ``restorekit deblur --web``, drops a blurred photo of so many megapixels (4) on it in a headless Chromium,
sets the strength to a half, and downloads the result. Prints the seconds from the drop to each event, as the page
sees it, and writes what the screen showed then to STRIP (film.png). The photo: scikit-image's astronaut on its
coffee, all blurred by one kernel. The page has restored a small photo before, so the model is loaded.
``RESTOREKIT_BROWSER`` names the browser.
"""

import argparse
import base64
import os
import subprocess
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import sync_playwright
from skimage.data import astronaut, coffee

from restorekit.images import write_rgb

SIZE = {"width": 1000, "height": 1090}
"""Of the window, in pixels."""

WIDTH = 330
"""Of a frame in the strip."""

WATCH = """() => {
  const at = (id) => document.querySelector(id);
  const events = {
    "progress": () => at("#bar").checkVisibility(),
    "the photo": () => at("#whole .before").naturalWidth,
    "restored": () => at("#whole .after").src.includes("after.jpg"),
    "half of it": () => at("#whole .after").style.opacity === "0.5",
  };
  const now = () => (performance.timeOrigin + performance.now()) / 1000;
  window.seen = {};
  addEventListener("drop", () => { window.seen.dropped = now(); }, true);
  at("#strength").addEventListener("input", () => { window.asked = now(); }, true);
  const painted = new Set();
  const look = () => {
    for (const name of painted) window.seen[name] ??= now();
    for (const [name, there] of Object.entries(events)) if (window.seen.dropped && there()) painted.add(name);
    requestAnimationFrame(look);
  };
  look();
}"""

DROP = """([data, name]) => {
  const transfer = new DataTransfer();
  const bytes = Uint8Array.from(atob(data), (each) => each.charCodeAt(0));
  transfer.items.add(new File([bytes], name, { type: "image/jpeg" }));
  document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""


def draw(megapixels):
    """Make a blurred photo: two prints of a portrait on a table."""
    height, width = round((megapixels * 1e6 / 1.5) ** 0.5), round((megapixels * 1e6 * 1.5) ** 0.5)
    made = cv2.resize(coffee(), (width, height), interpolation=cv2.INTER_CUBIC)
    for share, x, y in ((0.62, 0.56, 0.3), (0.34, 0.08, 0.55)):
        side = round(share * height)
        portrait = cv2.resize(astronaut(), (side, side), interpolation=cv2.INTER_AREA)
        portrait = cv2.copyMakeBorder(portrait, *[side // 30] * 4, cv2.BORDER_CONSTANT, value=(245, 245, 240))
        rows, columns = slice(round(y * height), None), slice(round(x * width), None)
        made[rows, columns][: len(portrait), : len(portrait)] = portrait
    kernel = np.zeros((width // 150, width // 150), np.float32)
    cv2.line(kernel, (0, len(kernel) // 4), (len(kernel) - 1, 3 * len(kernel) // 4), 1.0, 2, cv2.LINE_AA)
    blurred = cv2.filter2D(made, cv2.CV_32F, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT)
    noise = np.random.default_rng(0).normal(0, 1, blurred.shape)
    return np.rint(blurred + noise).clip(0, 255).astype(np.uint8)


def film(page, photo):
    """Go from drop to download; gives the seconds since the drop of each event, and the frames by their seconds."""
    frames = []
    screen = page.context.new_cdp_session(page)

    def keep(frame):
        frames.append((frame["metadata"]["timestamp"], base64.b64decode(frame["data"])))
        screen.send("Page.screencastFrameAck", {"sessionId": frame["sessionId"]})

    screen.on("Page.screencastFrame", keep)
    page.evaluate(WATCH)
    screen.send("Page.startScreencast", {"format": "jpeg", "quality": 95})
    page.evaluate(DROP, [base64.b64encode(photo.read_bytes()).decode(), photo.name])
    page.wait_for_function("() => window.seen.restored", timeout=3_600_000)
    page.wait_for_timeout(700)  # as somebody looks at it
    page.locator("#strength").fill("50")
    page.wait_for_function("() => window.seen['half of it']")
    with page.expect_download() as download:
        page.click("#download")
    download.value.save_as(photo.with_name("downloaded.jpg"))
    ended = time.time()
    page.wait_for_timeout(300)  # for the last frame
    seen, asked = page.evaluate("() => [window.seen, window.asked]")
    print(f"strength: on the screen {seen['half of it'] - asked:.2f} s after it was moved")
    begun = seen["dropped"]
    seconds = {name: at - begun for name, at in (seen | {"downloaded": ended}).items()}
    return seconds, [(at - begun, data) for at, data in frames]


def join(events, frames):
    """Put what was on the screen in three columns, with the seconds below."""
    font, cells = ImageFont.load_default(20), []
    for name, second in events.items():
        shown = Image.open(BytesIO([data for at, data in frames if at <= second + 0.1][-1]))
        shown = shown.resize((WIDTH, round(WIDTH * shown.height / shown.width)), Image.Resampling.LANCZOS)
        cell = Image.new("RGB", (WIDTH + 12, shown.height + 44), "#444")
        cell.paste(shown, (6, 6))
        words = f"{second:.1f} s: {name}"
        ImageDraw.Draw(cell).text((WIDTH // 2 + 6, shown.height + 12), words, "white", font, "ma")
        cells.append(np.asarray(cell))
    rows = [np.concatenate(cells[first : first + 3], axis=1) for first in (0, 3)]
    return Image.fromarray(np.concatenate(rows))


def main(strip, faces, megapixels, detector):
    """Serve the page, and film it."""
    command = [sys.executable, "-m", "restorekit", "deblur", "--web", "--faces", faces]
    command += ["--detector", detector] if detector else []
    named = os.environ["RESTOREKIT_BROWSER"]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        photo, small = Path(folder, "photo.jpg"), Path(folder, "small.png")
        write_rgb(photo, draw(megapixels))
        write_rgb(small, np.zeros((40, 40, 3), np.uint8))
        served = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        browser = playwright.chromium.launch(
            executable_path=named if os.path.isabs(named) else None, args=["--no-sandbox"]
        )
        try:
            page = browser.new_page(viewport=SIZE)
            page.goto(served.stdout.readline().strip())
            page.set_input_files("#files", small)
            page.locator("#photos").get_by_text("Done", exact=True).wait_for(timeout=60_000)
            page.reload()
            page.locator("#terms:not(:empty)").wait_for()
            events, frames = film(page, photo)
        finally:
            browser.close()
            served.terminate()
            served.wait()
    for name, second in events.items():
        print(f"{second:6.2f} s  {name}")
    join(events, frames).quantize(256, kmeans=1).save(strip, optimize=True)


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("strip", nargs="?", default="film.png")
    options.add_argument("--faces", default="auto")
    options.add_argument("--photo", type=float, default=4)
    options.add_argument("--detector")
    given = options.parse_args()
    main(given.strip, given.faces, given.photo, given.detector)
