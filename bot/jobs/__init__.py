"""The application: what a job is, where it is kept, and how it gets from a request to its pictures."""
