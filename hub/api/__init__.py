"""For the village's other systems: they reach an old person by voice, and get the answer back."""
