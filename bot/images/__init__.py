"""Pictures as bytes: what they are, what a server and a platform can take, and what they say of themselves."""
