"""The box's side of the line to its village's hub."""
