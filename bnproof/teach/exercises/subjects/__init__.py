"""The templates, a file a subject."""
