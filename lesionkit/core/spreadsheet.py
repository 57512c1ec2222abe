"""What a spreadsheet must not run: every table that lesionkit writes passes its texts through here."""

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def defused(text: str) -> str:
    """Return a text such that a spreadsheet takes it for text: with an apostrophe before a formula's sign.

    Full-width signs count too.

    References
    ----------
    OWASP, "CSV Injection", https://owasp.org/www-community/attacks/CSV_Injection

    Examples
    --------
    >>> defused("=1+1"), defused("thumb")
    ("'=1+1", 'thumb')
    """
    return f"'{text}" if text.startswith(_STARTS_FORMULA) else text
