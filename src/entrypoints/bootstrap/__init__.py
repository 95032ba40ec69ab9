"""The composition: settings, logs, resources, and the one place that knows everything."""
