"""The protos' messages, generated."""
