// wanted: the profile that the question brings, in $ask.profile; of `levels`
CALL (levels) {
    UNWIND range(0, size(coalesce($ask.profile, [])) - 1) AS place
    WITH place, $ask.profile[place] AS one
    OPTIONAL MATCH (skill:Resource {id: one.skill})
    WHERE skill:Skill
    WITH place, one, skill, COLLECT {
        MATCH (skill)-[:replaced_by]->(newer:Skill) RETURN newer.id AS id ORDER BY id
    } AS newer
    ORDER BY CASE one.kind WHEN 'must' THEN 0 WHEN 'essential' THEN 1 ELSE 2 END, one.weight DESC, one.skill
    WITH collect({place: place, one: one, there: skill IS NOT NULL, newer: newer}) AS found
    WITH found, [step IN levels WHERE step.scale = $ask.home | [step.rank, step.id]] AS home
    RETURN {
        requirements: [each IN found | each.one],
        credentials: [],
        threshold: coalesce($ask.threshold, 800),
        notes: COLLECT {
            UNWIND found AS each
            WITH each WHERE each.newer <> []
            RETURN {note: 'replaced', skill: each.one.skill, newer: each.newer} ORDER BY each.place
        } + CASE WHEN all(each IN found WHERE each.one.kind = 'preferred') THEN [{note: 'no_core'}] ELSE [] END,
        faults: COLLECT {
            UNWIND found AS each
            WITH each WHERE NOT each.there
            RETURN {fault: 'unknown', field: 'profile.' + each.place + '.skill'} ORDER BY each.place
        } + COLLECT {
            UNWIND found AS each
            WITH each, 'profile.' + each.place AS field, reduce(most = 0, step IN home |
                 CASE WHEN step[0] > most THEN step[0] ELSE most END) AS most
            UNWIND CASE WHEN any(other IN found WHERE other.place < each.place AND other.one.skill = each.one.skill)
                        THEN [{fault: 'twice', field: field + '.skill'}] ELSE [] END
                 + CASE WHEN each.one.level > most
                        THEN [{fault: 'no_such_level', field: field + '.level', home: home}] ELSE [] END AS fault
            RETURN fault ORDER BY each.place, fault.fault DESC
        }
    } AS wanted
}
