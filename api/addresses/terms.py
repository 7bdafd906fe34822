"""`/ontology` for people: every class, property and edge on one page, made from the model."""

from __future__ import annotations

from urllib.parse import urlsplit

from api.addresses.pages import Site, page
from graph.settings import Settings
from ontology.model import Model


def ontology_page(model: Model, settings: Settings) -> bytes:
    """The whole ontology, the deployment's own part with it; a term's place is its name."""
    site = Site(settings.title, urlsplit(settings.base_iri).path or "/")
    nodes = [kind for kind in model.nodes.values() if not kind.system]
    return page("ontology.html", site, title="The ontology", nodes=nodes, edges=list(model.edges.values()))
