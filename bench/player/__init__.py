"""The media player by its bars: first sound, ducking, a dead mpv, 20,000 files, a thousand orders; with a real mpv on a virtual sound card."""
