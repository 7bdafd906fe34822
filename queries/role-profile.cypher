// What a role, or an opening, requires at an instant.
//
// $ask:
//   role         id of a Role or Requisition
//   threshold    null
//   at           the instant, in seconds since 1970 UTC
//   label        the property of labels in the language asked for, like label@de; null: `label` alone
//   home, open   id of the home scale; the end of what has no end

// part: levels
// part: stated
WITH stated, COLLECT {
    UNWIND stated.requirements AS one
    MATCH (skill:Resource {id: one.skill})
    RETURN {
        skill: one.skill, credential: null, label: coalesce(nullIf(skill[$ask.label], ''), skill.label),
        level: one.level, weight: one.weight, kind: one.kind, reach: one.reach, proof: one.proof,
        rationale: one.rationale
    }
    ORDER BY CASE one.kind WHEN 'must' THEN 0 WHEN 'essential' THEN 1 ELSE 2 END, one.weight DESC, one.skill
} AS skills, COLLECT {
    UNWIND stated.credentials AS id
    MATCH (credential:Resource {id: id})
    RETURN {
        skill: null, credential: id, label: coalesce(nullIf(credential[$ask.label], ''), credential.label), level: null,
        weight: null, kind: 'must', reach: null, proof: null, rationale: null
    }
    ORDER BY id
} AS credentials
RETURN {
    faults: stated.faults,
    rows: skills + credentials,
    total: size(skills) + size(credentials),
    notes: stated.notes + {note: 'threshold', thousandths: stated.threshold}
} AS answer
