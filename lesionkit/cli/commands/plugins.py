"""What is installed, and why something is not usable."""

from lesionkit.cli import options


def plugins(*, json: options.Json = False, debug: options.Debug = False) -> None:
    """List readers, measures, criteria, exporters, suggesters: version, origin, or why not usable."""
    from lesionkit.cli.inventory import show_plugins

    show_plugins(as_json=json)
