"""What a request of the OGC routes comes with: store and zone, who asks, and the form wanted."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from api.deps import audit_of, principal_of, settings_of, store_of, words_of, zone_of
from api.forms import Form
from api.identity import Principal
from api.ogc.answers import answer, headers_of
from api.ogc.crs import systems_of
from api.ogc.documents import HTML, JSON, Addresses, Document
from api.ogc.pages import Pages
from api.ogc.sights import Sight, sight_of
from api.ogc.snapshots import Snapshots
from api.ogc.text import compact
from api.store import Store
from api.words import Words


@dataclass(frozen=True)
class Asked:
    """A request with what its answer needs.

    Attributes
    ----------
    request
        The request.
    store
        The store.
    snapshots
        Layers held in memory.
    zone
        Name of the zone that is served.
    principal
        Who asks.
    words
        The dictionary.
    systems
        Addresses of the reference systems in which the zone can be read.
    form
        How the answer is wanted.
    """

    request: Request
    store: Store
    snapshots: Snapshots
    zone: str
    principal: Principal
    words: Words
    systems: Sequence[str]
    form: Form

    @property
    def demo(self) -> bool:
        """Tell whether the service runs in demo mode.

        Returns
        -------
        demo
            Whether it does, and says so.
        """
        return settings_of(self.request).mode == "demo"

    @property
    def at(self) -> Addresses:
        """Return the addresses of the resources, as this client reaches them.

        Returns
        -------
        addresses
            They begin with what the client asked.
        """
        return Addresses(str(self.request.base_url))

    def pages(self) -> Pages:
        """Return what writes pages in the language wanted.

        Returns
        -------
        pages
            The writer.
        """
        return Pages.of(self.request, self.form)

    def sight(self, collection: str) -> Sight:
        """Return what the asker sees of a layer.

        Parameters
        ----------
        collection
            Name of the layer.

        Returns
        -------
        sight
            What is seen.

        Raises
        ------
        NotFoundError
            The asker may not read it.
        """
        return sight_of(self.principal, collection, zone=self.zone)

    def tell_audit(self, sight: Sight) -> None:
        """Append to the audit that a layer is read, where it is restricted.

        Parameters
        ----------
        sight
            What the asker sees of it.
        """
        if sight.is_restricted:
            audit_of(self.request)("read", sight.collection)

    def document(self, document: Document, media_type: str = JSON) -> Response:
        """Send a document, or tell that the client has it.

        Parameters
        ----------
        document
            The document; it does not tell the time.
        media_type
            Its media type.

        Returns
        -------
        response
            The answer.
        """
        return self._tagged(compact(document), media_type)

    def page(self, text: str) -> Response:
        """Send a page, or tell that the client has it.

        Parameters
        ----------
        text
            The page; it does not tell the time.

        Returns
        -------
        response
            The answer.
        """
        return self._tagged(text, HTML)

    def _tagged(self, text: str, media_type: str) -> Response:
        tag = f'W/"{hashlib.sha256(text.encode()).hexdigest()[:20]}"'
        headers = headers_of(tag, self.principal)
        return answer(self.request, text, media_type, headers=headers)


async def asked_of(request: Request) -> Asked:
    """Gather what the answer to a request needs.

    Parameters
    ----------
    request
        The request.

    Returns
    -------
    asked
        The request with its surroundings.
    """
    zone = zone_of(request)
    return Asked(
        request=request,
        store=store_of(request),
        snapshots=request.app.state.snapshots,
        zone=zone,
        principal=principal_of(request),
        words=words_of(request),
        systems=systems_of(settings_of(request).data_dir, zone),
        form=Form.of(request),
    )


AskedDep = Annotated[Asked, Depends(asked_of)]
