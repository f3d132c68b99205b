"""The repairs skill: its sentences, cases, replies and handlers."""
