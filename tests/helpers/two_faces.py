"""A framing that finds two faces in each photo, whatever is in it."""

from restorekit.framing import Framing, Part, View


class TwoFaces(View):
    """A smaller face, which is blurred, and a larger one, which is sharp; nothing else changes."""

    BOXES = (100, 60, 80, 100), (320, 40, 160, 200)

    def __init__(self, pixels):
        super().__init__(looked=True)
        self.pixels = pixels

    @property
    def parts(self):
        return [Part(self.BOXES[0]), Part(self.BOXES[1], left="sharp")]

    @property
    def windows(self):
        return [self.pixels[y : y + high, x : x + wide] for x, y, wide, high in self.BOXES]

    def put_back(self, restored):
        pixels = self.pixels.copy()
        for (x, y, wide, high), made in zip(self.BOXES, restored, strict=True):
            if made is not None:
                pixels[y : y + high, x : x + wide] = made
        return pixels


class InFaces(Framing):
    """Finds them in each photo."""

    parts = "faces"

    def build(self, restorer):
        return TwoFaces
