"""Word lists of the language; see ``intents/wordlists.py`` for their format."""
