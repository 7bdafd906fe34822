"""People as rows: a learner record, its identities, an interview. All names are made up."""

from __future__ import annotations

import hashlib
from datetime import date

from demo.tables import Tables

FIRST = """
Aisha Anders Beatriz Bram Carla Chidi Daan Elena Emre Fatima Femke Goran Hana Ines Ivo Jana Jonas
Katya Lars Leila Luca Maja Marek Nadia Noor Olga Oskar Paulo Priya Quinn Rafael Rosa Sami Sofia Sven
Tariq Tess Uma Viktor Wanda Xavi Yara Yusuf Zoe
"""
LAST = """
Abadi Bakker Becker Carvalho Costa Dekker Demir Eriksen Ferreira Fischer Gomes Haddad Hoffmann
Ivanova Jansen Kaya Keller Kowalski Lindqvist Lopes Maas Meyer Moreau Novak Nowak Okoro Oliveira
Petrov Pinto Quist Rossi Santos Schulz Silva Smit Tavares Ueda Vasquez Visser Weber Yilmaz Zeller
"""


def names() -> list[str]:
    """Every first name with every last name."""
    return [f"{first} {last}" for first in FIRST.split() for last in LAST.split()]


def add_person(tables: Tables, person_id: str, name: str, kind: str, location: str, employee_number: str) -> None:
    """A learner record with its identities; addresses are of a domain that cannot exist."""
    email = name.lower().replace(" ", ".") + "@skillworks.example"
    tables.add("Learner", id=person_id, label=name, email=email, kind=kind, location=location, status="active")
    if employee_number:
        tables.add("Identity", learner=person_id, system="employee-number", value=employee_number, verified="true")
    digest = hashlib.sha256(email.encode()).hexdigest()
    tables.add("Identity", learner=person_id, system="mail-sha256", value=digest, verified="true")


def add_interview(tables: Tables, person_id: str, when: date, rated: dict[str, list[tuple[str, int]]]) -> str:
    """One interview as one Evidence, with a Rating a rater and skill."""
    evidence = tables.add(
        "Evidence",
        learner=person_id,
        kind="interview",
        about="demo-assessment:structured-interview",
        shown_at=when,
    )
    for rater, ratings in rated.items():
        for skill, level in ratings:
            tables.add("Rating", evidence=evidence, rater=rater, skill=skill, level=level, rated_at=when)
    return evidence
