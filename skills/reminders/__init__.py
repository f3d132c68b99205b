"""The reminders skill: its sentences, cases, replies and handlers."""
