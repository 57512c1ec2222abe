"""Outlining deposits in napari. The package has its place in the distribution; it registers no plugin yet."""
