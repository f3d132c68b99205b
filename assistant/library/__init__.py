"""The programmes on this box: files found on disks and sticks, what they are, and the index that remembers it."""
