"""The rules of the source tree that a program can check. `exceptions.py` names who may break one, and why."""
