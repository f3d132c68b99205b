"""The calls skill: its sentences, cases, replies and handlers."""
