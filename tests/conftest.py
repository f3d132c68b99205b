"""Shared fixtures. Speech for the tests is made by the project's own voice."""
from __future__ import annotations
