"""Notices: what they say, whom they reach, when they go out, and how far they have come. No HTTP; the clock is an argument."""
