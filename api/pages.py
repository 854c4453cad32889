"""The templates of the printed reports: each report's own, and what all of them share."""

from functools import cache

from jinja2 import (
    ChoiceLoader,
    Environment,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    Template,
)


@cache
def report_page(package: str, *, name: str = "report.html") -> Template:
    """Read the page of a report.

    Parameters
    ----------
    package
        Package whose page it is; its own files go by their names, the shared ones of
        `api` by "api/" and theirs.
    name
        Name of the page.

    Returns
    -------
    Template
        The page; it escapes what it is filled with and refuses what it is not given.
    """
    environment = Environment(
        loader=ChoiceLoader(
            [PackageLoader(package, "."), PrefixLoader({"api": PackageLoader("api", ".")})]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)
