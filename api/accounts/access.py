"""What sign-in is made of, by the settings: demo accounts, or those of the store and a provider."""

import secrets
from dataclasses import dataclass
from typing import Final

from anyio import CapacityLimiter

from api.access_settings import AccessSettings
from api.accounts.code_flow import CodeFlow
from api.accounts.demo import DemoAccounts
from api.accounts.gate import Gate
from api.accounts.passwords import Passwords
from api.accounts.provider import Provider
from api.accounts.provider_keys import Fetch, ProviderKeys, fetch_json
from api.accounts.signing_in import Entrance
from api.accounts.tokens import Tokens
from api.identity import Principal
from api.store import Store

# A hash takes 64 MiB; more at once would let strangers fill the memory.
_HASHES_AT_ONCE: Final = 2


@dataclass(frozen=True)
class Access:
    """What sign-in is made of.

    Attributes
    ----------
    gate
        Tells whose token it is.
    entrance
        Lets in whoever knows the password of an account.
    code_flow
        Sends browsers to the provider; none without one.
    cookie
        Name of the cookie that holds the token of a browser.
    demo
        Whether the service runs in demo mode.
    hashing
        Limits how many passwords are looked at at once.
    """

    gate: Gate
    entrance: Entrance
    code_flow: CodeFlow | None
    cookie: str
    demo: bool
    hashing: CapacityLimiter

    @property
    def stranger(self) -> Principal:
        """Tell who asks without a token.

        Returns
        -------
        principal
            The public.
        """
        return Principal(demo=self.demo)


def open_access(settings: AccessSettings, store: Store, *, fetch: Fetch = fetch_json) -> Access:
    """Make what sign-in is made of.

    Parameters
    ----------
    settings
        Settings of who is let in.
    store
        The store.
    fetch
        Reads a JSON object from an address of the provider.

    Returns
    -------
    access
        What sign-in is made of.
    """
    demo = settings.mode == "demo"
    # A secret of its own each time: no session of a demo outlives it, or is taken outside it.
    secret = secrets.token_bytes(32)
    if not demo and settings.secret is not None:
        secret = settings.secret.get_secret_value().encode()
    tokens, passwords = Tokens(secret), Passwords()
    provider = code_flow = None
    if settings.oidc_issuer is not None:
        provider = Provider(settings, ProviderKeys(settings.oidc_issuer, fetch=fetch))
        code_flow = CodeFlow(provider, tokens=tokens, client_secret=settings.oidc_client_secret)
    book = DemoAccounts(passwords) if demo else store.accounts
    return Access(
        gate=Gate(store, tokens, provider=provider),
        entrance=Entrance(store, book=book, tokens=tokens, passwords=passwords),
        code_flow=code_flow,
        # A browser takes a name with this prefix only over HTTPS and for this very host.
        cookie="smartzone" if demo else "__Host-smartzone",
        demo=demo,
        hashing=CapacityLimiter(_HASHES_AT_ONCE),
    )
