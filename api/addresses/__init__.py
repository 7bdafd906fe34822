"""Addresses: what a node's IRI answers with, for people and for programs, and what leads there.

`/id/…` and `/edge/…` by content negotiation, the list of everything, the sitemap, the description of the data set.
What may not be seen is not there: it looks like what never was.
"""
