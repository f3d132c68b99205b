"""Measurements. One command prints a table and writes JSON; every figure quoted in the docs comes from it."""
