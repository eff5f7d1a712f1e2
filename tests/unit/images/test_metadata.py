from __future__ import annotations

import io
import json
import zlib

import pytest
from PIL import Image, ImageSequence, PngImagePlugin

from bot.images.errors import BrokenPicture, NotAPicture
from bot.images.metadata import embed, read, strip

GRAPH = json.dumps({"3": {"class_type": "KSampler", "inputs": {"seed": 42}}})
COMMAND = "/imagine a red fox, 红狐狸 🦊 --seed 0"


def comfyui_png(picture: Image.Image) -> bytes:
    """As ComfyUI 0.3.75's SaveImage writes it."""
    texts = PngImagePlugin.PngInfo()
    texts.add_text("prompt", GRAPH)
    texts.add_text("workflow", GRAPH, zip=True)
    texts.add_itxt("more", GRAPH)
    file = io.BytesIO()
    picture.save(file, "PNG", pnginfo=texts, compress_level=4)
    return file.getvalue()


def comfyui_webp(picture: Image.Image, **options) -> bytes:
    """As ComfyUI 0.3.75's SaveAnimatedWEBP writes it."""
    exif = picture.getexif()
    exif[0x0110] = f"prompt:{GRAPH}"
    file = io.BytesIO()
    picture.save(file, "WEBP", exif=exif, xmp=b"<x:xmpmeta>KSampler</x:xmpmeta>", **options)
    return file.getvalue()


def png_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    chunks, at = [], 8
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        body = data[at + 8 : at + 8 + size]
        assert int.from_bytes(data[at + 8 + size : at + 12 + size], "big") == zlib.crc32(data[at + 4 : at + 8] + body)
        chunks.append((data[at + 4 : at + 8], body))
        at += 12 + size
    return chunks


def pixels(picture: Image.Image) -> list[bytes]:
    """The decoded pixels of every frame."""
    return [frame.convert("RGBA").tobytes() for frame in ImageSequence.Iterator(picture)]


def test_comfyuis_graph_is_gone_and_the_coded_pixels_are_the_same_bytes(noise):
    data = comfyui_png(noise)
    stripped = strip(data)
    assert png_chunks(stripped) == [
        (kind, body) for kind, body in png_chunks(data) if kind not in (b"tEXt", b"zTXt", b"iTXt")
    ]
    assert b"KSampler" not in stripped


def test_what_decides_how_a_png_looks_is_kept(scene, encoded, loaded, wide_gamut):
    data = encoded(scene, "PNG", icc_profile=wide_gamut, dpi=(300, 300))
    kept = loaded(strip(data))
    assert kept.info["icc_profile"] == wide_gamut
    assert round(kept.info["dpi"][0]) == 300
    palette = encoded(scene.quantize(8), "PNG", transparency=3)
    assert strip(palette) == palette


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_an_animation_keeps_moving(kind, scene, encoded, loaded):
    turned = scene.transpose(Image.Transpose.ROTATE_180)
    data = encoded(scene, kind, save_all=True, append_images=[turned], duration=[70, 130], loop=3)
    before, after = loaded(data), loaded(strip(data))
    assert after.n_frames == 2
    assert after.info["loop"] == before.info["loop"]
    assert pixels(after) == pixels(before)


@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"quality": 50}])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_webp_loses_exif_and_xmp_only(mode, options, noise, loaded):
    picture = noise.convert(mode)
    picture.putpixel((0, 0), (0, 0, 0, 0)[: len(mode)])
    data = comfyui_webp(picture, **options)
    after = loaded(strip(data))
    assert b"KSampler" not in strip(data)
    assert "exif" not in after.info
    assert after.tobytes() == loaded(data).tobytes()


@pytest.mark.parametrize("kind", [b"prVt", b"COMF"])
def test_a_png_chunk_of_no_known_kind_is_gone_whatever_it_calls_itself(kind, scene, encoded):
    data = encoded(scene, "PNG")
    body = GRAPH.encode()
    chunk = len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")
    assert strip(data[:33] + chunk + data[33:]) == data  # behind IHDR


def test_what_hides_within_a_frame_of_a_webp_is_gone(scene, encoded, loaded):
    turned = scene.transpose(Image.Transpose.ROTATE_180)
    data = strip(encoded(scene, "WEBP", save_all=True, append_images=[turned], lossless=True))
    start = data.index(b"ANMF")
    size = int.from_bytes(data[start + 4 : start + 8], "little")
    end = start + 8 + size
    hidden = b"JUNK" + len(GRAPH).to_bytes(4, "little") + GRAPH.encode() + b"\0" * (len(GRAPH) % 2)
    frame = (size + len(hidden)).to_bytes(4, "little") + data[start + 8 : end] + hidden
    riff = (int.from_bytes(data[4:8], "little") + len(hidden)).to_bytes(4, "little")
    stuffed = data[:4] + riff + data[8 : start + 4] + frame + data[end:]
    assert loaded(stuffed).n_frames == 2
    assert strip(stuffed) == data


def test_a_gif_keeps_no_text_of_its_own(scene, encoded):
    data = encoded(scene, "GIF")
    at = 13 + (3 << (data[10] & 7) + 1)
    text = b"\x21\x01\x0c" + bytes(12) + bytes([len(GRAPH)]) + GRAPH.encode() + b"\0"
    assert strip(data[:at] + text + data[at:]) == strip(data)


@pytest.mark.parametrize("progressive", [False, True])
def test_jpeg_loses_comments_and_application_data_only(progressive, noise, encoded, loaded, wide_gamut):
    exif = Image.Exif()
    exif[0x010F] = "KSampler"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 0.0)
    data = encoded(
        noise,
        "JPEG",
        exif=exif,
        xmp=b"KSampler",
        comment="KSampler",
        icc_profile=wide_gamut,
        progressive=progressive,
    )
    assert b"KSampler" in data
    stripped = strip(data)
    after = loaded(stripped)
    assert b"KSampler" not in stripped
    assert not after.getexif()
    assert after.info["icc_profile"] == wide_gamut
    assert after.tobytes() == loaded(data).tobytes()


def test_cmyk_jpeg_keeps_adobes_word_on_its_colours(encoded, loaded):
    data = encoded(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG")
    assert loaded(strip(data)).tobytes() == loaded(data).tobytes()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_what_hides_behind_the_end_is_gone(kind, scene, encoded):
    assert b"KSampler" not in strip(encoded(scene, kind) + GRAPH.encode())


def test_gif_loses_comments_only(scene, encoded, loaded):
    data = encoded(scene, "GIF", comment=b"KSampler" * 100)
    stripped = strip(data)
    assert b"KSampler" in data
    assert b"KSampler" not in stripped
    assert pixels(loaded(stripped)) == pixels(loaded(data))


@pytest.mark.parametrize("kind", ["TIFF", "AVIF", "BMP"])
def test_other_formats_become_a_png_of_the_same_pixels(kind, scene, encoded, loaded):
    data = encoded(scene, kind)
    after = loaded(strip(data))
    assert after.format == "PNG"
    assert after.tobytes() == loaded(data).tobytes()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("change", [strip, lambda data: embed(data, COMMAND)], ids=["strip", "embed"])
def test_a_picture_on_its_side_is_still_shown_upright(kind, change, scene, encoded, loaded):
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "a camera"
    after = loaded(change(encoded(scene, kind, exif=exif)))
    assert after.getexif()[0x0112] == 6
    assert 0x010F not in after.getexif()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_what_is_embedded_can_be_read_and_changes_no_pixel(kind, mode, scene, encoded, loaded):
    data = encoded(scene.convert("RGB" if kind == "JPEG" and mode == "RGBA" else mode), kind)
    said = embed(data, COMMAND)
    assert read(said) == COMMAND
    assert loaded(said).tobytes() == loaded(data).tobytes()
    assert loaded(strip(said)).tobytes() == loaded(data).tobytes()
    assert read(strip(said)) is None


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 80}])
@pytest.mark.parametrize("size", [(1, 1), (7, 300), (301, 5)])
def test_a_simple_webp_grows_the_header_that_exif_needs(options, size, encoded, loaded):
    said = embed(encoded(Image.new("RGB", size, "red"), "WEBP", **options), COMMAND)
    assert said[12:16] == b"VP8X"
    assert loaded(said).size == size
    assert read(said) == COMMAND


def test_image_tools_find_what_is_embedded(scene, encoded, loaded):
    assert loaded(embed(encoded(scene, "PNG"), COMMAND)).text == {"parameters": COMMAND}
    comment = loaded(embed(encoded(scene, "JPEG"), COMMAND)).getexif().get_ifd(0x8769)[0x9286]
    assert comment == b"UNICODE\0" + COMMAND.encode("utf-16-be")


def test_embedding_replaces_what_was_said_before(noise):
    said = embed(embed(comfyui_png(noise), "the first"), "the second")
    assert read(said) == "the second"
    assert b"the first" not in said
    assert b"KSampler" not in said


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_any_text_can_be_embedded(kind, scene, encoded):
    assert read(embed(encoded(scene, kind), "a\0b \ud800 c\n")) == "ab ? c\n"
    assert read(embed(encoded(scene, kind), "")) == ""


def test_a_jpeg_keeps_as_much_of_a_long_text_as_it_has_room_for(scene, encoded):
    long = "🦊" * 40_000
    assert read(embed(encoded(scene, "PNG"), long)) == long
    kept = read(embed(encoded(scene, "JPEG"), long))
    assert len(kept) > 16_000
    assert long.startswith(kept)


def test_a_picture_without_a_word_says_nothing(scene, encoded, noise):
    for kind in ("PNG", "JPEG", "WEBP", "GIF", "BMP"):
        assert read(encoded(scene, kind)) is None
    assert read(comfyui_png(noise)) is None


def test_another_tools_ascii_comment_is_read(scene, encoded):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0a fox"
    assert read(encoded(scene, "JPEG", exif=exif)) == "a fox"


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_a_file_that_is_cut_short_is_not_passed_on(kind, noise, encoded):
    with pytest.raises(BrokenPicture):
        strip(encoded(noise, kind)[:-400])


def test_what_is_no_picture_is_refused():
    with pytest.raises(NotAPicture):
        strip(GRAPH.encode())
