"""How the demo company measures: assessments, credentials, rubrics and interview questions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from demo.catalogue.levels import A, P


@dataclass(frozen=True, slots=True)
class Assessment:
    slug: str
    label: str
    type: Literal["task_exercise", "simulation", "portfolio", "interview", "quiz"]
    measures: tuple[tuple[str, str], ...]  # skill, cut scores
    attempts: str = ""
    validity: str = ""
    rubric: str = ""


CUTS = "1:0.5|2:0.7|3:0.9"

ASSESSMENTS = (
    Assessment(
        "cloud-lab",
        "Cloud lab",
        "task_exercise",
        (("deploy cloud resource", CUTS), ("cloud technologies", CUTS)),
    ),
    Assessment(
        "cluster-simulation",
        "Cluster simulation",
        "simulation",
        (("lms-skill:container-orchestration", CUTS),),
    ),
    Assessment(
        "automation-task",
        "Automation task",
        "task_exercise",
        (("automate cloud tasks", CUTS), ("lms-skill:infrastructure-as-code", "1:0.4|2:0.65|3:0.85")),
    ),
    Assessment(
        "incident-simulation",
        "Incident simulation",
        "simulation",
        (("respond to incidents in cloud", CUTS),),
        attempts="latest",
        validity="P2Y",
    ),
    Assessment(
        "observability-portfolio",
        "Observability portfolio",
        "portfolio",
        (("cloud monitoring and reporting", CUTS),),
    ),
    Assessment(
        "security-simulation",
        "Security simulation",
        "simulation",
        (("implement cloud security and compliance", CUTS),),
    ),
    Assessment(
        "programming-task",
        "Programming task",
        "task_exercise",
        (("computer programming", CUTS), ("debug software", CUTS)),
    ),
    Assessment(
        "architecture-portfolio",
        "Architecture portfolio",
        "portfolio",
        (("design cloud architecture", CUTS),),
    ),
    Assessment(
        "data-task",
        "Data task",
        "task_exercise",
        (("database management systems", CUTS), ("data models", CUTS)),
    ),
    Assessment(
        "call-simulation",
        "Call simulation",
        "simulation",
        (("communicate with customers", CUTS), ("customer service", CUTS)),
    ),
    Assessment("discovery-interview", "Discovery interview", "interview", (("identify customer's needs", CUTS),)),
    Assessment("account-review", "Account review", "portfolio", (("manage accounts", CUTS),)),
    Assessment(
        "experience-portfolio",
        "Experience portfolio",
        "portfolio",
        (("manage the customer experience", CUTS), ("measure customer feedback", CUTS)),
    ),
    Assessment("desk-observation", "Desk observation", "task_exercise", (("provide ICT support", CUTS),)),
    Assessment(
        "lockout-observation",
        "Lockout observation",
        "task_exercise",
        (("lms-skill:lockout-tagout", CUTS),),
        attempts="latest",
        validity="P3Y",
    ),
    Assessment(
        "cnc-task",
        "CNC task",
        "task_exercise",
        (("program a CNC controller", CUTS), ("set up the controller of a machine", CUTS)),
    ),
    Assessment(
        "measuring-task",
        "Measuring task",
        "task_exercise",
        (("operate precision measuring equipment", CUTS),),
    ),
    Assessment("forklift-test", "Forklift test", "task_exercise", (("operate forklift", CUTS),)),
    Assessment("maintenance-task", "Maintenance task", "task_exercise", (("perform machine maintenance", CUTS),)),
    Assessment(
        "audit-task",
        "Audit task",
        "task_exercise",
        (("perform quality audits", CUTS), ("quality standards", CUTS)),
    ),
    Assessment("spc-quiz", "Process control quiz", "quiz", (("statistical process control", CUTS),)),
    Assessment("structured-interview", "Structured interview", "interview", (), rubric="panel"),
)


@dataclass(frozen=True, slots=True)
class Credential:
    slug: str
    label: str
    type: Literal["badge", "certificate", "licence"]
    attests: tuple[tuple[str, int], ...]
    validity: str = ""


CREDENTIALS = (
    Credential(
        "machine-permit",
        "Permit to work on machines",
        "licence",
        (("wear appropriate protective gear", P),),
        "P1Y",
    ),
    Credential("forklift-licence", "Forklift licence", "licence", (("operate forklift", P),), "P3Y"),
    Credential(
        "k8s-certificate",
        "Certified container administrator",
        "certificate",
        (("lms-skill:container-orchestration", A),),
        "P3Y",
    ),
    Credential("service-badge", "Service craft badge", "badge", (("customer service", P),)),
)


@dataclass(frozen=True, slots=True)
class Question:
    slug: str
    label: str
    skill: str
    level: int
    criterion: str = field(default="")


RUBRICS: dict[str, tuple[str, tuple[tuple[str, str, str], ...]]] = {
    "panel": (
        "Interview panel",
        (
            ("panel-needs", "Finds the need behind the request", "identify customer's needs"),
            ("panel-talk", "Talks so that others follow", "communicate with customers"),
            ("panel-relations", "Builds lasting relationships", "build business relationships"),
        ),
    ),
    "cloud-panel": (
        "Cloud interview panel",
        (
            ("cloud-panel-incident", "Leads through an incident", "respond to incidents in cloud"),
            ("cloud-panel-containers", "Runs containers in production", "lms-skill:container-orchestration"),
        ),
    ),
    "floor-panel": (
        "Shop floor panel",
        (
            ("floor-panel-team", "Keeps the team informed", "coordinate communication within a team"),
            ("floor-panel-lockout", "Makes machines safe before touching them", "lms-skill:lockout-tagout"),
        ),
    ),
}
"""rubric -> label, criteria (id, label, the skill it assesses); each criterion has four levels of 0 to 3 points."""

QUESTIONS = (
    Question(
        "q-need",
        "Tell us of a customer who asked for the wrong thing.",
        "identify customer's needs",
        P,
        "panel-needs",
    ),
    Question(
        "q-bad-news",
        "How did you bring bad news to a customer?",
        "communicate with customers",
        P,
        "panel-talk",
    ),
    Question(
        "q-renewal",
        "Which customer stayed because of you?",
        "build business relationships",
        P,
        "panel-relations",
    ),
    Question(
        "q-outage",
        "Walk us through the last outage you led.",
        "respond to incidents in cloud",
        P,
        "cloud-panel-incident",
    ),
    Question(
        "q-cluster",
        "A node is gone at three in the morning. What now?",
        "lms-skill:container-orchestration",
        P,
        "cloud-panel-containers",
    ),
    Question(
        "q-handover",
        "How do you hand a shift over?",
        "coordinate communication within a team",
        P,
        "floor-panel-team",
    ),
    Question(
        "q-jam",
        "The line is jammed. What are your first three steps?",
        "lms-skill:lockout-tagout",
        P,
        "floor-panel-lockout",
    ),
)
