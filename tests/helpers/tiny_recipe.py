"""The smallest recipe, with which many tests begin."""

RECIPE = """\
schema = 1
name = "tiny"
[data]
train = { type = "samples" }
size = 32
[network]
type = "face_multitask_unet"
widths = [4, 8]
blocks = [0, 1]
[[task]]
type = "image"
[[loss]]
type = "l1"
[[stage]]
steps = 1
losses = ["l1"]
"""
