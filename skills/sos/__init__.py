"""The sos skill: its sentences, cases, replies and handlers."""
