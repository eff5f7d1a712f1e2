"""The front end for Telegram."""
