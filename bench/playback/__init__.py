"""Talking over the box's own sound: how much of it an echo canceller saves."""
