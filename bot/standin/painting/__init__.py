"""Procedural pictures: the same recipe gives the same picture, and everything in it shows."""

from bot.standin.painting.painter import Recipe, Sketch, paint

__all__ = ["Recipe", "Sketch", "paint"]
