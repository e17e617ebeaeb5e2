"""Runs wspcheck.exe over providers, judges its verdicts and writes the reports."""
