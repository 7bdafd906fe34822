// intervals: what counts of what `person` holds at $ask.at
CALL (person) {
    MATCH (:Learner {_person: person})<-[:learner]-(e:Evidence)-[s:SUPPORTS]->(skill:Skill)
    WHERE s.since <= $ask.at AND $ask.at < coalesce(s.until, $ask.open)
      AND e.kind IN $ask.kinds
      AND ($ask.spans IS NULL OR any(span IN $ask.spans WHERE span[0] <= s.since AND s.since < span[1]))
      AND NOT ($ask.verified_only AND coalesce(e.verification, '') = 'unverified')
    RETURN collect({
        skill: skill.id, node: skill, level: s.level / 1000000, class: $ask.classes[e.kind],
        since: s.since, until: coalesce(s.until, $ask.open), evidence: e.id
    }) AS intervals
}
