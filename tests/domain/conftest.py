"""What all tests of the domain share: how long Hypothesis looks for counterexamples."""

from __future__ import annotations

from hypothesis import settings

# The domain does nothing that could be slow; a machine that has other work to do is no counterexample.
settings.register_profile("domain", deadline=None, max_examples=60)
settings.load_profile("domain")
