"""What people type, to a request and back. Pure."""
