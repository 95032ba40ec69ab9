"""What the use cases need from outside, one module per subject. Each adapter passes its port's contract suite.

All ports raise `synctv.domain.errors.Unavailable` when what they stand for can't be reached, and no driver's errors.
"""
