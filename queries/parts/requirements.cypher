// requirements: those of `profile`, each with its label and `counted`, the skills that count for it. These are the
// smallest set that holds the skill and, with each in it, its exact matches, what it replaces and, if reached for,
// what is narrower.
CALL (profile) {
    WITH profile, COUNT { (:Skill) } AS most
    UNWIND range(0, size(profile.requirements) - 1) AS place
    WITH place, most, profile.requirements[place] AS one
    MATCH (skill:Resource {id: one.skill})
    WITH place, one, skill, reduce(reached = {all: [skill], new: [skill]}, step IN range(1, most) |
        CASE reached.new WHEN [] THEN reached ELSE head([new IN [COLLECT {
            UNWIND reached.new AS known
            MATCH (known)-[way:EXACT_MATCH|replaced_by|BROADER]-(next:Skill)
            WHERE (type(way) = 'EXACT_MATCH'
                   OR startNode(way) = next AND (type(way) = 'replaced_by' OR one.reach = 'narrower'))
              AND NOT next IN reached.all
            RETURN DISTINCT next
        }] | {all: reached.all + new, new: new}]) END
    ).all AS counted
    ORDER BY place
    RETURN collect(one {
        .*, place: place, label: coalesce(nullIf(skill[$ask.label], ''), skill.label), counted: counted,
        core: one.kind <> 'preferred', gain: one.weight * (420 / one.level)
    }) AS requirements
}
