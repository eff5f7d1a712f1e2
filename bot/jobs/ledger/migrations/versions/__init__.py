"""One module per version of the tables, each of which changes the one before it."""
