"""The front end at the terminal: what each command of `easel` does."""
