"""What the staff must hear of at once, out to their telephones."""
