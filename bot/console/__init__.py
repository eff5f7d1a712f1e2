"""The web console: a page that works as a chat."""
