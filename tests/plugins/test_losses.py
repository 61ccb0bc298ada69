import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from restorekit import Batch, RestorekitError
from restorekit.testing import check_adversarial_loss, check_loss
from restorekit_losses import vgg_module
from restorekit_losses.adversarial import DCGAN, NahGAN
from restorekit_losses.content import L1, MSE, Charbonnier, GradientL1
from restorekit_losses.perceptual import VGGPerceptual

CONVOLUTIONS = {
    "vgg16": (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26),
    "vgg19": (0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30),
}
WIDTHS = {"vgg16": (2, 2, 3, 3, 2), "vgg19": (2, 2, 4, 4, 2)}


def batch(size=16):
    return Batch(torch.rand(2, 3, size, size), torch.rand(2, 3, size, size))


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """Random weights of each network in their true shapes, fp16, with a key of the classifier as well."""
    generator, paths = torch.Generator().manual_seed(0), {}
    for network, indices in CONVOLUTIONS.items():
        repeats = zip((64, 128, 256, 512, 512), WIDTHS[network], strict=True)
        outputs = [width for width, count in repeats for _ in range(count)]
        tensors = {"head.fc.weight": torch.zeros(1)}
        for index, inputs, width in zip(indices, [3, *outputs], outputs, strict=False):
            weight = torch.randn(width, inputs, 3, 3, generator=generator) * (2 / (9 * inputs)) ** 0.5
            tensors[f"features.{index}.weight"] = weight.half()
            tensors[f"features.{index}.bias"] = torch.zeros(width).half()
        paths[network] = tmp_path_factory.mktemp("vgg") / f"{network}.safetensors"
        save_file(tensors, paths[network])
    return paths


def test_all_keep_the_contract(weights):
    check_loss(L1())
    check_loss(MSE())
    check_loss(Charbonnier())
    check_loss(GradientL1())
    check_loss(VGGPerceptual("vgg16", weights["vgg16"]))
    check_adversarial_loss(DCGAN(channels=8))
    check_adversarial_loss(NahGAN(channels=2))


def test_content_losses_are_their_definitions():
    rng = np.random.default_rng(0)
    a, b = rng.random((2, 3, 4, 5)), rng.random((2, 3, 4, 5))
    pair = torch.from_numpy(a), torch.from_numpy(b)
    assert L1()(*pair, batch()).item() == pytest.approx(np.abs(a - b).mean(), rel=1e-12)
    assert MSE()(*pair, batch()).item() == pytest.approx(((a - b) ** 2).mean(), rel=1e-12)
    wanted = np.sqrt((a - b) ** 2 + 0.01**2).mean()
    assert Charbonnier(eps=0.01)(*pair, batch()).item() == pytest.approx(wanted, rel=1e-12)
    along_x, along_y = (np.abs(np.diff(a, axis=n) - np.diff(b, axis=n)).mean() for n in (3, 2))
    assert GradientL1()(*pair, batch()).item() == pytest.approx((along_x + along_y) / 2, rel=1e-12)


def test_charbonnier_has_a_gradient_at_zero():
    image = torch.zeros(1, 3, 2, 2, requires_grad=True)
    Charbonnier()(image, torch.zeros(1, 3, 2, 2), batch()).backward()
    assert torch.equal(image.grad, torch.zeros_like(image))
    with pytest.raises(ValueError, match="eps must be above 0"):
        Charbonnier(eps=0.0)


def vgg_reference(path, network, images):
    """Return conv1_2 ... conv5_2 after their ReLU, in float64."""
    tensors, indices, found = load_file(path), iter(CONVOLUTIONS[network]), []
    mean = torch.tensor([0.485, 0.456, 0.406], dtype=torch.float64).view(3, 1, 1)
    x = (images.double() - mean) / torch.tensor([0.229, 0.224, 0.225], dtype=torch.float64).view(3, 1, 1)
    for block, count in enumerate(WIDTHS[network]):
        x = torch.nn.functional.max_pool2d(x, 2) if block else x
        for convolution in range(count):
            name = f"features.{next(indices)}"
            weight, bias = tensors[f"{name}.weight"].double(), tensors[f"{name}.bias"].double()
            x = torch.nn.functional.conv2d(x, weight, bias, padding=1).relu()
            if convolution == 1:
                found.append(x)
    return found


@pytest.mark.parametrize("network", ["vgg16", "vgg19"])
def test_perceptual_loss_is_its_definition(weights, network):
    loss, data = VGGPerceptual(network, weights[network]).build(), batch()
    prediction = data.degraded.requires_grad_()
    pairs = zip(*(vgg_reference(weights[network], network, x) for x in (prediction, data.sharp)), strict=True)
    wanted = sum((a - b).square().mean() for a, b in pairs)
    with torch.autocast("cpu", torch.bfloat16):
        found = loss(prediction, data.sharp, data)
    assert found.dtype == torch.float32
    assert found.item() == pytest.approx(wanted.item(), rel=1e-4)
    (wanted_gradient,) = torch.autograd.grad(wanted, prediction)
    (gradient,) = torch.autograd.grad(found, prediction)
    assert torch.allclose(
        gradient, wanted_gradient, rtol=1e-3, atol=1e-4 * wanted_gradient.abs().max().item()
    )


def test_perceptual_loss_is_frozen_and_draws_nothing(weights):
    loss, data = VGGPerceptual("vgg16", weights["vgg16"]), batch()
    assert pickle.loads(pickle.dumps(loss)) == loss
    state, target = torch.get_rng_state(), data.sharp.requires_grad_()
    criterion = loss.build()
    value = criterion(data.degraded.requires_grad_(), target, data)
    assert torch.equal(torch.get_rng_state(), state)
    value.backward()
    assert target.grad is None
    assert not any(parameter.requires_grad for parameter in criterion.parameters())
    assert all(parameter.dtype == torch.float32 for parameter in criterion.parameters())
    assert criterion(data.sharp, data.sharp, data).item() == 0


@pytest.mark.parametrize(("network", "other"), [("vgg19", "vgg16"), ("vgg16", "vgg19")])
def test_weights_of_another_network_are_named(weights, network, other):
    with pytest.raises(
        RestorekitError, match=rf"no weights of {network}: .*missing features\.\d+\.weight"
    ) as error:
        VGGPerceptual(network, weights[other]).build()
    assert "\n" not in str(error.value)


def test_unusable_weight_files_are_named(weights, tmp_path):
    absent, text, shape = (tmp_path / f"{name}.safetensors" for name in ("absent", "text", "shape"))
    text.write_text("not tensors")
    save_file(load_file(weights["vgg19"]) | {"features.0.weight": torch.zeros(64, 1, 3, 3)}, shape)
    for path, words in (
        (absent, "has no absent"),
        (text, "cannot be read"),
        (shape, "features.0.weight is float32 .64, 1, 3, 3. instead of float32 .64, 3, 3, 3."),
    ):
        with pytest.raises(RestorekitError, match=words) as error:
            VGGPerceptual("vgg19", path).build()
        assert path.name in str(error.value)
        assert "\n" not in str(error.value)


def test_a_failed_download_says_what_to_give(monkeypatch):
    def fails(*_):
        raise RestorekitError("timm/vgg19.tv_in1k: the Hub does not answer", "try again later")

    monkeypatch.setattr(vgg_module, "fetch", fails)
    with pytest.raises(RestorekitError, match="does not answer; try again later, or give weights = PATH"):
        VGGPerceptual().build()


@pytest.mark.shared
def test_true_vgg16_weights_prefer_the_sharper_face():
    path = Path(os.environ["RESTOREKIT_SHARED"]) / "weights" / "vgg16_features.safetensors"
    loss, sharp = VGGPerceptual("vgg16", path).build(), batch(32).sharp
    a_little, much = (torch.nn.functional.avg_pool2d(sharp, k, 1, k // 2) for k in (3, 7))
    assert 0 < loss(a_little, sharp, batch()) < loss(much, sharp, batch())


def test_the_discriminator_at_128_is_dcgans():
    discriminator = DCGAN().build(3, 128)
    convolutions = [m for m in discriminator.modules() if isinstance(m, torch.nn.Conv2d)]
    assert [m.out_channels for m in convolutions] == [64, 128, 256, 512, 512, 1]
    assert all(m.kernel_size == (4, 4) for m in convolutions)
    norms = [m for m in discriminator.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    assert [m.num_features for m in norms] == [128, 256, 512, 512]
    assert convolutions[2].weight.std().item() == pytest.approx(0.02, rel=0.02)
    assert norms[2].weight.mean().item() == pytest.approx(1, abs=0.01)


def test_the_discriminator_at_256_is_that_of_nah_and_others():
    discriminator = NahGAN().build(3, 256)
    convolutions = [m for m in discriminator.modules() if isinstance(m, torch.nn.Conv2d)]
    assert [m.out_channels for m in convolutions] == [32, 32, 64, 64, 128, 128, 256, 256, 512, 512, 1]
    assert [m.stride[0] for m in convolutions[:9]] == [1, 2, 1, 2, 1, 4, 1, 4, 1]
    assert [m.kernel_size[0] for m in convolutions] == [5] * 9 + [4, 1]
    assert all(m.bias is None for m in convolutions)
    assert NahGAN(channels=2).build(3, 64)(torch.rand(2, 3, 64, 64)).shape == (2,)
    with pytest.raises(RestorekitError, match="100 px is no multiple"):
        NahGAN().build(3, 100)


@pytest.mark.parametrize("norm", ["batch", "group"])
@pytest.mark.parametrize("size", [64, 96, 128])
def test_the_discriminator_gives_one_logit_an_image(norm, size):
    discriminator = DCGAN(norm=norm, channels=8).build(3, size)
    logits = discriminator(torch.rand(2, 3, size, size))
    assert logits.shape == (2,)
    assert any(isinstance(m, torch.nn.BatchNorm2d) for m in discriminator.modules()) == (norm == "batch")


@pytest.mark.parametrize("size", [4, 7, 100, 30])
def test_a_size_that_cannot_be_halved_is_refused(size):
    with pytest.raises(RestorekitError, match=f"cannot halve {size} px"):
        DCGAN().build(3, size)


def test_the_game_is_cross_entropy():
    game, data = DCGAN(norm="group", channels=8), batch(32)
    discriminator, fake = game.build(3, 32), data.degraded.requires_grad_()
    logits = {"real": discriminator(data.sharp), "fake": discriminator(fake)}
    real, made = (1 / (1 + np.exp(-x.detach().double().numpy())) for x in logits.values())
    loss = game.discriminator_loss(discriminator, data.sharp, fake.detach(), data)
    assert loss.item() == pytest.approx(-np.log(real).mean() - np.log(1 - made).mean(), rel=1e-5)
    loss = game.generator_loss(discriminator, fake, data)
    assert loss.item() == pytest.approx(-np.log(made).mean(), rel=1e-5)
    loss.backward()
    assert fake.grad.abs().sum() > 0


def test_random_features_are_always_the_same_and_compare():
    prediction, target = torch.rand(2, 1, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    batch = Batch(sharp=target, degraded=target)
    first, second = (
        VGGPerceptual(network="vgg16", pretrained=False).build()(prediction, target, batch) for _ in range(2)
    )
    assert torch.equal(first, second) and float(first) > 0
    with pytest.raises(ValueError, match="cannot be used together"):
        VGGPerceptual(weights=Path("x.safetensors"), pretrained=False)


def doubles(*shape):
    """Numbers of which no two are near: L1 has a kink where they are."""
    numbers = torch.arange(torch.Size(shape).numel(), dtype=torch.float64)
    return ((numbers * 0.61803398875) % 1).view(shape)


def references(eps):
    return {
        L1(): lambda a, b: sum(abs(x - y) for x, y in zip(a.flatten(), b.flatten(), strict=True)) / a.numel(),
        Charbonnier(eps=eps): lambda a, b: (
            sum(((x - y) ** 2 + eps**2) ** 0.5 for x, y in zip(a.flatten(), b.flatten(), strict=True))
            / a.numel()
        ),
    }


@pytest.mark.parametrize("name", ["L1", "Charbonnier"])
def test_content_losses_have_the_gradients_of_their_definitions(name):
    ((loss, written_out),) = [(k, f) for k, f in references(0.1).items() if type(k).__name__ == name]
    prediction, target = (
        doubles(1, 3, 3, 2).requires_grad_(),
        doubles(1, 3, 2, 3).transpose(2, 3) * 0.9 + 0.03,
    )
    found, wanted = loss(prediction, target, batch()), written_out(prediction, target)
    assert found.item() == pytest.approx(wanted.item(), rel=1e-12)
    gradients = [torch.autograd.grad(value, prediction)[0] for value in (found, wanted)]
    torch.testing.assert_close(*gradients, rtol=1e-12, atol=0)
    assert torch.autograd.gradcheck(lambda x: loss(x, target, batch()), prediction)


def discriminator_written_out(module, images, norm):
    """The logits of a DCGAN of 16 pixels in float64, by torch.nn.functional alone."""
    from torch.nn.functional import batch_norm, conv2d, group_norm, leaky_relu

    weights, x = {name: value.double() for name, value in module.named_parameters()}, 2 * images - 1
    x = leaky_relu(conv2d(x, weights["layers.0.weight"], weights["layers.0.bias"], 2, 1), 0.2)
    x = conv2d(x, weights["layers.2.weight"], None, 2, 1)
    scale = weights["layers.3.weight"], weights["layers.3.bias"]
    x = batch_norm(x, None, None, *scale, training=True) if norm == "batch" else group_norm(x, 4, *scale)
    return conv2d(leaky_relu(x, 0.2), weights["layers.5.weight"], weights["layers.5.bias"]).flatten()


@pytest.mark.parametrize("norm", ["batch", "group"])
@pytest.mark.parametrize("side", ["discriminator", "generator"])
def test_both_sides_of_the_game_have_the_gradients_of_their_definitions(norm, side):
    torch.manual_seed(0)
    game = DCGAN(norm=norm, channels=2)
    module = game.build(1, 16).double()
    real, fake = torch.rand(2, 3, 1, 16, 16, dtype=torch.float64).unbind()
    fake.requires_grad_()

    def loss():
        if side == "generator":
            return game.generator_loss(module, fake, batch())
        return game.discriminator_loss(module, real, fake, batch())

    def written_out():
        called = discriminator_written_out(module, fake, norm).sigmoid()
        if side == "generator":
            return -called.log().mean()
        truly = discriminator_written_out(module, real, norm).sigmoid()
        return -truly.log().mean() - (1 - called).log().mean()

    inputs = [fake, *module.parameters()]
    # softplus is taken in float32, and its gradient with it
    assert loss().item() == pytest.approx(written_out().item(), rel=1e-6)
    found, wanted = (
        torch.autograd.grad(value, inputs, allow_unused=True) for value in (loss(), written_out())
    )
    for mine, other in zip(found, wanted, strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-4, atol=1e-6)
    if side == "generator":
        assert torch.autograd.gradcheck(
            lambda x: discriminator_written_out(module, x, norm), fake, fast_mode=True
        )
        assert torch.autograd.gradcheck(module, fake, fast_mode=True)
