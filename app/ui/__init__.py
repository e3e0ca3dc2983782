"""Widgets only; every decision is made in the packages below."""
