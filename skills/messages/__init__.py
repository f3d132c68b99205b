"""The messages skill: its sentences, cases, replies and handlers."""
