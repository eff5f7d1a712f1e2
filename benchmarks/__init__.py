"""What Easel costs, measured side by side with the least that could do the same."""
