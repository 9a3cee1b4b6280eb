"""Decisions: which offers a member gets at a moment, and why not the others."""
