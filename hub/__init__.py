"""The village hub: a process of its own, for the office staff, the families and the boxes."""
