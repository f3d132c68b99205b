"""The media skill: its sentences, cases, replies and handlers."""
