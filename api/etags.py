"""Whether a client has a version already."""


def is_known(tag: str, given: str) -> bool:
    """Tell whether a client has a version, by the weak comparison of RFC 9110, 13.1.2.

    Parameters
    ----------
    tag
        Tag of the version.
    given
        The header If-None-Match; empty where there is none.

    Returns
    -------
    known
        Whether the version need not be sent again.

    Examples
    --------
    >>> is_known('W/"2"', '"1", "2"'), is_known('"2"', 'W/"1"'), is_known('"2"', "*")
    (True, False, True)
    """
    if not given or given == tag:
        return bool(given)
    tags = {known.strip().removeprefix("W/") for known in given.split(",")}
    return "*" in tags or tag.removeprefix("W/") in tags
