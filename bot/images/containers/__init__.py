"""File formats taken apart without unfolding a pixel, and put together again without what they say of their making.

Each module has one `rewrite`. It keeps what decides how the picture looks (pixels, palette, colour profile, animation)
byte for byte, leaves out all else (an allow list, so that what is unknown goes too), and puts in what it is given.
"""
