"""Packets as evidence: captured while cases run, dissected by tshark, and judged by the
claims that the cases declare."""
