"""The adapters that live in this process, where they differ from what every adapter promises."""
