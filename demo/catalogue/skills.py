"""Skills that the demo company names itself; for all others it uses ESCO's."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OwnSkill:
    """A skill that a system of the company names itself; `same_as` are its EXACT_MATCHes."""

    id: str
    label: str
    alt_labels: tuple[str, ...] = ()
    same_as: tuple[str, ...] = ()
    replaced_by: str = ""


OWN_SKILLS = (
    OwnSkill("lms-skill:container-orchestration", "container orchestration", ("running containers at scale",)),
    OwnSkill(
        "ats-skill:k8s",
        "K8s",
        ("Kubernetes", "kubernetes administration"),
        ("lms-skill:container-orchestration",),
    ),
    OwnSkill("lms-skill:infrastructure-as-code", "infrastructure as code", ("IaC",)),
    OwnSkill("ats-skill:terraform", "Terraform", ("HCL",), ("lms-skill:infrastructure-as-code",)),
    OwnSkill("lms-skill:incident-review", "blameless incident review", ("post-mortem facilitation",)),
    OwnSkill("lms-skill:lockout-tagout", "lockout and tagout", ("LOTO",)),
    OwnSkill("ats-skill:loto", "LOTO", (), ("lms-skill:lockout-tagout",)),
    OwnSkill("lms-skill:chatops", "ChatOps", ("operating by chat",)),
    OwnSkill("lms-skill:puppet-config", "Puppet configuration", replaced_by="lms-skill:infrastructure-as-code"),
    OwnSkill("lms-skill:vendor-quantum", "quantum vendor briefings"),
)


def same_skills(skills: set[str]) -> set[str]:
    """The skills that own skills of the set are EXACT_MATCHes of."""
    return {other for skill in OWN_SKILLS if skill.id in skills for other in skill.same_as}
