// Who meets a role's profile: people, ranked and explained.
//
// $ask:
//   role, profile         id of a Role or Requisition; or maps of skill, level, weight, kind, reach, proof; one is null
//   threshold             thousandths of the core that make ready; null: what the opening or the role says
//   at                    the instant, in seconds since 1970 UTC
//   cohort, org_unit      only members of these, lists of ids; null: all
//   people, exclude       only these, not these, lists of ids of people's records; null: all
//   location, kind        only people there; only internal or only external ones; null: all
//   applied_to            only people who applied to the opening of that id; null: all
//   ready_only            whether only people who are ready are shown
//   kinds, verified_only  kinds of evidence that count; whether what is unverified does not
//   spans                 when it may have been shown, each [first, end); null: ever
//   classes, strongest    the class of each kind of evidence; the classes, the strongest first
//   now, units            org units that the viewer is limited to now; null: sees everyone
//   names                 whether the viewer sees names of people
//   limit, explain        how many rows; whether they say what is held and what closes the rest
//   label                 the property of labels in the language asked for, like label@de; null: `label` alone
//   not_offered           statuses of what cannot be recommended
//   home, open            id of the home scale; the end of what has no end

// ---- 1. What is required, and which skills count for it

// part: levels
// part: stated
// part: wanted
WITH levels, CASE WHEN $ask.profile IS NULL THEN stated ELSE wanted END AS profile
// part: requirements

// ---- 2. Who is ranked: lists of persons, of use where their filter is asked for

// part: members
CALL () {
    UNWIND [{field: 'people', ids: $ask.people}, {field: 'exclude', ids: $ask.exclude}] AS asked
    UNWIND range(0, size(coalesce(asked.ids, [])) - 1) AS place
    OPTIONAL MATCH (record:Resource {id: asked.ids[place]})
    WHERE record:Learner
    WITH asked, place, record
    ORDER BY asked.field DESC, place
    RETURN collect({field: asked.field, place: place, person: record._person}) AS named
}
CALL () {
    // by the place of work; where none is stated, by the person's own record
    MATCH (job:Employment)-[:learner]->(record:Learner)
    WHERE $ask.location IS NOT NULL AND job.location IS NOT NULL
      AND coalesce(job.since, 0) <= $ask.at AND $ask.at < coalesce(job.until, $ask.open)
    WITH collect(DISTINCT record._person) AS placed,
         collect(DISTINCT CASE job.location WHEN $ask.location THEN record._person END) AS here
    RETURN here + COLLECT {
        MATCH (record:Learner {location: $ask.location})
        WHERE NOT record._person IN placed
        RETURN DISTINCT record._person
    } AS located
}
CALL () {
    CALL () {
        MATCH (record:Learner {kind: 'internal'})
        WHERE $ask.kind IS NOT NULL
        RETURN record._person AS person
      UNION
        MATCH (job:Employment)-[:learner]->(record:Learner)
        WHERE $ask.kind IS NOT NULL AND coalesce(job.since, 0) <= $ask.at AND $ask.at < coalesce(job.until, $ask.open)
        RETURN record._person AS person
    }
    RETURN collect(person) AS insiders
}
CALL () {
    MATCH (:Resource {id: $ask.applied_to})<-[:requisition]-(application:Application)-[:learner]->(record:Learner)
    WHERE coalesce(application.applied_at, 0) <= $ask.at
    RETURN collect(DISTINCT record._person) AS applicants
}
CALL (profile) {
    UNWIND profile.credentials AS id
    MATCH (:Resource {id: id})<-[:about]-(e:Evidence {kind: 'credential'})-[:learner]->(record:Learner)
    WHERE e.shown_at <= $ask.at AND $ask.at < e._until
      AND NOT ($ask.verified_only AND coalesce(e.verification, '') = 'unverified')
    WITH record._person AS person, count(DISTINCT id) AS held
    WHERE held = size(profile.credentials)
    RETURN collect(person) AS holders
}

// ---- 3. Everyone's points and standing: of a higher standing is who comes first, of the same who shares a rank

CALL (profile, requirements, members, named, located, insiders, applicants, holders) {
    WITH reduce(most = 0, one IN requirements | most + one.weight * 420) AS of,
         reduce(most = 0, one IN requirements | most + CASE WHEN one.core THEN one.weight * 420 ELSE 0 END) AS core_of,
         size([one IN requirements WHERE one.kind = 'must']) AS musts,
         [each IN named WHERE each.field = 'people' | each.person] AS people,
         [each IN named WHERE each.field = 'exclude' | each.person] AS excluded
    CALL (requirements) {
        UNWIND requirements AS one
        UNWIND one.counted AS skill
        WITH one.place AS place, one.proof = 'shown' AS only_shown, skill
        MATCH (skill)<-[s:SUPPORTS]-(e:Evidence)
        WHERE s.since <= $ask.at AND $ask.at < coalesce(s.until, $ask.open)
          AND e.kind IN $ask.kinds
          AND ($ask.spans IS NULL OR any(span IN $ask.spans WHERE span[0] <= s.since AND s.since < span[1]))
          AND NOT ($ask.verified_only AND coalesce(e.verification, '') = 'unverified')
          AND (NOT only_shown OR $ask.classes[e.kind] = 'shown')
        MATCH (e)-[:learner]->(record:Learner)
        WITH place, record, max(s.level) / 1000000 AS level
        WITH place, record._person AS person, max(level) AS level
        WITH requirements[place] AS one, person, level
        WITH one, person, level, one.gain * CASE WHEN level < one.level THEN level ELSE one.level END AS gained
        RETURN person, sum(gained) AS points, sum(CASE WHEN one.core THEN gained ELSE 0 END) AS core,
            sum(CASE WHEN one.kind = 'must' AND level >= one.level THEN 1 ELSE 0 END) AS musts_met,
            sum(CASE WHEN level >= one.level THEN 1 ELSE 0 END) AS met
    }
    WITH of, person, points, met,
         musts_met = musts AND core_of > 0 AND core * 1000 >= profile.threshold * core_of
         AND (profile.credentials = [] OR person IN holders) AS ready
    WHERE points > 0 AND (ready OR NOT $ask.ready_only)
      AND ($ask.units IS NULL OR person IN members[0])
      AND ($ask.cohort IS NULL OR person IN members[1])
      AND ($ask.org_unit IS NULL OR person IN members[2])
      AND ($ask.location IS NULL OR person IN located)
      AND ($ask.kind IS NULL OR (person IN insiders) = ($ask.kind = 'internal'))
      AND ($ask.applied_to IS NULL OR person IN applicants)
      AND ($ask.people IS NULL OR person IN people)
      AND ($ask.exclude IS NULL OR NOT person IN excluded)
    WITH of, points + CASE WHEN ready THEN of + 1 ELSE 0 END AS standing, collect([person, met]) AS persons
    ORDER BY standing DESC
    WITH collect({standing: standing, persons: persons}) AS standings
    CALL (standings) {
        UNWIND standings AS each
        UNWIND each.persons AS one
        WITH each.standing AS standing, one
        ORDER BY standing DESC, one[0]
        LIMIT $ask.limit
        RETURN collect({person: one[0], met: one[1], standing: standing}) AS shown
    }
    WITH standings, shown, last(shown).standing AS lowest
    RETURN shown, reduce(total = 0, each IN standings | total + size(each.persons)) AS total,
        coalesce(head([each IN standings WHERE each.standing = lowest | size(each.persons)]), 0)
        - size([one IN shown WHERE one.standing = lowest]) AS cut_ties
}

// ---- 4. The first rows, explained

// part: closers
CALL (profile, requirements, shown, closers) {
    WITH reduce(most = 0, one IN requirements | most + one.weight * 420) AS of
    UNWIND range(0, size(shown) - 1) AS place
    WITH of, place, shown[place].standing AS standing, shown[place].met AS met, shown[place].person AS person
    CALL (person) {
        MATCH (record:Learner {_person: person})
        WITH record, coalesce(nullIf(record[$ask.label], ''), record.label) AS label
        WHERE $ask.names AND label <> ''
        WITH label ORDER BY record.id <> person, record.id
        RETURN head(collect(label)) AS label
    }
    // part: intervals
    // part: held
    // part: credentials
    WITH of, place, standing, met, person, label, held, credentials, standing % (of + 1) AS points
    ORDER BY place
    RETURN collect({
        person: person, label: label, rank: 1 + size([other IN shown WHERE other.standing > standing]),
        ready: standing > of, score: ((2000000 * points + of) / (2 * of)) / 1000000.0, points: points, of: of,
        met: met, required: size(requirements),
        requirements: CASE WHEN $ask.explain THEN held ELSE [] END,
        closed_by: CASE WHEN $ask.explain THEN reduce(all = [], one IN requirements | all + CASE
            WHEN held[one.place].is_met THEN []
            ELSE [closer IN closers[one.place] | {
                skill: one.skill, learning_object: closer.learning_object, label: closer.label, level: closer.level
            }]
        END) ELSE [] END,
        credentials: CASE WHEN $ask.explain THEN credentials ELSE [] END
    }) AS rows
}
RETURN {
    faults: CASE WHEN ($ask.role IS NULL) = ($ask.profile IS NULL) THEN [{fault: 'either', field: 'role'}] ELSE [] END
    + profile.faults + COLLECT {
        UNWIND [
            {order: 0, field: 'cohort', ids: $ask.cohort, type: 'Cohort'},
            {order: 1, field: 'org_unit', ids: $ask.org_unit, type: 'OrgUnit'},
            {order: 2, field: 'applied_to', ids: [$ask.applied_to], type: 'Requisition'}
        ] AS asked
        UNWIND range(0, size(coalesce(asked.ids, [])) - 1) AS place
        WITH asked, place WHERE asked.ids[place] IS NOT NULL
          AND NOT EXISTS { MATCH (node:Resource {id: asked.ids[place]}) WHERE asked.type IN labels(node) }
        RETURN {fault: 'unknown', field: asked.field, place: place} ORDER BY asked.order, place
    } + [each IN named WHERE each.person IS NULL OR NOT ($ask.units IS NULL OR each.person IN members[0])
         | {fault: 'unknown', field: each.field, place: each.place}],
    rows: rows, total: total, cut_ties: cut_ties, notes: profile.notes
} AS answer
