// Which roles a person is ready for, or nearest to: roles, ranked.
//
// $ask:
//   person                id of any of the person's records
//   limit                 how many roles
//   at                    the instant, in seconds since 1970 UTC
//   kinds, verified_only  kinds of evidence that count; whether what is unverified does not
//   spans                 when it may have been shown, each [first, end); null: ever
//   classes               the class of each kind of evidence
//   now, units            org units that the viewer is limited to now; null: sees everyone
//   label                 the property of labels in the language asked for, like label@de; null: `label` alone
//   not_offered           statuses of what cannot be recommended
//   home, open            id of the home scale; the end of what has no end

// ---- 1. What is held, and the skills that it counts for: exactly, or for who reaches for narrower skills

// part: levels
// part: person
// part: intervals
CALL (intervals) {
    WITH intervals, COUNT { (:Skill) } AS most
    UNWIND intervals AS each
    WITH most, each.node AS skill, max(each.level) AS any_level,
         max(CASE each.class WHEN 'shown' THEN each.level ELSE 0 END) AS shown_level
    UNWIND [false, true] AS narrower
    WITH any_level, shown_level, narrower, reduce(reached = {all: [skill], new: [skill]}, step IN range(1, most) |
        CASE reached.new WHEN [] THEN reached ELSE head([new IN [COLLECT {
            UNWIND reached.new AS known
            MATCH (known)-[way:EXACT_MATCH|replaced_by|BROADER]-(next:Skill)
            WHERE (type(way) = 'EXACT_MATCH'
                   OR startNode(way) = known AND (type(way) = 'replaced_by' OR narrower))
              AND NOT next IN reached.all
            RETURN DISTINCT next
        }] | {all: reached.all + new, new: new}]) END
    ).all AS counting
    UNWIND counting AS required
    WITH required, narrower, max(any_level) AS any_level, max(shown_level) AS shown_level
    RETURN collect({
        skill: required, reach: CASE WHEN narrower THEN 'narrower' ELSE 'exact' END,
        any: any_level, shown: shown_level
    }) AS counts
}

// ---- 2. The standing towards every role that requires any of these

CALL (person) {
    MATCH (:Learner {_person: person})<-[:learner]-(e:Evidence {kind: 'credential'})-[:about]->(credential:Credential)
    WHERE e.shown_at <= $ask.at AND $ask.at < e._until
      AND NOT ($ask.verified_only AND coalesce(e.verification, '') = 'unverified')
    RETURN collect(DISTINCT credential) AS holds
}
CALL (levels, counts, holds) {
    UNWIND counts AS one
    WITH one, one.skill AS skill
    MATCH (skill)<-[r:REQUIRES]-(role:Role)
    WHERE coalesce(r.reach, 'exact') = one.reach
      AND coalesce(r.since, 0) <= $ask.at AND $ask.at < coalesce(r.until, $ask.open)
      AND NOT coalesce(role.status, '') IN $ask.not_offered
    WITH role, collect({edge: r, held: CASE r.proof WHEN 'shown' THEN one.shown ELSE one.any END}) AS reached
    MATCH (role)-[r:REQUIRES]->(skill:Skill)
    WHERE coalesce(r.since, 0) <= $ask.at AND $ask.at < coalesce(r.until, $ask.open)
    WITH role, reached, r, skill,
         last([step IN levels WHERE step.scale = coalesce(r.scale, $ask.home) AND step.bound <= r.level]).rank AS needed
    WHERE needed > 0
    WITH role, skill, needed, coalesce(r.weight, 1) AS weight, coalesce(r.kind, 'essential') AS kind,
         coalesce(head([each IN reached WHERE each.edge = r | each.held]), 0) AS held
    WITH role, skill, needed, weight, kind, held, weight * 420 AS worth,
         weight * (420 / needed) * CASE WHEN held < needed THEN held ELSE needed END AS gained
    ORDER BY CASE kind WHEN 'must' THEN 0 WHEN 'essential' THEN 1 ELSE 2 END, weight DESC, skill.id
    WITH role, sum(gained) AS points, sum(worth) AS of,
         sum(CASE kind WHEN 'preferred' THEN 0 ELSE gained END) AS core,
         sum(CASE kind WHEN 'preferred' THEN 0 ELSE worth END) AS core_of,
         sum(CASE WHEN kind = 'must' AND held < needed THEN 1 ELSE 0 END) AS musts_missed,
         count(*) AS required,
         collect(CASE WHEN held < needed THEN {skill: skill, needed: needed, held: held, kind: kind} END) AS missing
    WHERE points > 0
    WITH role, points, of, core, core_of, musts_missed, required, missing, COLLECT {
        MATCH (role)-[:REQUIRES_CREDENTIAL]->(credential:Credential)
        WHERE NOT credential IN holds
        RETURN DISTINCT credential.id AS id ORDER BY id
    } AS missing_credentials
    WITH role, points, of, required, missing, missing_credentials,
         musts_missed = 0 AND missing_credentials = [] AND core_of > 0
         AND core * 1000 >= coalesce((role.threshold + 999) / 1000, 800) * core_of AS ready,
         // points / of, exactly: four digits of a number of base 2^22
         reduce(share = {digits: [], rest: points}, digit IN range(1, 4) | {
             digits: share.digits + share.rest * 4194304 / of, rest: share.rest * 4194304 % of
         }).digits AS share
    ORDER BY ready DESC, share DESC, role.id
    RETURN collect({
        role: role, ready: ready, share: share, points: points, of: of, required: required, missing: missing,
        missing_credentials: missing_credentials
    }) AS fits
}

// ---- 3. The first rows

CALL (fits) {
    WITH fits, fits[..$ask.limit] AS shown
    UNWIND range(0, size(shown) - 1) AS place
    WITH shown, place, shown[place] AS fit, shown[place].role AS role
    ORDER BY place
    RETURN collect({
        role: role.id, label: coalesce(nullIf(role[$ask.label], ''), role.label),
        rank: 1 + head([
            other IN range(0, place) WHERE shown[other].ready = fit.ready AND shown[other].share = fit.share
        ]),
        ready: fit.ready, score: ((2000000 * fit.points + fit.of) / (2 * fit.of)) / 1000000.0,
        points: fit.points, of: fit.of, met: fit.required - size(fit.missing), required: fit.required,
        missing: [one IN fit.missing | {
            skill: one.skill.id, label: coalesce(nullIf(one.skill[$ask.label], ''), one.skill.label),
            needed: one.needed, held: one.held, kind: one.kind
        }],
        missing_credentials: fit.missing_credentials
    }) AS rows
}
WITH person, rows, fits, last(fits[..$ask.limit]) AS lowest
RETURN {
    faults: CASE WHEN person IS NULL THEN [{fault: 'unknown', field: 'person'}] ELSE [] END,
    rows: rows, total: size(fits), notes: [],
    cut_ties: size([fit IN fits[$ask.limit..] WHERE fit.ready = lowest.ready AND fit.share = lowest.share])
} AS answer
