"""A stand-in ComfyUI for the demo and the tests."""

from bot.standin.server import StandIn
from bot.standin.settings import Settings

__all__ = ["Settings", "StandIn"]
