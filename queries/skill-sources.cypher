// Where a skill comes from: learning objects that teach it, assessments that measure it, credentials that attest it.
// What is an exact match of it, or what it replaces, counts as the skill itself.
//
// $ask:
//   skill         id of a Skill
//   level         only sources that reach this level; null: all
//   reach         exact, or narrower: then sources of narrower skills too
//   at            the instant, in seconds since 1970 UTC
//   label         the property of labels in the language asked for, like label@de; null: `label` alone
//   not_offered   statuses of what cannot be recommended
//   home, open    id of the home scale; the end of what has no end

// part: levels
WITH levels, COLLECT { MATCH (skill:Resource {id: $ask.skill}) WHERE skill:Skill RETURN skill.id } AS asked
WITH levels, asked, {
    requirements: [id IN asked | {skill: id, level: 1, weight: 1, kind: 'essential', reach: $ask.reach, proof: 'any'}]
} AS profile
// part: requirements
CALL (levels, requirements) {
    CALL (levels, requirements) {
        UNWIND requirements AS one
        UNWIND one.counted AS skill
        MATCH (skill)<-[r:TEACHES|ATTESTS]-(source)
        WHERE coalesce(r.since, 0) <= $ask.at AND $ask.at < coalesce(r.until, $ask.open)
        RETURN skill, source, CASE type(r) WHEN 'TEACHES' THEN 'teaches' ELSE 'attests' END AS relation, [] AS cuts,
            last([step IN levels WHERE step.scale = coalesce(r.scale, $ask.home) AND step.bound <= r.level]).rank
            AS level
      UNION ALL
        WITH levels, requirements
        UNWIND requirements AS one
        UNWIND one.counted AS skill
        MATCH (skill)<-[r:MEASURES]-(source)
        WHERE coalesce(r.since, 0) <= $ask.at AND $ask.at < coalesce(r.until, $ask.open)
        WITH skill, source, COLLECT {
            UNWIND split(r.cut_scores, '|') AS cut
            WITH toInteger(trim(split(cut, ':')[0])) AS level, toFloat(trim(split(cut, ':')[1])) AS score
            RETURN {level: level, score: CASE score WHEN toInteger(score) THEN toInteger(score) ELSE score END}
            ORDER BY level
        } AS cuts
        RETURN skill, source, 'measures' AS relation, cuts, last(cuts).level AS level
    }
    WITH skill, source, relation, cuts, level
    WHERE level >= coalesce($ask.level, 1) AND NOT coalesce(source.status, '') IN $ask.not_offered
    WITH skill, source, relation, level, {
        id: source.id, type: head([type IN labels(source) WHERE type <> 'Resource']),
        label: coalesce(nullIf(source[$ask.label], ''), source.label), relation: relation, skill: skill.id,
        level: level, cut_scores: cuts
    } AS row
    ORDER BY CASE relation WHEN 'teaches' THEN 0 WHEN 'measures' THEN 1 ELSE 2 END, level, source.id, skill.id
    RETURN collect(row) AS rows
}
WITH rows, asked, [step IN levels WHERE step.scale = $ask.home | [step.rank, step.id]] AS home
RETURN {
    faults: CASE
        WHEN asked = [] THEN [{fault: 'unknown', field: 'skill'}]
        WHEN $ask.level > reduce(most = 0, step IN home | CASE WHEN step[0] > most THEN step[0] ELSE most END)
        THEN [{fault: 'no_such_level', field: 'level', home: home}]
        ELSE []
    END,
    rows: rows, total: size(rows), notes: []
} AS answer
