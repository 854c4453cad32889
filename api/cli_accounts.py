"""The commands of accounts: `smartzone user add`, `list`, `remove`, `set-role` and others."""

import sys
from typing import Annotated, Literal

import typer

from api.commands import LanguageOption, telling
from api.settings import Settings

users = typer.Typer(
    help="Local accounts. Ids are pseudonyms, such as the alias of a badge: never names.",
    no_args_is_help=True,
)

_Id = Annotated[
    str, typer.Argument(metavar="ID", help="Pseudonym of the account, such as badge-0412.")
]
# Every role but the public's, which needs no account.
_Held = Literal["commander", "planner", "operator", "officer", "partner", "auditor"]
_RoleOption = Annotated[_Held, typer.Option("--role", help="What the account may do.")]
_ZonesOption = Annotated[
    list[str] | None,
    typer.Option("--zone", help="Zone of its rights, again for more; the settings' own if none."),
]
_EverywhereOption = Annotated[
    bool, typer.Option("--all-zones", help="Give it its rights in every zone.")
]
_OwnerOption = Annotated[
    str | None, typer.Option("--owner", help="For a partner: the owner that the register names.")
]


@users.command(name="add")
def _add(
    context: typer.Context,
    account: _Id,
    *,
    role: _RoleOption,
    zone: _ZonesOption = None,
    everywhere: _EverywhereOption = False,
    owner: _OwnerOption = None,
    language: LanguageOption = "en",
) -> None:
    """Add an account; its password is asked for, or read from standard input."""
    with telling(context, language) as words:
        from api.accounts.administration import Wanted, add_account

        settings = Settings.load()
        wanted = Wanted(role, zone or (), everywhere, owner)
        wanted.rights(settings)
        add_account(settings, account, wanted, password=_password())
        told = {"account": account, "role": words.text(f"role.{role}", language)}
        typer.echo(words.text("user.added", language, **told))


@users.command(name="list")
def _list(context: typer.Context, *, language: LanguageOption = "en") -> None:
    """List the accounts: role, zones, and since when they are as they are."""
    with telling(context, language) as words:
        from rich.table import Table

        from api.accounts.administration import list_accounts
        from api.terminal import print_table

        accounts = list_accounts(Settings.load())
        typer.echo(words.text("user.listed", language, count=len(accounts)))
        columns = ("account", "role", "zones", "owner", "changed")
        table = Table(*(words.text(f"user.{column}", language) for column in columns))
        for account in accounts:
            zones = account.rights.zones
            table.add_row(
                account.id,
                words.text(f"role.{account.rights.role}", language),
                words.text("user.everywhere", language)
                if zones is None
                else ", ".join(sorted(zones)),
                account.rights.owner or "",
                account.changed_at.isoformat(timespec="minutes"),
            )
        if accounts:
            print_table(table)


@users.command(name="remove")
def _remove(context: typer.Context, account: _Id, *, language: LanguageOption = "en") -> None:
    """Remove an account and end its sessions."""
    with telling(context, language) as words:
        from api.accounts.administration import remove_account

        remove_account(Settings.load(), account)
        typer.echo(words.text("user.removed", language, account=account))


@users.command(name="set-role")
def _set_role(
    context: typer.Context,
    account: _Id,
    *,
    role: _RoleOption,
    zone: _ZonesOption = None,
    everywhere: _EverywhereOption = False,
    owner: _OwnerOption = None,
    language: LanguageOption = "en",
) -> None:
    """Change what an account may do and where, and end its sessions."""
    with telling(context, language) as words:
        from api.accounts.administration import Wanted, set_role

        set_role(Settings.load(), account, Wanted(role, zone or (), everywhere, owner))
        told = {"account": account, "role": words.text(f"role.{role}", language)}
        typer.echo(words.text("user.changed_role", language, **told))


@users.command(name="set-password")
def _set_password(context: typer.Context, account: _Id, *, language: LanguageOption = "en") -> None:
    """Change the password of an account, and end its sessions."""
    with telling(context, language) as words:
        from api.accounts.administration import set_password

        set_password(Settings.load(), account, password=_password())
        typer.echo(words.text("user.changed_password", language, account=account))


@users.command(name="sign-out")
def _sign_out(
    context: typer.Context,
    account: Annotated[
        str,
        typer.Argument(metavar="ID", help="Id of the account, as the audit has it."),
    ],
    *,
    language: LanguageOption = "en",
) -> None:
    """End all sessions of an account, also of one that an identity provider knows."""
    with telling(context, language) as words:
        from api.accounts.administration import sign_out

        count = sign_out(Settings.load(), account)
        typer.echo(words.text("user.signed_out", language, account=account, count=count))


@users.command(name="unlock")
def _unlock(context: typer.Context, account: _Id, *, language: LanguageOption = "en") -> None:
    """Let an account be signed in to at once, after attempts that failed."""
    with telling(context, language) as words:
        from api.accounts.administration import unlock_account

        known = unlock_account(Settings.load(), account)
        key = "user.unlocked" if known else "user.not_locked"
        typer.echo(words.text(key, language, account=account))


def _password() -> str:
    """Ask for a password; it is never an argument, which others on the machine could read."""
    if sys.stdin.isatty():
        asked: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        return asked
    return sys.stdin.readline().rstrip("\r\n")
