"""Workflows as data: graphs, manifests, options, role discovery, binding. Pure but for reading files."""
