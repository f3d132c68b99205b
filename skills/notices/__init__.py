"""The notices skill: its sentences, cases, replies and handlers."""
