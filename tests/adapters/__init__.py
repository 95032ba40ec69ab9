"""Each adapter by itself, where it does more than its port promises."""
