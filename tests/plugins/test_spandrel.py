"""Weights of spandrel's networks, as their authors save them, run in restorekit as they do bare."""

import json
import sys

import numpy as np
import pytest
import torch
from PIL import Image

from restorekit import RestorekitError, load_restorer
from restorekit.bundle import load_bundle
from restorekit.cli import main
from restorekit.errors import BundleError
from restorekit.importing.make import import_checkpoint
from restorekit.plugins import registry
from restorekit.testing import check_network

pytest.importorskip("spandrel")
from spandrel.architectures.Compact import Compact  # noqa: E402
from spandrel.architectures.DnCNN import DnCNN  # noqa: E402
from spandrel.architectures.FBCNN import FBCNN  # noqa: E402
from spandrel.architectures.NAFNet import NAFNet  # noqa: E402
from spandrel.architectures.SCUNet import SCUNet  # noqa: E402
from spandrel.architectures.SwinIR import SwinIR  # noqa: E402


def alive(model, seed=0):
    """Weights that do something everywhere: those of some layers begin at zero."""
    generator = torch.Generator().manual_seed(seed)
    for parameter in model.parameters():
        parameter.data += 0.05 * torch.randn(parameter.shape, generator=generator)
    return model.eval()


def nafnet():
    return alive(NAFNet(img_channel=3, width=4, middle_blk_num=1, enc_blk_nums=[1, 1], dec_blk_nums=[1, 1]))


def swinir():
    """One with stochastic depth, whose rates are read from a tensor while it is built."""
    return alive(
        SwinIR(
            img_size=16, embed_dim=12, depths=[1, 1], num_heads=[2, 2], window_size=8, mlp_ratio=2, upscale=1,
            upsampler="", resi_connection="1conv",
        )
    )  # fmt: skip


MODELS = {
    "NAFNet": nafnet,
    "DnCNN": lambda: alive(DnCNN(in_nc=3, out_nc=3, nc=8, nb=8, act_mode="R")),
    "SwinIR": swinir,
    "twice as large": lambda: alive(
        Compact(num_in_ch=3, num_out_ch=3, num_feat=8, num_conv=1, upscale=2, act_type="prelu")
    ),
    "SwinIR, four times as large": lambda: alive(
        SwinIR(
            img_size=16,
            embed_dim=12,
            depths=[1],
            num_heads=[2],
            window_size=8,
            mlp_ratio=2,
            upscale=4,
            upsampler="nearest+conv",
            resi_connection="1conv",
        )
    ),
    "SCUNet": lambda: alive(SCUNet(in_nc=3, config=[1] * 7, dim=64, drop_path_rate=0.0)),
}


@pytest.fixture(scope="module", params=MODELS)
def imported(request, tmp_path_factory):
    """A model, and the bundle made of its weights."""
    folder = tmp_path_factory.mktemp("imported")
    model = MODELS[request.param]()
    torch.save({"params": model.state_dict()}, folder / "w.pth")
    import_checkpoint(folder / "w.pth", folder / "bundle")
    return model, folder / "bundle"


def test_it_restores_as_the_bare_architecture_does(imported):
    model, bundle = imported
    side = load_bundle(bundle).network.size_multiple
    picture = torch.rand(1, 3, side * -(-48 // side), side * -(-64 // side))
    with torch.no_grad():
        assert torch.allclose(load_restorer(bundle, "cpu").restore(picture), model(picture), atol=1e-5)


def test_a_picture_of_any_size_is_restored(imported):
    restorer = load_restorer(imported[1], "cpu")
    scale = restorer.footprint.scale
    assert restorer.restore(torch.rand(1, 3, 17, 33)).shape == (1, 3, 17 * scale, 33 * scale)


def test_the_network_keeps_its_contract(imported):
    network = load_bundle(imported[1]).network
    check_network(network)


def test_deblur_writes_what_the_bare_architecture_computes(tmp_path, monkeypatch, capsys):
    model = nafnet()
    torch.save(model.state_dict(), tmp_path / "w.pth")
    pixels = np.random.default_rng(0).integers(64, 192, (32, 40, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    for arguments in (["import", "w.pth", "-o", "b"], ["deblur", "a.png", "--model", "b", "-o", "out.png"]):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["restorekit", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code, capsys.readouterr().err
    with torch.no_grad():
        bare = model(torch.tensor(pixels).permute(2, 0, 1)[None] / 255)[0].permute(1, 2, 0)
    wanted = (bare.clamp(0, 1) * 255).numpy()
    assert np.abs(np.asarray(Image.open(tmp_path / "out.png")) - wanted).max() < 0.51


def test_a_network_that_enlarges_does_so_in_tiles_with_transparency_and_metadata(
    tmp_path, monkeypatch, capsys
):
    """A picture of 300 x 200 comes out at 600 x 400 from ``restore``, whole or in tiles alike."""
    torch.save(MODELS["twice as large"]().state_dict(), tmp_path / "w.pth")
    import_checkpoint(tmp_path / "w.pth", tmp_path / "b")
    pixels = np.random.default_rng(0).integers(64, 192, (200, 300, 4), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png", dpi=(300, 300))
    monkeypatch.chdir(tmp_path)
    for tile in ("off", "160"):
        options = ["a.png", "--model", "b", "--tile", tile, "-o", f"{tile}.png", "--compare"]
        monkeypatch.setattr(sys, "argv", ["restorekit", "restore", *options])
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code, capsys.readouterr().err
    whole, tiled = (np.asarray(Image.open(tmp_path / f"{tile}.png")).astype(int) for tile in ("off", "160"))
    assert whole.shape == (400, 600, 4)
    assert np.abs(whole - tiled).max() <= 1
    assert np.abs(whole[::2, ::2, 3] - pixels[..., 3]).mean() < 20  # transparency is enlarged, too
    assert Image.open(tmp_path / "160.png").info["dpi"] == pytest.approx((300, 300), abs=0.1)
    assert Image.open(tmp_path / "off.compare.png").size == (1200, 400)


def test_the_config_says_what_differs_from_the_defaults(tmp_path):
    torch.save(nafnet().state_dict(), tmp_path / "w.pth")
    import_checkpoint(tmp_path / "w.pth", tmp_path / "b")
    network = json.loads((tmp_path / "b" / "config.json").read_text())["network"]
    assert network == {
        "type": "spandrel",
        "architecture": "NAFNet.NAFNet",
        "hyperparameters": {"width": 4, "enc_blk_nums": [1, 1], "dec_blk_nums": [1, 1]},
        "size_multiple": 1,
        "scale": 1,
    }


def test_a_network_with_a_least_size_takes_multiples_of_that(tmp_path):
    torch.save(MODELS["SCUNet"]().state_dict(), tmp_path / "w.pth")
    import_checkpoint(tmp_path / "w.pth", tmp_path / "b")
    assert load_bundle(tmp_path / "b").network.size_multiple == 40


REFUSED = {
    "grey": (
        lambda: DnCNN(in_nc=1, out_nc=1, nc=8, nb=8, act_mode="R"),
        "DnCNN.DnCNN, which maps 1 channels to 1, not three to three; ",
    ),
    "more than a picture": (
        lambda: FBCNN(in_nc=3, out_nc=3, nc=[8, 8, 8, 8], nb=4),
        "FBCNN.FBCNN takes more than a picture, or gives more: ",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_other_than_restore_is_refused_in_a_line(name, tmp_path):
    make, message = REFUSED[name]
    torch.save(make().state_dict(), tmp_path / "w.pth")
    with pytest.raises(RestorekitError, match=message) as caught:
        import_checkpoint(tmp_path / "w.pth", tmp_path / "b")
    assert str(caught.value).count("\n") == 0
    assert [path.name for path in tmp_path.iterdir()] == ["w.pth"]


def test_weights_that_only_look_like_a_networks_are_told_of(tmp_path):
    weights = nafnet().state_dict() | {"intro.weight": torch.ones(2, 2)}
    torch.save(weights, tmp_path / "w.pth")
    with pytest.raises(RestorekitError, match="takes these weights for NAFNet, but they do not fill it: "):
        import_checkpoint(tmp_path / "w.pth", tmp_path / "b")


def test_without_spandrel_the_next_step_is_told(tmp_path, monkeypatch):
    torch.save(nafnet().state_dict(), tmp_path / "w.pth")
    monkeypatch.setitem(sys.modules, "spandrel", None)
    with pytest.raises(
        RestorekitError, match=r"spandrel library cannot be used: .*; pip install 'restorekit\[spand"
    ):
        import_checkpoint(tmp_path / "w.pth", tmp_path / "b")


@pytest.mark.parametrize("name", ["Nothing.Such", "NAFNet.Such", "NAFNet.NAFNetArch", "NAFNet.override"])
def test_only_classes_of_spandrels_networks_are_made(name):
    with pytest.raises(RestorekitError, match=f"has no network {name}; it has: ATD, "):
        registry("network").get("spandrel")(name).build({})


@pytest.mark.parametrize(
    "keys",
    [{"width": 10**9}, {"width": 10**5}, {"enc_blk_nums": [10**9]}, {"img_channel": 10**12}, {"nonsense": 1}],
    ids=str,
)
def test_a_hostile_config_is_refused_before_anything_is_allocated(keys, tmp_path):
    torch.save(nafnet().state_dict(), tmp_path / "w.pth")
    import_checkpoint(tmp_path / "w.pth", tmp_path / "b")
    config = json.loads((tmp_path / "b" / "config.json").read_text())
    config["network"]["hyperparameters"] |= keys
    (tmp_path / "b" / "config.json").write_text(json.dumps(config))
    with pytest.raises(BundleError, match="does not fit its network|far more parts|cannot be built"):
        load_bundle(tmp_path / "b").module()


@pytest.mark.parametrize("prefix", ["model.", "netG.", "net_g.", "generator."])
def test_weights_that_a_tool_keeps_beside_others_are_found_by_what_stands_before_them(prefix, tmp_path):
    model = nafnet()
    beside = {"loss.weight": torch.ones(3), "netD.0.weight": torch.ones(3)}
    named = {f"{prefix}{key}": value for key, value in model.state_dict().items()}
    torch.save({"state_dict": named | beside, "epoch": 3}, tmp_path / "w.ckpt")
    import_checkpoint(tmp_path / "w.ckpt", tmp_path / "bundle")
    picture = np.random.default_rng(0).random((32, 32, 3), np.float32)
    with torch.inference_mode():
        expected = model(torch.from_numpy(picture).permute(2, 0, 1)[None])[0].permute(1, 2, 0)
    made = load_restorer(tmp_path / "bundle", "cpu")(picture)
    np.testing.assert_allclose(made, expected.clamp(0, 1).numpy(), atol=1e-4)
