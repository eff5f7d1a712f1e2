"""Where jobs are kept, and what operators decided."""
