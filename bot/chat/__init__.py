"""What front ends share: ports, status cards, pacing, commands, texts."""
