"""Text to intent. Pure: no clock, no sound, no threads, no network; the time is an argument."""
