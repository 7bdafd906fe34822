"""What the demo company asks for: twenty roles in five families; skills by ESCO label or own id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from demo.catalogue.levels import A, F, P

Kind = Literal["must", "essential", "preferred"]


@dataclass(frozen=True, slots=True)
class Need:
    """One requirement of a role."""

    skill: str
    level: int = P
    weight: int = 3
    kind: Kind = "essential"
    reach: Literal["exact", "narrower"] = "exact"
    proof: Literal["any", "shown"] = "any"


@dataclass(frozen=True, slots=True)
class Role:
    slug: str
    label: str
    family: str
    needs: tuple[Need, ...]
    credentials: tuple[str, ...] = ()
    like: str = ""  # the ESCO occupation it is like
    threshold: str = ""


def must(skill: str, level: int = P, **more: str) -> Need:
    return Need(skill, level, 4, "must", **more)  # type: ignore[arg-type]


def nice(skill: str, level: int = F) -> Need:
    return Need(skill, level, 1, "preferred")


FAMILIES = {
    "cloud": "Cloud platform",
    "data": "Data and systems",
    "success": "Customer success",
    "machines": "Machine operations",
    "quality": "Maintenance and quality",
}

ROLES = (
    Role(
        "cloud-engineer",
        "Cloud engineer",
        "cloud",
        (
            must("ats-skill:k8s", P, proof="shown"),
            must("cloud technologies", P),
            Need("deploy cloud resource", P),
            Need("automate cloud tasks", P),
            Need("ats-skill:terraform", P),
            Need("operating systems", F),
            Need("cyber security", F, 2),
            nice("design cloud architecture"),
            nice("computer programming", P),
        ),
        like="cloud engineer",
    ),
    Role(
        "site-reliability-engineer",
        "Site reliability engineer",
        "cloud",
        (
            must("respond to incidents in cloud", P, proof="shown"),
            Need("cloud monitoring and reporting", A),
            Need("automate cloud tasks", P),
            Need("ats-skill:k8s", P),
            Need("lms-skill:incident-review", F, 2),
            Need("operating systems", P),
            nice("debug software", P),
        ),
        threshold="0.85",
    ),
    Role(
        "cloud-security-engineer",
        "Cloud security engineer",
        "cloud",
        (
            must("implement cloud security and compliance", A, proof="shown"),
            Need("cyber security", P),
            Need("manage keys for data protection", P),
            Need("cloud technologies", P),
            nice("design cloud networks"),
        ),
    ),
    Role(
        "platform-developer",
        "Platform developer",
        "cloud",
        (
            must("computer programming", P, proof="shown"),
            Need("develop with cloud services", P),
            Need("web services", P),
            Need("debug software", P),
            Need("ats-skill:k8s", F, 2),
            nice("automate cloud tasks"),
        ),
    ),
    Role(
        "data-engineer",
        "Data engineer",
        "data",
        (
            must("database management systems", P),
            Need("data models", P),
            Need("data warehouse", P),
            Need("process data", P),
            Need("design database in the cloud", F, 2),
            nice("data analytics", P),
        ),
        like="data engineer",
    ),
    Role(
        "data-steward",
        "Data steward",
        "data",
        (
            Need("manage data", P),
            Need("data models", F),
            Need("data analytics", F),
            Need("establish data processes", P),
            nice("use databases"),
        ),
    ),
    Role(
        "system-administrator",
        "System administrator",
        "data",
        (
            must("administer ICT system", P),
            Need("perform backups", P),
            Need("monitor system performance", P),
            Need("implement a firewall", F, 2),
            Need("operating systems", P),
            nice("network standards"),
        ),
        like="ICT system administrator",
    ),
    Role(
        "service-desk-agent",
        "Service desk agent",
        "data",
        (
            must("provide ICT support", P),
            Need("use ICT ticketing system", P),
            Need("support ICT system users", P),
            Need("prioritise requests", F),
            Need("communicate with customers", P),
            nice("solve ICT system problems"),
        ),
        like="ICT help desk agent",
    ),
    Role(
        "customer-success-manager",
        "Customer success manager",
        "success",
        (
            must("identify customer's needs", P, proof="shown"),
            must("communicate with customers", P),
            Need("build business relationships", P),
            Need("relationship marketing", F, 2),
            Need("measure customer feedback", P),
            Need("manage accounts", P, 2),
            nice("analyse data about clients"),
        ),
        like="client relations manager",
    ),
    Role(
        "onboarding-specialist",
        "Onboarding specialist",
        "success",
        (
            must("communicate with customers", P),
            Need("product comprehension", P),
            Need("listen actively", P),
            Need("create solutions to problems", P, 3, "essential", "narrower"),
            Need("provide customer follow-up services", F),
        ),
    ),
    Role(
        "customer-support-agent",
        "Customer support agent",
        "success",
        (
            must("customer service", P),
            Need("keep records of customer interaction", P),
            Need("perform escalation procedure", P),
            Need("listen actively", P),
            Need("apply conflict management", F, 2),
            nice("process refunds"),
        ),
        like="customer service representative",
    ),
    Role(
        "customer-experience-lead",
        "Customer experience lead",
        "success",
        (
            must("manage the customer experience", A),
            Need("measure customer feedback", A),
            Need("design customer experiences", P),
            Need("improve business processes", P),
            Need("handle customer complaints", P),
        ),
        like="customer experience manager",
    ),
    Role(
        "cnc-operator",
        "CNC operator",
        "machines",
        (
            must("program a CNC controller", P, proof="shown"),
            must("lms-skill:lockout-tagout", F),
            Need("set up the controller of a machine", P),
            Need("operate precision measuring equipment", P),
            Need("read standard blueprints", P),
            Need("perform test run", F, 2),
            nice("use CAM software"),
        ),
        credentials=("machine-permit",),
        like="computer numerical control machine operator",
    ),
    Role(
        "line-operator",
        "Line operator",
        "machines",
        (
            must("lms-skill:lockout-tagout", F),
            Need("monitor automated machines", P),
            Need("supply machine", F),
            Need("remove inadequate workpieces", F),
            Need("quality standards", F),
        ),
        credentials=("machine-permit",),
    ),
    Role(
        "forklift-operator",
        "Forklift operator",
        "machines",
        (
            must("operate forklift", P, proof="shown"),
            Need("conduct forklift inspections", P),
            Need("stack goods", F),
            Need("transport dangerous goods", F, 2),
        ),
        credentials=("forklift-licence",),
        like="forklift operator",
    ),
    Role(
        "shift-lead",
        "Shift lead",
        "machines",
        (
            must("coordinate communication within a team", P),
            Need("plan shifts of employees", P),
            Need("oversee production requirements", P),
            Need("monitor automated machines", P),
            Need("ats-skill:loto", P),
        ),
    ),
    Role(
        "maintenance-technician",
        "Maintenance technician",
        "quality",
        (
            must("ats-skill:loto", P, proof="shown"),
            Need("perform machine maintenance", A),
            Need("troubleshoot", P),
            Need("schedule regular machine maintenance", F),
            Need("read standard blueprints", P),
        ),
        credentials=("machine-permit",),
    ),
    Role(
        "maintenance-planner",
        "Maintenance planner",
        "quality",
        (
            Need("manage maintenance operations", P),
            Need("schedule regular machine maintenance", P),
            Need("inspect data", F),
            Need("communicate problems to senior colleagues", F),
        ),
        like="industrial maintenance supervisor",
    ),
    Role(
        "quality-inspector",
        "Quality inspector",
        "quality",
        (
            must("quality standards", P),
            Need("perform quality audits", P, proof="shown"),
            Need("statistical process control", P),
            Need("write inspection reports", P),
            Need("manage corrective actions", F),
            nice("develop calibration procedures"),
        ),
        like="product quality inspector",
    ),
    Role(
        "safety-officer",
        "Safety officer",
        "quality",
        (
            must("manage health and safety standards", A),
            Need("lms-skill:lockout-tagout", A),
            Need("identify preventive actions", P),
            Need("wear appropriate protective gear", P),
            nice("perform quality audits"),
        ),
    ),
)
"""`manage keys for data protection` is the essential skill that nothing teaches."""
