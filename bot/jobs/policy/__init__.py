"""Who may do what, and how much of it. Pure: the register is read elsewhere."""
