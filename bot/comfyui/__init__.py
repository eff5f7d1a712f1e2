"""One ComfyUI server: its protocol, and an async client for it. Knows nothing of chats or of what a graph means."""
