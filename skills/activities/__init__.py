"""The activities skill: its sentences, cases, replies and handlers."""
