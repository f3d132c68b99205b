"""The village's public page for the screen on the square: what is on it, where it is reached, and the weather of its place."""
