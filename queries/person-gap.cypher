// What a person misses for a role: each requirement, what is held towards it, and what to learn, prerequisites first.
//
// $ask:
//   person                id of any of the person's records
//   role, threshold       id of a Role or Requisition; null
//   at                    the instant, in seconds since 1970 UTC
//   kinds, verified_only  kinds of evidence that count; whether what is unverified does not
//   spans                 when it may have been shown, each [first, end); null: ever
//   classes, strongest    the class of each kind of evidence; the classes, the strongest first
//   now, units            org units that the viewer is limited to now; null: sees everyone
//   label                 the property of labels in the language asked for, like label@de; null: `label` alone
//   not_offered           statuses of what cannot be recommended
//   home, open            id of the home scale; the end of what has no end

// ---- 1. What is required, and what is held towards it

// part: levels
// part: person
// part: stated
WITH levels, person, stated AS profile
// part: requirements
// part: intervals
// part: held
// part: credentials
// part: closers

// ---- 2. The way to each learning object that closes what is missing: a list that ends with it, each of its
// prerequisites before it, in the order of their ids. What the person has completed, or was let off, is left out.
// PREREQUISITE should have no cycles: one that it has is entered once.

CALL (person) {
    MATCH (:Learner {_person: person})<-[:learner]-(e:Evidence {kind: 'completion'})-[:about]->(course)
    WHERE e.shown_at <= $ask.at AND $ask.at < e._until
    RETURN collect(DISTINCT course) AS done
}
WITH levels, person, profile, requirements, held, credentials, done,
     [one IN requirements | CASE WHEN held[one.place].is_met THEN [] ELSE closers[one.place] END] AS closers
CALL (closers, done) {
    WITH COUNT { (:LearningObject) } AS most, COLLECT {
        UNWIND closers AS closing
        UNWIND closing AS closer
        RETURN DISTINCT closer.course
    } AS goals
    WITH goals, size(reduce(reached = {all: goals, new: goals}, step IN range(1, most) |
        CASE reached.new WHEN [] THEN reached ELSE head([new IN [COLLECT {
            UNWIND reached.new AS course
            MATCH (course)-[:PREREQUISITE]->(need)
            WHERE NOT need IN reached.all AND NOT need IN done
            RETURN DISTINCT need
        }] | {all: reached.all + new, new: new}]) END
    ).all) AS courses
    UNWIND goals AS goal
    // each step enters the next course that the last one entered needs, or leaves the last one, which is learnt then
    WITH reduce(walk = {entered: [goal], within: [goal], learnt: []}, step IN range(1, 2 * courses) |
        CASE walk.within WHEN [] THEN walk ELSE head([needs IN [COLLECT {
            UNWIND walk.within[-1..] AS course
            MATCH (course)-[:PREREQUISITE]->(need)
            WHERE NOT need IN walk.entered AND NOT need IN done
            RETURN need ORDER BY need.id LIMIT 1
        }] | {
            entered: walk.entered + needs,
            within: CASE needs WHEN [] THEN walk.within[..-1] ELSE walk.within + needs END,
            learnt: walk.learnt + CASE needs WHEN [] THEN walk.within[-1..] ELSE [] END
        }]) END
    ).learnt AS way
    RETURN collect(way) AS ways
}

// ---- 3. The rows

CALL (requirements, held, closers, ways) {
    UNWIND requirements AS one
    WITH one, held[one.place] AS towards, closers[one.place] AS closing
    WITH one, towards, closing, reduce(so_far = [], closer IN closing | so_far + [
        course IN head([way IN ways WHERE last(way) = closer.course]) WHERE NOT course IN so_far
    ]) AS courses
    ORDER BY one.place
    RETURN collect(towards {
        .*, credential: null, closed_by: [course IN courses | {
            learning_object: course.id, label: coalesce(nullIf(course[$ask.label], ''), course.label),
            level: head([closer IN closing WHERE closer.course = course | closer.level]),
            closes: any(closer IN closing WHERE closer.course = course)
        }]
    }) AS skills
}
WITH person, profile, requirements, held, credentials, skills, [each IN credentials | {
    skill: null, credential: each.credential, label: each.label, needed: null, held: null, weight: null, kind: 'must',
    proof: null, is_met: each.is_met, class: null, through: null, evidence: each.evidence, closed_by: []
}] AS required,
    [one IN requirements | one.gain * CASE WHEN held[one.place].is_met THEN one.level ELSE held[one.place].held END]
    AS points
WITH person, profile, requirements, held, credentials, skills, required,
    reduce(all = 0, one IN requirements | all + points[one.place]) AS points,
    reduce(all = 0, one IN requirements | all + one.weight * 420) AS of,
    reduce(core = 0, one IN requirements | core + CASE WHEN one.core THEN points[one.place] ELSE 0 END) AS core,
    reduce(core = 0, one IN requirements | core + CASE WHEN one.core THEN one.weight * 420 ELSE 0 END) AS core_of
RETURN {
    faults: CASE WHEN person IS NULL THEN [{fault: 'unknown', field: 'person'}] ELSE [] END + profile.faults,
    rows: skills + required,
    total: size(skills) + size(required),
    notes: profile.notes + {
        note: 'verdict', points: points, of: of,
        ready: all(one IN requirements WHERE one.kind <> 'must' OR held[one.place].is_met)
            AND all(each IN credentials WHERE each.is_met)
            AND core_of > 0 AND core * 1000 >= profile.threshold * core_of
    }
} AS answer
