"""Easel: a community's own ComfyUI in its chats."""

__version__ = "0.1.0"
