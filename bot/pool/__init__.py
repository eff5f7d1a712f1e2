"""Many servers behind one door: what renders a task, and which server gets it."""
