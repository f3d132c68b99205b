"""The line between the hub and its boxes."""
