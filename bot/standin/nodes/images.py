"""Pictures: loading, changing and saving them, done for real."""

from __future__ import annotations

import asyncio
import hashlib
import io
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from PIL import Image, ImageChops, ImageFilter, ImageOps
from PIL.PngImagePlugin import PngInfo

from bot.standin.folders import Folders
from bot.standin.nodes.spec import (
    SIZE,
    Frame,
    Input,
    NodeClass,
    Result,
    Step,
    choice,
    integer,
    link,
    node,
    number,
    optional,
    picture,
    switch,
    text,
    traits,
)
from bot.standin.nodes.values import Images, Upscaler

_IMAGE, _MASK = link("IMAGE"), link("MASK")
_METHODS = {
    "nearest-exact": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "area": Image.Resampling.BOX,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
_METHOD = choice(*_METHODS)
_CROP = choice("disabled", "center")
_PIXELS = integer(512, 0, SIZE, 1)
_CHANNEL = choice("alpha", "red", "green", "blue")
_KONTEXT = (
    *((672, 1568), (688, 1504), (720, 1456), (752, 1392), (800, 1328), (832, 1248), (880, 1184), (944, 1104)),
    *((1024, 1024), (1104, 944), (1184, 880), (1248, 832), (1328, 800), (1392, 752), (1456, 720), (1504, 688)),
    (1568, 672),
)
"""The sizes FLUX.1 Kontext was trained on, by growing width."""


def _file_hash(folders: Folders, inputs: Mapping[str, Any]) -> object:
    path = folders.find(str(inputs.get("image")))
    return hashlib.sha256(path.read_bytes()).hexdigest() if path else None


def _is_there(folders: Folders, value: Any) -> str | None:
    return None if isinstance(value, str) and folders.find(value) else f"Invalid image file: {value}"


_LOADS = {"changes": _file_hash, "check": {"image": _is_there}, "heavy": True}


def _opened(step: Step, name: str) -> Image.Image:
    path = step.folders.find(name)
    if path is None:
        raise FileNotFoundError(f"[Errno 2] No such file or directory: '{name}'")
    with Image.open(path) as opened:
        opened.load()
        return ImageOps.exif_transpose(opened)


@traits(title="Load Image", **_LOADS)
@node("LoadImage", "image", "IMAGE MASK", image=picture())
def _load_image(step: Step, image: str) -> tuple[Any, ...]:
    opened = _opened(step, image)
    transparent = opened.has_transparency_data
    mask = ImageChops.invert(opened.convert("RGBA").getchannel("A")) if transparent else Image.new("L", (64, 64))
    return (opened.convert("RGB"),), (mask,)


@traits(title="Load Image (as Mask)", **_LOADS)
@node("LoadImageMask", "image", "MASK", image=picture(), channel=_CHANNEL)
def _load_image_mask(step: Step, image: str, channel: str) -> tuple[Any, ...]:
    found = _opened(step, image).convert("RGBA").getchannel(channel[0].upper())
    return ((ImageChops.invert(found) if channel == "alpha" else found,),)


@traits(title="Empty Image", heavy=True)
@node(
    "EmptyImage",
    "image",
    "IMAGE",
    width=integer(512, 1, SIZE, 1),
    height=integer(512, 1, SIZE, 1),
    batch_size=integer(1, 1, 4096),
    color=integer(0, 0, 0xFFFFFF, 1),
)
def _empty_image(_: Step, width: int, height: int, batch_size: int, color: int) -> tuple[Any, ...]:
    return ((Image.new("RGB", (width, height), (color >> 16, color >> 8 & 255, color & 255)),) * batch_size,)


@traits(title="Upscale Image", heavy=True)
@node(
    "ImageScale",
    "image/upscaling",
    "IMAGE",
    image=_IMAGE,
    upscale_method=_METHOD,
    width=_PIXELS,
    height=_PIXELS,
    crop=_CROP,
)
def _image_scale(_: Step, image: Images, upscale_method: str, width: int, height: int, crop: str) -> tuple[Any, ...]:
    given = image[0].size
    if not width and not height:
        return (image,)
    size = width or max(1, round(given[0] * height / given[1])), height or max(1, round(given[1] * width / given[0]))
    if crop == "center":
        return (tuple(ImageOps.fit(each, size, _METHODS[upscale_method]) for each in image),)
    return (_resized(image, size, upscale_method),)


@traits(title="Upscale Image By", heavy=True)
@node(
    "ImageScaleBy",
    "image/upscaling",
    "IMAGE",
    image=_IMAGE,
    upscale_method=_METHOD,
    scale_by=number(1.0, 0.01, 8.0),
)
def _image_scale_by(_: Step, image: Images, upscale_method: str, scale_by: float) -> tuple[Any, ...]:
    return (_scaled(image, scale_by, upscale_method),)


@traits(title="Scale Image to Total Pixels", heavy=True, newer=True)
@node(
    "ImageScaleToTotalPixels",
    "image/upscaling",
    "IMAGE",
    image=_IMAGE,
    upscale_method=_METHOD,
    megapixels=number(1.0, 0.01, 16.0),
    resolution_steps=optional(integer(1, 1, 256)),
)
def _image_scale_to_total_pixels(
    _: Step, image: Images, upscale_method: str, megapixels: float, resolution_steps: int = 1
) -> tuple[Any, ...]:
    width, height = image[0].size
    factor = (megapixels * 1024 * 1024 / (width * height)) ** 0.5 / resolution_steps
    size = (max(1, round(width * factor)) * resolution_steps, max(1, round(height * factor)) * resolution_steps)
    return (_resized(image, size, upscale_method),)


@traits(title="Scale Image to Max Dimension", heavy=True, newer=True)
@node(
    "ImageScaleToMaxDimension",
    "image/upscaling",
    "IMAGE",
    image=_IMAGE,
    upscale_method=_METHOD,
    largest_size=_PIXELS,
)
def _image_scale_to_max_dimension(_: Step, image: Images, upscale_method: str, largest_size: int) -> tuple[Any, ...]:
    return (_scaled(image, largest_size / max(image[0].size), upscale_method),)


@traits(heavy=True, newer=True)
@node("FluxKontextImageScale", "model/conditioning/flux", "IMAGE", image=_IMAGE)
def _flux_kontext_image_scale(_: Step, image: Images) -> tuple[Any, ...]:
    ratio = image[0].width / image[0].height
    size = min(_KONTEXT, key=lambda known: abs(known[0] / known[1] - ratio))
    return (tuple(ImageOps.fit(each, size, Image.Resampling.LANCZOS) for each in image),)


@traits(title="Upscale Image (using Model)", newer=True)
@node(
    "ImageUpscaleWithModel",
    "image/upscaling",
    "IMAGE",
    upscale_model=link("UPSCALE_MODEL"),
    image=_IMAGE,
)
async def _image_upscale_with_model(step: Step, upscale_model: Upscaler, image: Images) -> tuple[Any, ...]:
    def enlarged(each: Image.Image) -> Image.Image:
        size = each.width * upscale_model.factor, each.height * upscale_model.factor
        return each.resize(size, Image.Resampling.LANCZOS).filter(ImageFilter.UnsharpMask(upscale_model.factor, 80, 2))

    tiles = 4
    for tile in range(1, tiles + 1):
        await step.sleep(step.settings.speed)
        await step.tick(tile, tiles)
    return (tuple([await asyncio.to_thread(enlarged, each) for each in image]),)


@traits(title="Invert Image Colors", heavy=True)
@node("ImageInvert", "image/color", "IMAGE", image=_IMAGE)
def _image_invert(_: Step, image: Images) -> tuple[Any, ...]:
    return (tuple(ImageChops.invert(each) for each in image),)


@traits(title="Crop Image (DEPRECATED)", heavy=True)
@node(
    "ImageCrop",
    "image/transform",
    "IMAGE",
    image=_IMAGE,
    width=integer(512, 1, SIZE, 1),
    height=integer(512, 1, SIZE, 1),
    x=integer(0, 0, SIZE, 1),
    y=integer(0, 0, SIZE, 1),
)
def _image_crop(_: Step, image: Images, width: int, height: int, **corner: int) -> tuple[Any, ...]:
    left, top = min(corner["x"], image[0].width - 1), min(corner["y"], image[0].height - 1)
    box = (left, top, min(left + width, image[0].width), min(top + height, image[0].height))
    return (tuple(each.crop(box) for each in image),)


@traits(title="Batch Images (DEPRECATED)", heavy=True)
@node("ImageBatch", "image/batch", "IMAGE", image1=_IMAGE, image2=_IMAGE)
def _image_batch(_: Step, image1: Images, image2: Images) -> tuple[Any, ...]:
    return (image1 + tuple(ImageOps.fit(each, image1[0].size) for each in image2),)


@traits(title="Stitch Images", heavy=True, newer=True)
@node(
    "ImageStitch",
    "image/transform",
    "IMAGE",
    image1=_IMAGE,
    direction=choice("right", "down", "left", "up", default="right"),
    match_image_size=switch(default=True),
    spacing_width=integer(0, 0, 1024, 2),
    spacing_color=choice("white", "black", "red", "green", "blue", default="white"),
    image2=optional(_IMAGE),
)
def _image_stitch(
    _: Step,
    image1: Images,
    direction: str,
    spacing_width: int,
    spacing_color: str,
    image2: Images | None = None,
    **_rest: Any,
) -> tuple[Any, ...]:
    if image2 is None:
        return (image1,)
    first, second = (image1[0], image2[0]) if direction in {"right", "down"} else (image2[0], image1[0])
    across = direction in {"right", "left"}
    factor = first.height / second.height if across else first.width / second.width
    second = _scaled((second,), factor, "lanczos")[0]
    offset = (first.width + spacing_width, 0) if across else (0, first.height + spacing_width)
    sheet = Image.new("RGB", (max(first.width, offset[0] + second.width), max(first.height, offset[1] + second.height)))
    sheet.paste(spacing_color, (0, 0, *sheet.size))
    sheet.paste(first, (0, 0))
    sheet.paste(second, offset)
    return ((sheet,),)


@traits(title="Pad Image for Outpainting", heavy=True)
@node(
    "ImagePadForOutpaint",
    "image/transform",
    "IMAGE MASK",
    image=_IMAGE,
    left=integer(0, 0, SIZE, 8),
    top=integer(0, 0, SIZE, 8),
    right=integer(0, 0, SIZE, 8),
    bottom=integer(0, 0, SIZE, 8),
    feathering=integer(40, 0, SIZE, 1),
)
def _image_pad_for_outpaint(
    _: Step, image: Images, *, left: int, top: int, right: int, bottom: int, feathering: int
) -> tuple[Any, ...]:
    width, height = image[0].size
    size = (width + left + right, height + top + bottom)
    mask = Image.new("L", size, 255)
    mask.paste(0, (left, top, left + width, top + height))

    def padded(each: Image.Image) -> Image.Image:
        sheet = Image.new("RGB", size, (128, 128, 128))
        sheet.paste(each, (left, top))
        return sheet

    soft = mask.filter(ImageFilter.GaussianBlur(feathering / 4)) if feathering else mask
    return tuple(padded(each) for each in image), (ImageChops.lighter(mask, soft),)


@traits(title="Convert Mask to Image", heavy=True, newer=True)
@node("MaskToImage", "image/mask", "IMAGE", mask=_MASK)
def _mask_to_image(_: Step, mask: Images) -> tuple[Any, ...]:
    return (tuple(each.convert("RGB") for each in mask),)


@traits(title="Convert Image to Mask", heavy=True, newer=True)
@node("ImageToMask", "image/mask", "MASK", image=_IMAGE, channel=choice("red", "green", "blue", "alpha"))
def _image_to_mask(_: Step, image: Images, channel: str) -> tuple[Any, ...]:
    return (tuple(each.convert("RGBA").getchannel(channel[0].upper()) for each in image),)


@traits(title="Invert Mask", heavy=True, newer=True)
@node("InvertMask", "image/mask", "MASK", mask=_MASK)
def _invert_mask(_: Step, mask: Images) -> tuple[Any, ...]:
    return (tuple(ImageChops.invert(each) for each in mask),)


@traits(title="Grow Mask", heavy=True, newer=True)
@node(
    "GrowMask",
    "image/mask",
    "MASK",
    mask=_MASK,
    expand=integer(0, -SIZE, SIZE, 1),
    tapered_corners=switch(default=True),
)
def _grow_mask(_: Step, mask: Images, expand: int, **_rest: Any) -> tuple[Any, ...]:
    rank: Callable[[int], ImageFilter.RankFilter] = ImageFilter.MaxFilter if expand > 0 else ImageFilter.MinFilter
    return (tuple(each.filter(rank(abs(expand) * 2 + 1)) if expand else each for each in mask),)


@traits(title="Get Image Size", newer=True, output_names=("width", "height", "batch_size"))
@node("GetImageSize", "image", "INT INT INT", image=_IMAGE)
def _get_image_size(_: Step, image: Images) -> tuple[Any, ...]:
    return (*image[0].size, len(image))


@traits(title="Save Image", output_names=("images",), output_node=True, heavy=True)
@node("SaveImage", "image", "IMAGE", images=_IMAGE, filename_prefix=text("ComfyUI"))
def _save_image(step: Step, images: Images, filename_prefix: str) -> Result:
    return _written(step, images, filename_prefix, "output")


@traits(title="Preview Image", output_names=("images",), output_node=True, heavy=True)
@node("PreviewImage", "image", "IMAGE", images=_IMAGE)
def _preview_image(step: Step, images: Images) -> Result:
    return _written(step, images, step.temp_prefix, "temp")


@traits(
    title="Save Image (Websocket)",
    output_node=True,
    changes=lambda _folders, _inputs: uuid.uuid4(),  # never the same twice, hence never cached
)
@node("SaveImageWebsocket", "image", images=_IMAGE)
async def _save_image_websocket(step: Step, images: Images) -> Result:
    def encoded(each: Image.Image) -> bytes:
        buffer = io.BytesIO()
        each.save(buffer, "PNG", compress_level=1)
        return buffer.getvalue()

    for index, each in enumerate(images):
        await step.tick(index, len(images), Frame("PNG", await asyncio.to_thread(encoded, each)))
    return Result()


def _written(step: Step, images: Images, prefix: str, kind: str) -> Result:
    """Every picture as a PNG with its graph in it."""
    texts = PngInfo()
    for name, value in step.texts.items():
        texts.add_text(name, value)
    names = step.folders.next_names(prefix, kind, [each.size for each in images])
    for (path, _), each in zip(names, images, strict=True):
        each.save(path, "PNG", pnginfo=texts, compress_level=1)
    return Result((images,), {"images": [saved.as_json() for _, saved in names]})


def _resized(images: Images, size: tuple[int, int], method: str) -> Images:
    return tuple(each.resize(size, _METHODS[method]) for each in images)


def _scaled(images: Images, factor: float, method: str) -> Images:
    width, height = images[0].size
    return _resized(images, (max(1, round(width * factor)), max(1, round(height * factor))), method)


def _given(_: Step, value: Any) -> tuple[Any, ...]:
    return (value,)


def _primitive(name: str, kind: str, title: str, **options: Any) -> NodeClass:
    given = Input(kind, options)
    return NodeClass(name, "utilities/primitive", (kind,), {"value": given}, _given, title=title, newer=True)


NODES = (
    _load_image,
    _load_image_mask,
    _empty_image,
    _image_scale,
    _image_scale_by,
    _image_scale_to_total_pixels,
    _image_scale_to_max_dimension,
    _flux_kontext_image_scale,
    _image_upscale_with_model,
    _image_invert,
    _image_crop,
    _image_batch,
    _image_stitch,
    _image_pad_for_outpaint,
    _mask_to_image,
    _image_to_mask,
    _invert_mask,
    _grow_mask,
    _get_image_size,
    _save_image,
    _preview_image,
    _save_image_websocket,
    _primitive("PrimitiveInt", "INT", "Int", min=-(2**63) + 1, max=2**63 - 1),
    _primitive("PrimitiveFloat", "FLOAT", "Float", min=-(2**63) + 1, max=2**63 - 1, step=0.1),
    _primitive("PrimitiveString", "STRING", "Text", multiline=False),
    _primitive("PrimitiveStringMultiline", "STRING", "Text (Multiline)", multiline=True),
    _primitive("PrimitiveBoolean", "BOOLEAN", "Boolean"),
)
