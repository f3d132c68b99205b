"""Slot readers: spoken numbers, dates, times, durations, places and names to their canonical form."""
